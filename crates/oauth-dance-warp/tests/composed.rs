//! The dance's pages and the filters in the ways that warp composes applications.

use bytes::Bytes;
use http::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, HeaderValue,
    LOCATION, SET_COOKIE, VARY,
};
use http::request::Parts;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use oauth_dance::{
    Credentials, Dance, Dances, Key, LoggedIn, LoginRequired, MemoryStore, OAUTH_LOGGED_IN,
    Provider, SignalSet, Visit, providers,
};
use oauth_dance_suites::{FaultyStore, Verb};
use oauth_dance_testkit::{Browser, DevProvider, SocketClient};
use oauth_dance_warp::{Api, App, DanceName, Error, api, maybe_api, parts, routes, service, visit};
use tower_service::Service as _;
use warp::reply::{Reply, Response};
use warp::{Filter, path};

struct Op;

impl DanceName for Op {
    const NAME: &'static str = "op";
}

fn dances(prefix: &str) -> Dances {
    let op = Provider::oauth2(
        "op",
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    Dances::builder("http://127.0.0.1:3000", Key::generate().unwrap())
        .client(SocketClient::new())
        .mount_at(prefix)
        .with(Dance::builder(op).credentials(Credentials::new("id", "secret")))
        .build()
        .unwrap()
}

/// Asks the application for a page as a browser does.
async fn ask(app: App, path: &str) -> Response {
    send(app, "GET", path).await
}

async fn send(mut app: App, method: &str, path: &str) -> Response {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(ACCEPT, "text/html");
    let Ok(response) = app
        .call(request.body(Full::<Bytes>::default()).unwrap())
        .await;
    response
}

fn header(response: &Response, name: HeaderName) -> Vec<&str> {
    let values = response.headers().get_all(name).iter();
    values.map(|it| it.to_str().unwrap()).collect()
}

async fn body(response: Response) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

fn page(_: Api<Op>) -> &'static str {
    "signed in"
}

/// Wrappers of the application inside of the service have set a cookie on the page that asks for a login.
#[tokio::test]
async fn a_page_that_asks_for_a_login_keeps_its_headers() {
    async fn page(visit: Visit) -> Response {
        let dance = visit.dances().get("op").unwrap();
        let mut response = Error::from(LoginRequired::new(dance)).into_response();
        for (name, value) in [
            (SET_COOKIE, "cart=7; Path=/"),
            (SET_COOKIE, "seen=1; Path=/"),
            (CONTENT_LANGUAGE, "en"),
            (CACHE_CONTROL, "public"),
            (VARY, "Accept"),
        ] {
            let value = HeaderValue::from_static(value);
            response.headers_mut().append(name, value);
        }
        response
    }
    let app = service(visit().then(page), &dances(""));
    let response = ask(app, "/").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        header(&response, SET_COOKIE),
        ["cart=7; Path=/", "seen=1; Path=/"]
    );
    assert_eq!(header(&response, CONTENT_LANGUAGE), [""; 0]);
    assert_eq!(header(&response, CACHE_CONTROL), ["no-store"]);
    assert!(header(&response, VARY).contains(&"Accept"));
    assert_eq!(
        header(&response, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2F"]
    );
}

/// The paths of the dances are whole paths. A segment before them does not change them.
#[tokio::test]
async fn a_segment_before_begins_no_login_that_could_not_come_back() {
    for (prefix, segment, path, status) in [
        ("", "login", "/login/op", 303),
        ("", "auth", "/auth/login/op", 404),
        ("/auth", "auth", "/auth/login/op", 303),
        ("/auth", "auth", "/auth/auth/login/op", 404),
        ("/auth", "auth", "/auth/login", 404),
        ("/auth", "auth", "/login/op", 404),
        ("/a/b", "a", "/a/b/login/op", 303),
    ] {
        let dances = dances(prefix);
        let app = service(path::path(segment).and(routes(&dances)), &dances);
        let response = ask(app, path).await;
        assert_eq!(response.status(), status, "{prefix} {segment} {path}");
    }
}

