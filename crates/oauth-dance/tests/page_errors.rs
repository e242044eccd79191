//! What an adapter makes of the error of a page, and how it closes the visit on the response.

mod support;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED, LOCATION,
    SET_COOKIE, VARY,
};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use oauth_dance::leaf::{self, Asked, PageError};
use oauth_dance::{DanceName, ErrorPage, LoginRequired, SignOutError, Visit};
use oauth_dance_testkit::Browser;

use self::support::{App, ORIGIN, app, app_with};

/// The error of a page that needs a login.
async fn login_required(visit: &Visit) -> PageError {
    visit.api("op").unwrap().token().await.unwrap_err().into()
}

/// The response of a page that asks for a dance which does not exist.
fn failed(visit: &Visit) -> PageError {
    visit.api("oq").unwrap_err().into()
}

async fn close(visit: &Visit, response: Response<Bytes>) -> Response<Bytes> {
    let (mut head, page) = response.into_parts();
    let login = leaf::close(visit, Asked::default(), &mut head).await;
    Response::from_parts(head, login.unwrap_or(page))
}

fn all(response: &Response<Bytes>, name: HeaderName) -> Vec<&str> {
    let values = response.headers().get_all(name).iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

/// A visit by GET to `path`.
fn visit_to(app: &App, browser: &Browser, path: &str) -> Visit {
    let head = browser.head(format!("{ORIGIN}{path}")).unwrap();
    app.dances.visit(&head)
}

#[tokio::test]
async fn a_login_that_is_needed_returns_to_the_page() {
    let app = app();
    let visit = visit_to(&app, &app.browser(), "/mine?tab=2");
    let response = close(&visit, login_required(&visit).await.response()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let expected = format!("{ORIGIN}/login/op?next=%2Fmine%3Ftab%3D2");
    assert_eq!(all(&response, LOCATION), [expected]);
}

#[tokio::test]
async fn a_script_gets_the_body_of_the_login_in_place_of_the_pages() {
    let app = app();
    let mut head = app.browser().head(ORIGIN).unwrap();
    let script = HeaderValue::from_static("XMLHttpRequest");
    head.headers.insert("x-requested-with", script);
    let visit = app.dances.visit(&head);
    let page = login_required(&visit).await.response();
    let response = close(&visit, page.map(|_| Bytes::from("the page"))).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(all(&response, CONTENT_TYPE), ["application/json"]);
    let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert!(body.is_object());
}

/// What the page depends on, the response in its place depends on as well. Here that is a page of the application's own,
/// in the language of the browser.
#[tokio::test]
async fn a_vary_of_the_page_stays_beside_that_of_the_login() {
    let own = |_: &ErrorPage<'_>| {
        let page = Response::builder().header(VARY, "Accept-Language");
        page.body(Bytes::from("no account")).ok()
    };
    let app = app_with(|dance| dance, |dances| dances.pages(own));
    let visit = app.visit(&app.signed_in().await);
    let error = PageError::from(visit.require_user().await.unwrap_err());
    let mut page = error.response();
    page.headers_mut()
        .append(VARY, HeaderValue::from_static("Origin"));
    let response = close(&visit, page).await;
    assert_eq!(response.body(), "no account");
    let vary = all(&response, VARY);
    assert!(vary.contains(&"Origin"), "{vary:?}");
    assert!(vary.contains(&"Accept-Language"), "{vary:?}");
}

/// A session layer has set its cookie on the page that asks for the login.
#[tokio::test]
async fn headers_of_a_page_stay_where_a_login_takes_its_place() {
    let app = app();
    let visit = visit_to(&app, &app.browser(), "/");
    let mut page = login_required(&visit).await.response();
    for (name, value) in [
        (SET_COOKIE, "cart=7; Path=/"),
        (SET_COOKIE, "theme=dark; Path=/"),
        (VARY, "Accept"),
        (HeaderName::from_static("x-request-id"), "7"),
    ] {
        page.headers_mut()
            .append(name, HeaderValue::from_static(value));
    }
    let response = close(&visit, page).await;
    let cookies = all(&response, SET_COOKIE);
    assert_eq!(cookies, ["cart=7; Path=/", "theme=dark; Path=/"]);
    assert!(all(&response, VARY).contains(&"Accept"));
    assert_eq!(
        all(&response, HeaderName::from_static("x-request-id")),
        ["7"]
    );
}

#[tokio::test]
async fn headers_of_a_pages_body_go_where_a_login_takes_its_place() {
    let app = app();
    let visit = visit_to(&app, &app.browser(), "/");
    let mut page = login_required(&visit).await.response();
    let surrogate = HeaderName::from_static("surrogate-control");
    let cdn = HeaderName::from_static("cdn-cache-control");
    for name in [
        &CACHE_CONTROL,
        &CONTENT_LANGUAGE,
        &ETAG,
        &EXPIRES,
        &LAST_MODIFIED,
        &surrogate,
        &cdn,
    ] {
        page.headers_mut()
            .insert(name, HeaderValue::from_static("of the page"));
    }
    let response = close(&visit, page).await;
    for name in [
        CONTENT_LANGUAGE,
        ETAG,
        EXPIRES,
        LAST_MODIFIED,
        surrogate,
        cdn,
    ] {
        assert_eq!(all(&response, name), [""; 0]);
    }
    assert_eq!(all(&response, CACHE_CONTROL), ["no-store"]);
}

#[tokio::test]
async fn without_an_adapter_that_closes_a_login_leads_to_its_usual_place() {
    let app = app();
    let visit = visit_to(&app, &app.browser(), "/mine");
    let response = login_required(&visit).await.response();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(all(&response, LOCATION), [format!("{ORIGIN}/login/op")]);
}

#[tokio::test]
async fn closing_puts_the_cookies_of_the_visit_on_the_page() {
    let app = app();
    let browser = app.browser();
    let visit = visit_to(&app, &browser, "/");
    visit.flash("Saved.");
    let response = close(&visit, Response::new(Bytes::from("the page"))).await;
    assert_eq!(response.body(), "the page");
    browser.take_cookies(ORIGIN, response.headers()).unwrap();
    let flashes = visit_to(&app, &browser, "/").take_flashes();
    assert_eq!(flashes.len(), 1);
}

/// A page without an error is left as it is.
#[tokio::test]
async fn a_page_that_asked_for_nothing_is_left_as_it_is() {
    let app = app();
    let visit = visit_to(&app, &app.browser(), "/");
    let mut page = Response::new(Bytes::from("the page"));
    *page.status_mut() = StatusCode::IM_A_TEAPOT;
    page.headers_mut()
        .insert(ETAG, HeaderValue::from_static("\"7\""));
    let response = close(&visit, page).await;
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(response.headers().len(), 1);
    assert_eq!(response.body(), "the page");
}

#[tokio::test]
async fn a_sign_out_by_another_method_names_the_one_that_is_taken() {
    let app = app();
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    let head = browser.head(ORIGIN).unwrap();
    assert_eq!(head.method, Method::GET);
    let error: SignOutError = visit.sign_out(&head).await.unwrap_err();
    let response = PageError::from(error).response();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(all(&response, ALLOW), ["POST"]);
}

#[tokio::test]
async fn the_error_of_an_api_call_can_be_looked_at() {
    let app = app();
    let visit = visit_to(&app, &app.browser(), "/");
    assert!(failed(&visit).as_api_error().is_some());
    assert!(!failed(&visit).is_login_required());
    assert!(login_required(&visit).await.is_login_required());
    let dance = visit.dances().get("op").unwrap();
    assert!(PageError::from(LoginRequired::new(dance)).is_login_required());
    let no_visit = PageError::no_visit(Asked::default(), "the layer");
    assert!(no_visit.as_api_error().is_none());
    assert_eq!(no_visit.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(no_visit.to_string().ends_with("check the layer"));
}

struct Op;

impl DanceName for Op {
    const NAME: &'static str = "op";
}

struct Nothing;

impl DanceName for Nothing {
    const NAME: &'static str = "nothing";
}

#[tokio::test]
async fn the_api_of_a_type_is_that_of_the_dance_with_its_name() {
    let app = app();
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    let api = leaf::Api::<Op>::of(&visit).await.unwrap();
    let token = visit.api("op").unwrap().token().await.unwrap();
    assert_eq!(
        api.token().access_token().secret(),
        token.access_token().secret()
    );
}

#[tokio::test]
async fn who_is_not_signed_in_has_no_api_and_a_misspelt_dance_is_an_error() {
    let app = app();
    let visit = app.visit(&app.browser());
    let api = leaf::Api::<Op>::of_signed_in(&visit).await.unwrap();
    assert!(api.is_none());
    assert!(leaf::Api::<Nothing>::of_signed_in(&visit).await.is_err());
}

#[cfg(feature = "tracing")]
mod events {
    //! One event for each error, with what is known of the request.

    use http::Uri;

    use super::*;
    use crate::support::log::{events_of, says};

    #[tokio::test]
    async fn an_error_leaves_one_event_however_many_responses_are_made_of_it() {
        let app = app();
        let visit = visit_to(&app, &app.browser(), "/");
        let error = failed(&visit);
        let uri = Uri::from_static("/users/ada");
        let asked = Asked::new(&Method::PUT, &uri);
        let events = events_of(async {
            let (mut head, _) = error.response().into_parts();
            assert!(leaf::close(&visit, asked, &mut head).await.is_none());
            assert_eq!(head.status, StatusCode::INTERNAL_SERVER_ERROR);
            drop(error.response());
            error.clone().tell(Asked::default());
        })
        .await;
        assert_eq!(events.len(), 1, "{events:#?}");
        says(&events[0], &[("method", "PUT"), ("route", "/users/ada")]);
    }

    #[tokio::test]
    async fn an_error_whose_response_is_dropped_leaves_its_event_with_the_last_copy() {
        let app = app();
        let error = failed(&visit_to(&app, &app.browser(), "/"));
        let response = error.response();
        let copy = response.extensions().clone();
        let before = events_of(async { drop(response) }).await;
        assert!(before.is_empty(), "{before:#?}");
        let events = events_of(async { drop(copy) }).await;
        assert_eq!(events.len(), 1, "{events:#?}");
        assert!(!events[0].contains_key("route"), "{events:#?}");
    }

    #[tokio::test]
    async fn an_error_of_which_no_response_is_made_leaves_no_event() {
        let app = app();
        let error = failed(&visit_to(&app, &app.browser(), "/"));
        let events = events_of(async { drop(error) }).await;
        assert!(events.is_empty(), "{events:#?}");
    }

    #[tokio::test]
    async fn an_extractors_error_leaves_its_event_at_once() {
        let app = app();
        let visit = visit_to(&app, &app.browser(), "/");
        let error = visit.api("oq").unwrap_err();
        let events = events_of(async {
            let error = PageError::of_extractor(Asked::default(), error);
            drop(error.response());
        })
        .await;
        assert_eq!(events.len(), 1, "{events:#?}");
    }

    #[tokio::test]
    async fn a_login_that_is_needed_leaves_no_event() {
        let app = app();
        let visit = visit_to(&app, &app.browser(), "/");
        let error = visit.api("op").unwrap().token().await.unwrap_err();
        let events = events_of(async {
            let error = PageError::of_extractor(Asked::default(), error);
            close(&visit, error.response()).await;
        })
        .await;
        assert!(events.is_empty(), "{events:#?}");
    }

    #[tokio::test]
    async fn a_missing_visit_is_told_with_what_to_check() {
        let uri = Uri::from_static("/mine?code=secret");
        let events = events_of(async {
            let asked = Asked::new(&Method::GET, &uri);
            drop(PageError::no_visit(asked, "the layer").response());
        })
        .await;
        assert_eq!(events.len(), 1, "{events:#?}");
        says(&events[0], &[("route", "/mine"), ("check", "the layer")]);
    }

    #[tokio::test]
    async fn a_sign_out_that_was_refused_is_told_with_what_to_check() {
        let app = app();
        let browser = app.signed_in().await;
        let visit = app.visit(&browser);
        let head = browser.head(ORIGIN).unwrap();
        let error = visit.sign_out(&head).await.unwrap_err();
        let events = events_of(async {
            close(&visit, PageError::from(error).response()).await;
        })
        .await;
        assert_eq!(events.len(), 1, "{events:#?}");
        assert!(
            events[0]["check"].contains("signs out by POST"),
            "{events:#?}"
        );
    }
}
