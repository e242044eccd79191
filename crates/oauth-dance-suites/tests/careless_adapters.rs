//! The adapter suite fails adapters that are wrong.

mod habits;
mod no_framework;

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, COOKIE, HOST, HeaderValue, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use oauth_dance::{Dances, leaf};
use oauth_dance_suites::adapter_suite;
use oauth_dance_suites::adapter_suite::{Adapter, pages};

use crate::habits::*;
use crate::no_framework::Reading;

/// What a careless adapter does to requests on their way in and to responses on their way out.
trait Habit: 'static {
    const READING: Reading = Reading::CAREFUL;

    fn request(_: &mut Request<Bytes>) {}
    fn response(_: &Parts, _: &mut Response<Bytes>) {}

    fn answer(dances: Dances, request: Request<Bytes>) -> Answering {
        Box::pin(no_framework::answer(dances, request))
    }
}

type Answering = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;

/// The application without a framework, spoiled by a habit.
fn careless<H: Habit>() -> Adapter {
    Adapter::new(|dances| {
        no_framework::serve(
            dances,
            H::READING,
            async |dances, mut request: Request<Bytes>| {
                H::request(&mut request);
                let (parts, body) = request.into_parts();
                let request = Request::from_parts(parts.clone(), body);
                let mut response = H::answer(dances, request).await;
                H::response(&parts, &mut response);
                response
            },
        )
    })
}

/// A map of headers with one value for each name.
struct KeepsOneCookie;

impl Habit for KeepsOneCookie {
    fn response(_: &Parts, response: &mut Response<Bytes>) {
        let last = response
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .next_back()
            .cloned();
        if let Some(last) = last {
            response.headers_mut().insert(SET_COOKIE, last);
        }
    }
}

struct ReadsOneCookieHeader;

impl Habit for ReadsOneCookieHeader {
    fn request(request: &mut Request<Bytes>) {
        if let Some(first) = request.headers().get(COOKIE).cloned() {
            request.headers_mut().insert(COOKIE, first);
        }
    }
}

/// A middleware that sets its own caching policy.
struct Caches;

impl Habit for Caches {
    fn response(_: &Parts, response: &mut Response<Bytes>) {
        let policy = HeaderValue::from_static("max-age=60");
        response.headers_mut().insert(CACHE_CONTROL, policy);
    }
}

/// A middleware that logs every request.
struct LogsRequests;

impl Habit for LogsRequests {
    fn request(request: &mut Request<Bytes>) {
        tracing::trace!(uri = %request.uri(), "a request");
    }
}

/// A helpful error page.
struct EchoesTheQuery;

impl Habit for EchoesTheQuery {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        if response.status() == StatusCode::BAD_REQUEST {
            let query = request.uri.query().unwrap_or_default().to_owned();
            *response.body_mut() = Bytes::from(format!("not understood: {query}"));
        }
    }
}

/// Redirects that are made absolute with the host of the request.
struct FollowsTheHost;

impl Habit for FollowsTheHost {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        let host = request
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok());
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|to| to.to_str().ok());
        if let (Some(host), Some(location)) = (host, location) {
            let location = location.replace("app.localhost", host);
            let location = HeaderValue::try_from(location).expect("a header value");
            response.headers_mut().insert(LOCATION, location);
        }
    }
}

/// Routers answer HEAD by what they have for GET.
struct TakesHeadForGet;

impl Habit for TakesHeadForGet {
    const READING: Reading = ReadsTheBodyFirst::READING;

    fn request(request: &mut Request<Bytes>) {
        if request.method() == Method::HEAD {
            *request.method_mut() = Method::GET;
        }
    }
}

struct ForgetsToFinishTheVisit;

impl Habit for ForgetsToFinishTheVisit {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        if request.uri.path() == pages::HOME {
            response.headers_mut().remove(SET_COOKIE);
        }
    }
}

struct ForgetsWhereTo;

impl Habit for ForgetsWhereTo {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        if request.uri.path() == pages::ME && response.status() == StatusCode::SEE_OTHER {
            let login = HeaderValue::from_static("https://app.localhost/login/op");
            response.headers_mut().insert(LOCATION, login);
        }
    }
}

/// Whatever goes wrong, somebody has to sign in.
struct TakesErrorsForLogouts;

impl Habit for TakesErrorsForLogouts {
    fn response(_: &Parts, response: &mut Response<Bytes>) {
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            *response.status_mut() = StatusCode::SEE_OTHER;
        }
    }
}