#[tokio::test]
async fn the_dances_leave_the_paths_of_the_application_alone() {
    let dances = dances("");
    let own = path!("login" / ..).map(|| "own");
    let lost = warp::any().map(|| StatusCode::IM_A_TEAPOT);
    let app = service(routes(&dances).or(own).or(lost), &dances);
    for (path, status) in [
        ("/login/op", 303),
        ("/login", 200),
        ("/login/other", 200),
        ("/nowhere", 418),
    ] {
        assert_eq!(ask(app.clone(), path).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn a_path_with_a_slash_at_its_end_is_another_path() {
    let dances = dances("");
    let app = service(routes(&dances), &dances);
    for path in ["/login/op/", "/login/op/authorized/", "/logout/op/"] {
        assert_eq!(ask(app.clone(), path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn every_other_method_is_told_which_one_the_page_takes() {
    let dances = dances("");
    let app = service(routes(&dances), &dances);
    for (method, path, allowed) in [
        ("HEAD", "/login/op", "GET"),
        ("OPTIONS", "/login/op", "GET"),
        ("POST", "/login/op/authorized", "GET"),
        ("GET", "/logout/op", "POST"),
        ("PURGE", "/logout/op", "POST"),
    ] {
        let response = send(app.clone(), method, path).await;
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(header(&response, ALLOW), [allowed]);
    }
}

#[tokio::test]
async fn a_login_returns_to_the_whole_path_of_a_page() {
    let pages = path!("shop" / String / ..)
        .and(path!("page"))
        .and(api())
        .map(|_: String, _: Api<Op>| "");
    let app = service(pages, &dances("/auth"));
    assert_eq!(
        header(&ask(app, "/shop/ada/page?a=b").await, LOCATION),
        ["http://127.0.0.1:3000/auth/login/op?next=%2Fshop%2Fada%2Fpage%3Fa%3Db"]
    );
}

#[tokio::test]
async fn a_script_gets_401_and_no_redirect() {
    let mut app = service(api().map(page), &dances(""));
    let request = Request::get("/").header(ACCEPT, "application/json");
    let Ok(response) = app
        .call(request.body(Full::<Bytes>::default()).unwrap())
        .await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(header(&response, CONTENT_TYPE)[0].contains("json"));
    let body = body(response).await;
    assert!(String::from_utf8_lossy(&body).contains("/login/op"));
}

/// An error type of the application's own around ours.
struct PageError(Error);

impl Reply for PageError {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

#[tokio::test]
async fn an_error_inside_of_the_applications_own_returns_to_the_page() {
    async fn page(visit: Visit) -> Result<String, PageError> {
        let api = visit.api("op").map_err(|error| PageError(error.into()))?;
        let answer = api.get("/me").await;
        let answer = answer.map_err(|error| PageError(error.into()))?;
        Ok(answer.status().to_string())
    }
    let app = service(path!("page").and(visit()).then(page), &dances(""));
    assert_eq!(
        header(&ask(app, "/page").await, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2Fpage"]
    );
}

/// The name may come from a request, as it does here.
#[tokio::test]
async fn k07_a_dance_that_is_unknown_is_answered_without_a_word() {
    async fn page(name: String, visit: Visit) -> Result<String, Error> {
        visit.api(&name)?;
        Ok(String::new())
    }
    let app = service(path!(String).and(visit()).then(page), &dances(""));
    let response = ask(app, "/the-attackers-text").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(body(response).await.is_empty());
}

/// A logout page of the application's own, which takes the whole request.
#[tokio::test]
async fn a_sign_out_by_get_names_the_method_that_is_taken() {
    async fn sign_out(visit: Visit, request: Parts) -> Result<&'static str, Error> {
        visit.sign_out(&request).await?;
        Ok("Good-bye.")
    }
    let app = service(visit().and(parts()).then(sign_out), &dances(""));
    let response = ask(app.clone(), "/").await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&response, ALLOW), ["POST"]);
    assert_eq!(body(send(app, "POST", "/").await).await, "Good-bye.");
}

/// A store that is down does not mean that the browser is signed out.
#[tokio::test]
async fn a_store_that_is_down_is_not_a_browser_that_is_signed_out() {
    let github = DevProvider::standing_in_for(providers::github());
    let store = FaultyStore::new(MemoryStore::new());
    let dances = Dances::builder("https://app.test", Key::generate().unwrap())
        .client(github.client())
        .store(store.clone())
        .with(github.dance().redirect_to("/"))
        .build()
        .unwrap();
    let home = maybe_api().map(|api: Option<Api<providers::GitHub>>| format!("{}", api.is_some()));
    let browser = Browser::of(
        "https://app.test",
        service(routes(&dances).or(home), &dances),
    );
    assert_eq!(browser.get("/").await.unwrap().text(), "false");
    let page = browser.sign_in("/login/github", "ada").await.unwrap();
    assert_eq!(page.text(), "true");
    store.fail(Verb::ALL);
    let page = browser.get("/").await.unwrap();
    assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
}

/// The page depends on who asks.
#[tokio::test]
async fn a_page_that_asks_for_the_user_varies_by_cookie() {
    let page = oauth_dance_warp::maybe_signed_in::<i64>().map(|user| format!("{user:?}"));
    let response = ask(service(page, &dances("")), "/").await;
    assert_eq!(header(&response, VARY), ["cookie"]);
    assert_eq!(body(response).await, "None");
}

/// Who has signed in, and the language of the page.
#[derive(Clone)]
struct Newcomer(String);

#[derive(Clone)]
struct Language(&'static str);

/// A layer around the service gives receivers a value, and a filter takes what they have handed over.
#[tokio::test]
async fn values_go_to_receivers_and_come_back() {
    fn welcome(_: &Dance, login: &LoggedIn) -> Result<(), oauth_dance::Missing> {
        let Language(language) = login.extension()?;
        let name = login.require_identity()?.display_name();
        login.hand_over(Newcomer(format!("{name}, {language}")));
        Ok(())
    }
    let github = DevProvider::standing_in_for(providers::github());
    let signals = SignalSet::new();
    signals.of(&OAUTH_LOGGED_IN).connect(welcome);
    let dances = Dances::builder("https://app.test", Key::generate().unwrap())
        .client(github.client())
        .signals(signals)
        .with(github.dance().redirect_to("/"))
        .build()
        .unwrap();
    let newcomers = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = newcomers.clone();
    let pages = routes(&dances).map(move |mut response: Response| {
        let newcomer = response.extensions_mut().remove();
        seen.lock()
            .unwrap()
            .extend(newcomer.map(|Newcomer(name)| name));
        response
    });
    let home = path::end().map(|| "Home");
    let app = service(pages.or(home), &dances);
    let app = tower::service_fn(move |mut request: Request<_>| {
        request.extensions_mut().insert(Language("en"));
        app.clone().call(request)
    });
    let browser = Browser::of("https://app.test", app);
    let page = browser.sign_in("/login/github", "ada").await.unwrap();
    assert_eq!(page.text(), "Home");
    assert_eq!(*newcomers.lock().unwrap(), ["Ada Lovelace, en"]);
}