/// An error page that says what the error says.
struct ShowsErrors;

impl Habit for ShowsErrors {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        if response.status().is_server_error() && request.uri.path() == pages::PROFILE {
            *response.body_mut() = Bytes::from("loading a token: the database is locked");
        }
    }
}

/// A helpful page for what is not found.
struct RepeatsTheName;

impl Habit for RepeatsTheName {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        if request.uri.path() == pages::MISSPELT {
            let body = format!("no dance is called {}, but op is", pages::NO_DANCE);
            *response.body_mut() = Bytes::from(body);
        }
    }
}

/// A framework that reads the body before any code of ours runs.
struct ReadsTheBodyFirst;

impl Habit for ReadsTheBodyFirst {
    const READING: Reading = Reading {
        looks_at_the_method_first: false,
        ..Reading::CAREFUL
    };
}

struct ReadsLongBodies;

impl Habit for ReadsLongBodies {
    const READING: Reading = Reading {
        most: leaf::MAX_BODY_BYTES + 1,
        ..Reading::CAREFUL
    };
}

struct ReadsShortBodies;

impl Habit for ReadsShortBodies {
    const READING: Reading = Reading {
        most: leaf::MAX_BODY_BYTES - 1,
        ..Reading::CAREFUL
    };
}

struct WaitsForever;

impl Habit for WaitsForever {
    const READING: Reading = Reading {
        deadline: Duration::from_secs(3600),
        ..Reading::CAREFUL
    };
}

struct TakesWhatCame;

impl Habit for TakesWhatCame {
    const READING: Reading = Reading {
        takes_what_came: true,
        ..Reading::CAREFUL
    };
}

/// Puts another path in place of that of the request.
fn rewrite(request: &mut Request<Bytes>, path: &str) {
    let query = request.uri().query().map(|query| format!("?{query}"));
    let uri = format!("{path}{}", query.unwrap_or_default());
    if let Ok(uri) = uri.parse() {
        *request.uri_mut() = uri;
    }
}

/// A router that forgives a slash at the end.
struct TakesTheSlashOff;

impl Habit for TakesTheSlashOff {
    fn request(request: &mut Request<Bytes>) {
        let path = request.uri().path().trim_end_matches('/').to_owned();
        if !path.is_empty() {
            rewrite(request, &path);
        }
    }
}

/// A router that compares paths after it has decoded them.
struct DecodesPaths;

impl Habit for DecodesPaths {
    fn request(request: &mut Request<Bytes>) {
        let path = request.uri().path().replace("%6f", "o").replace("%61", "a");
        rewrite(request, &path);
    }
}

struct TakesAnyMethodForGet;

impl Habit for TakesAnyMethodForGet {
    const READING: Reading = ReadsTheBodyFirst::READING;

    fn request(request: &mut Request<Bytes>) {
        if !matches!(*request.method(), Method::GET | Method::POST) {
            *request.method_mut() = Method::GET;
        }
    }
}

/// A page of one's own for the mistake.
struct NamesTheMissingCall;

impl Habit for NamesTheMissingCall {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        if request.uri.path() == pages::WITHOUT_VISIT {
            *response.body_mut() = Bytes::from("wrap the page in `oauth_dance::layer`");
        }
    }
}

macro_rules! caught {
    ($($by:ident: $habit:ty;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        #[should_panic]
        async fn $by() {
            adapter_suite::$by(&careless::<$habit>()).await;
        }
    )*};
}

caught! {
    g14_a_pages_cookie_goes_out_beside_the_dances: KeepsOneCookie;
    g11_r66_every_cookie_has_the_strictest_attributes: KeepsOneCookie;
    a13_the_authentic_one_of_several_cookies_counts: ReadsOneCookieHeader;
    a01_a_callback_without_state_is_rejected: Caches;
    k01_no_event_shows_a_secret: LogsRequests;
    a04_another_browsers_callback_is_rejected: LogsRequests;
    a06_a_callback_works_once: EchoesTheQuery;
    c11_the_login_is_on_the_configured_origin: FollowsTheHost;
    a21_only_a_get_finishes_a_login: TakesHeadForGet;
    s05_a_flash_message_shows_on_the_next_page_once: ForgetsToFinishTheVisit;
    r11_a_page_that_needs_a_login_is_come_back_to: ForgetsWhereTo;
    l08_a_store_that_is_down_is_an_error_and_no_logout: TakesErrorsForLogouts;
    k07_a_page_that_fails_does_not_say_why: ShowsErrors;
    k07_a_page_that_names_no_dance_says_so_in_the_log_alone: RepeatsTheName;
    k07_a_page_without_a_visit_says_so_in_the_log_alone: NamesTheMissingCall;
    a13_a_login_over_http_2_signs_in: KeepsOneCookie;
    g14_over_http_2_a_pages_cookie_goes_out_beside_the_dances: KeepsOneCookie;
    a19_a_wrong_method_is_answered_before_its_body: ReadsTheBodyFirst;
    a21_every_other_method_is_told_which_one_the_page_takes: TakesHeadForGet;
    a21_an_unknown_method_touches_no_page: TakesAnyMethodForGet;
    a24_a_body_of_one_byte_too_many_is_refused: ReadsLongBodies;
    a24_a_body_of_the_whole_length_is_read: ReadsShortBodies;
    a24_a_body_that_breaks_off_is_refused: TakesWhatCame;
    a24_a_body_that_does_not_end_is_given_up: WaitsForever;
    a33_another_spelling_of_a_path_is_another_path: TakesTheSlashOff;
    a33_another_spelling_of_the_callback_is_another_path: DecodesPaths;
    a13_over_http_2_a_browser_signs_in_and_out: ReadsOneCookieHeader;
    a21_a_head_of_a_page_is_its_get_without_a_body: KnowsNoHead;
    a24_a_target_of_eight_kilobytes_is_read: TakesShortTargets;
    a24_over_http_2_a_body_of_one_byte_too_many_is_refused: ReadsLongBodies;
    a24_over_http_2_a_body_that_is_reset_ends_no_session: TakesWhatCame;
    a33_another_spelling_of_a_mounted_path_is_another_path: LowersPaths;
    a33_over_http_2_a_login_at_another_name_begins_at_the_origin: DropsTheAuthority;
    c11_a_target_in_absolute_form_is_the_same_page: TakesTheTargetForAPath;
    h01_a_receiver_reads_fields_byte_for_byte: ReadsFieldsAsText;
    h01_a_receivers_fields_go_out_byte_for_byte: WritesFieldsAsText;
    h09_a_browser_that_leaves_in_its_callback_leaves_no_half_login: RepeatsWhatIsDropped;
    h09_a_stream_that_is_reset_in_its_callback_leaves_no_half_login: RepeatsWhatIsDropped;
    k07_a_call_that_fails_has_the_status_of_its_failure: HasOneStatusForUpstreams;
    l01_a_logout_outlives_the_browser_that_asked: EndsWithItsRequest;
    r11_the_query_of_a_page_is_kept_byte_for_byte: WritesQueriesAnew;
}

/// The same cases for another harm.
mod again {
    use super::*;

    caught! {
        a13_a_login_over_http_2_signs_in: KnowsNoHttp2;
        a21_every_other_method_is_told_which_one_the_page_takes: NamesNoMethod;
        a33_another_spelling_of_a_path_is_another_path: LowersPaths;
    }
}

/// A habit that does no harm passes, so it is the harm that is caught above.
struct Careful;

impl Habit for Careful {}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_careful_adapter_passes() {
    adapter_suite::g14_a_pages_cookie_goes_out_beside_the_dances(&careless::<Careful>()).await;
    adapter_suite::k01_no_event_shows_a_secret(&careless::<Careful>()).await;
}

#[test]
fn a_case_that_fails_may_be_an_exception() {
    let careless = careless::<KeepsOneCookie>();
    let excepted = careless.except(
        "g14_a_pages_cookie_goes_out_beside_the_dances",
        "one cookie",
    );
    adapter_suite::run(&excepted, "g14_a_pages_cookie_goes_out_beside_the_dances");
}

#[test]
#[should_panic(expected = "holds: take it off the exceptions")]
fn a_case_that_holds_is_no_exception() {
    let careful = careless::<Careful>();
    let excepted = careful.except("g14_a_pages_cookie_goes_out_beside_the_dances", "no reason");
    adapter_suite::run(&excepted, "g14_a_pages_cookie_goes_out_beside_the_dances");
}

#[test]
#[should_panic(expected = "the suite has no case a00_nothing")]
fn an_exception_is_a_case_of_the_suite() {
    let careful = careless::<Careful>().except("a00_nothing", "no reason");
    adapter_suite::run(&careful, "g14_a_pages_cookie_goes_out_beside_the_dances");
}
