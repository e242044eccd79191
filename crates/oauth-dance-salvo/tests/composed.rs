//! The dances' routes and the middleware in the ways that salvo composes applications.

mod support;

use oauth_dance::LoginRequired;
use oauth_dance_salvo::{Api, Error, Parts, Visit, routes, visits};
use salvo_core::catcher::Catcher;
use salvo_core::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, LOCATION, SET_COOKIE, VARY,
};
use salvo_core::http::{Method, StatusCode};
use salvo_core::prelude::*;
use salvo_core::test::{RequestBuilder, ResponseExt as _, TestClient};

use crate::support::{Op, dances};

/// Asks the application for a page as a browser does.
async fn ask(service: &Service, method: Method, path: &str) -> Response {
    RequestBuilder::new(format!("http://127.0.0.1:3000{path}"), method)
        .add_header("accept", "text/html", true)
        .send(service)
        .await
}

async fn open(service: &Service, path: &str) -> Response {
    ask(service, Method::GET, path).await
}

fn all(response: &Response, name: HeaderName) -> Vec<&str> {
    let values = response.headers().get_all(name).iter();
    values.map(|it| it.to_str().unwrap()).collect()
}

fn at(path: &str, handler: impl Handler) -> Router {
    Router::with_path(path).get(handler)
}

#[handler]
async fn page(_api: Api<Op>) -> &'static str {
    "signed in"
}

#[handler]
async fn own() -> &'static str {
    "own"
}

#[handler]
async fn lost(visit: Visit) -> Result<String, Error> {
    Ok(format!("{:?}", visit.api("no-such")?))
}

/// A hoop inside of ours has set its cookie on the page that asks for a login.
#[tokio::test]
async fn a_page_that_asks_for_a_login_keeps_its_headers() {
    #[handler]
    async fn page(visit: Visit, res: &mut Response) -> Result<(), Error> {
        for (name, value) in [
            (SET_COOKIE, "cart=7; Path=/"),
            (SET_COOKIE, "seen=1; Path=/"),
            (CONTENT_LANGUAGE, "en"),
            (CACHE_CONTROL, "public"),
            (VARY, "Accept"),
        ] {
            res.headers_mut().append(name, value.parse().unwrap());
        }
        Err(LoginRequired::new(visit.dances().get("op").unwrap()).into())
    }
    let service = Service::new(at("page", page)).hoop(visits(&dances("")));
    let response = open(&service, "/page").await;
    assert_eq!(response.status_code, Some(StatusCode::SEE_OTHER));
    assert_eq!(
        all(&response, SET_COOKIE),
        ["cart=7; Path=/", "seen=1; Path=/"]
    );
    assert_eq!(all(&response, CONTENT_LANGUAGE), [""; 0]);
    assert_eq!(all(&response, CACHE_CONTROL), ["no-store"]);
    assert!(all(&response, VARY).contains(&"Accept"));
    assert_eq!(
        all(&response, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2Fpage"]
    );
}

/// The paths of the dances are whole paths. A router above does not change them.
#[tokio::test]
async fn a_router_above_begins_no_login_that_could_not_come_back() {
    for (prefix, above, path, status) in [
        ("", "", "/login/op", 303),
        ("", "login", "/login/op", 303),
        ("", "auth", "/auth/login/op", 404),
        ("/auth", "", "/auth/login/op", 303),
        ("/auth", "auth", "/auth/login/op", 303),
        ("/auth", "auth", "/auth/auth/login/op", 404),
        ("/auth", "auth", "/auth/login", 404),
        ("/a/b", "a/{b}", "/a/b/login/op", 303),
        ("/a/b", "a/{b}", "/a/c/login/op", 404),
    ] {
        let router = Router::with_path(above).push(routes(&dances(prefix)));
        let response = open(&Service::new(router), path).await;
        let found = response.status_code.map(|status| status.as_u16());
        assert_eq!(found, Some(status), "{prefix} {above} {path}");
    }
}

#[tokio::test]
async fn the_dances_leave_the_paths_of_the_application_alone() {
    let router = Router::new()
        .push(routes(&dances("")))
        .push(at("login", own))
        .push(at("login/{name}", own));
    let service = Service::new(router);
    for (path, status) in [("/login/op", 303), ("/login", 200), ("/login/other", 200)] {
        let found = open(&service, path).await.status_code;
        assert_eq!(found.map(|status| status.as_u16()), Some(status), "{path}");
    }
}

/// The router of the dances looks at every path, and captures none that it does not take.
#[tokio::test]
async fn the_dances_leave_no_parameter_for_the_pages_of_the_application() {
    #[handler]
    async fn names(req: &mut Request) -> String {
        format!("{:?}", req.params().keys().collect::<Vec<_>>())
    }
    let router = Router::new()
        .push(routes(&dances("")))
        .push(at("login/{name}", names));
    let mut response = open(&Service::new(router), "/login/other").await;
    assert_eq!(response.take_string().await.unwrap(), r#"["name"]"#);
}

#[tokio::test]
async fn the_dances_leave_a_wrong_method_to_the_pages_of_the_application() {
    let router = Router::new().push(routes(&dances(""))).push(at("own", own));
    let response = ask(&Service::new(router), Method::POST, "/own").await;
    let status = response.status_code;
    assert_eq!(status, Some(StatusCode::METHOD_NOT_ALLOWED));
    assert_eq!(all(&response, ALLOW), ["GET"]);
}

/// salvo's own paths take a slash at the end. Those of the dances do not, and neither do other spellings.
#[tokio::test]
async fn another_spelling_is_another_path() {
    let service = Service::new(Router::new().push(routes(&dances(""))));
    for path in [
        "/login/op/",
        "/login/op/authorized/",
        "/logout/op/",
        "//login/op",
        "/login//op",
        "/login/%6fp",
        "/login%2fop",
    ] {
        let response = open(&service, path).await;
        assert_eq!(response.status_code, Some(StatusCode::NOT_FOUND), "{path}");
        assert_eq!(all(&response, SET_COOKIE), [""; 0], "{path}");
    }
}

#[tokio::test]
async fn every_other_method_is_told_which_one_the_page_takes() {
    let service = Service::new(Router::new().push(routes(&dances(""))));
    for (method, path, allowed) in [
        (Method::HEAD, "/login/op", "GET"),
        (Method::OPTIONS, "/login/op", "GET"),
        (Method::POST, "/login/op/authorized", "GET"),
        (Method::GET, "/logout/op", "POST"),
        (Method::from_bytes(b"PURGE").unwrap(), "/logout/op", "POST"),
    ] {
        let response = ask(&service, method, path).await;
        let status = response.status_code;
        assert_eq!(status, Some(StatusCode::METHOD_NOT_ALLOWED), "{path}");
        assert_eq!(all(&response, ALLOW), [allowed]);
    }
}

#[tokio::test]
async fn a_script_gets_401_and_no_redirect() {
    let service = Service::new(at("page", page)).hoop(visits(&dances("")));
    let mut response = TestClient::get("http://127.0.0.1:3000/page")
        .add_header("accept", "application/json", true)
        .send(&service)
        .await;
    assert_eq!(response.status_code, Some(StatusCode::UNAUTHORIZED));
    assert!(all(&response, CONTENT_TYPE)[0].contains("json"));
    assert!(response.take_string().await.unwrap().contains("/login/op"));
}

/// A hoop on a router reaches its own pages.
#[tokio::test]
async fn a_login_returns_to_the_whole_path_of_a_page_below_a_router() {
    let dances = dances("/auth");
    let members = Router::with_path("members/{name}")
        .hoop(visits(&dances))
        .push(at("page", page));
    let service = Service::new(Router::new().push(routes(&dances)).push(members));
    assert_eq!(
        all(&open(&service, "/members/ada/page?a=b").await, LOCATION),
        ["http://127.0.0.1:3000/auth/login/op?next=%2Fmembers%2Fada%2Fpage%3Fa%3Db"]
    );
}

/// An error type of the application's own around ours.
struct PageError(Error);

impl Scribe for PageError {
    fn render(self, res: &mut Response) {
        self.0.render(res);
    }
}

#[tokio::test]
async fn an_error_inside_of_the_applications_own_returns_to_the_page() {
    #[handler]
    async fn page(visit: Visit) -> Result<String, PageError> {
        let api = visit.api("op").map_err(|error| PageError(error.into()))?;
        let answer = api.get("/me").await;
        let answer = answer.map_err(|error| PageError(error.into()))?;
        Ok(answer.status().to_string())
    }
    let service = Service::new(at("page", page)).hoop(visits(&dances("")));
    assert_eq!(
        all(&open(&service, "/page").await, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2Fpage"]
    );
}

/// A hoop of the application that guards many pages at once.
#[tokio::test]
async fn a_hoop_of_the_application_may_ask_for_a_login() {
    #[handler]
    async fn guard(_api: Api<Op>) {}
    let router = Router::new().hoop(guard).push(at("page", own));
    let service = Service::new(router).hoop(visits(&dances("")));
    let response = open(&service, "/page").await;
    assert_eq!(response.status_code, Some(StatusCode::SEE_OTHER));
    assert_eq!(
        all(&response, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2Fpage"]
    );
}

/// The pages of a catcher are made of what is not found and of what fails.
#[tokio::test]
async fn a_catcher_of_the_application_makes_the_page_of_an_error() {
    #[handler]
    async fn own_page(res: &mut Response, ctrl: &mut FlowCtrl) {
        res.render("Our mistake.");
        ctrl.skip_rest();
    }
    let service = Service::new(Router::new().push(at("lost", lost)))
        .hoop(visits(&dances("")))
        .catcher(Catcher::default().hoop(own_page));
    for (path, status) in [
        ("/lost", StatusCode::INTERNAL_SERVER_ERROR),
        ("/nowhere", StatusCode::NOT_FOUND),
    ] {
        let mut response = open(&service, path).await;
        assert_eq!(response.status_code, Some(status));
        assert_eq!(response.take_string().await.unwrap(), "Our mistake.");
    }
}

#[tokio::test]
async fn a_catcher_leaves_the_pages_of_the_dances_alone() {
    #[handler]
    async fn own_page(res: &mut Response, ctrl: &mut FlowCtrl) {
        res.render("Our mistake.");
        ctrl.skip_rest();
    }
    let service = Service::new(Router::new().push(routes(&dances(""))))
        .hoop(visits(&dances("")))
        .catcher(Catcher::default().hoop(own_page));
    for path in ["/logout/op", "/login/op/authorized?state=x"] {
        let mut response = open(&service, path).await;
        let text = response.take_string().await.unwrap_or_default();
        assert!(!text.contains("Our mistake."), "{path}");
    }
}

/// A page that has set a message and then fails.
#[tokio::test]
async fn an_error_of_the_application_takes_the_cookies_of_the_visit_along() {
    #[handler]
    async fn fails(visit: Visit) -> Result<(), StatusError> {
        visit.flash("It failed.");
        Err(StatusError::insufficient_storage())
    }
    let service = Service::new(at("page", fails)).hoop(visits(&dances("")));
    let response = open(&service, "/page").await;
    assert_eq!(response.status_code, Some(StatusCode::INSUFFICIENT_STORAGE));
    assert_eq!(all(&response, SET_COOKIE).len(), 1);
}

#[tokio::test]
async fn a_page_that_sets_no_status_keeps_none() {
    #[handler]
    async fn silent() {}
    let service = Service::new(at("page", silent)).hoop(visits(&dances("")));
    assert_eq!(
        open(&service, "/page").await.status_code,
        Some(StatusCode::OK)
    );
    assert_eq!(
        open(&service, "/nowhere").await.status_code,
        Some(StatusCode::NOT_FOUND)
    );
}

#[tokio::test]
async fn a_hoop_that_is_added_twice_asks_once() {
    let dances = dances("");
    let router = Router::new().hoop(visits(&dances)).push(at("page", page));
    let service = Service::new(router).hoop(visits(&dances));
    let response = open(&service, "/page").await;
    assert_eq!(response.status_code, Some(StatusCode::SEE_OTHER));
    assert_eq!(all(&response, LOCATION).len(), 1);
}

/// The name may come from a request, as it does here.
#[tokio::test]
async fn k07_a_dance_that_is_unknown_is_answered_without_a_word() {
    #[handler]
    async fn page(visit: Visit, req: &mut Request) -> Result<String, Error> {
        let name: String = req.param("name").unwrap_or_default();
        visit.api(&name)?;
        Ok(String::new())
    }
    let service = Service::new(at("{name}", page)).hoop(visits(&dances("")));
    let mut response = open(&service, "/the-attackers-text").await;
    assert_eq!(
        response.status_code,
        Some(StatusCode::INTERNAL_SERVER_ERROR)
    );
    let text = response.take_string().await.unwrap_or_default();
    assert!(!text.contains("attacker"), "{text}");
}

/// A form of another site is told from one of the application's by the head of the request.
#[tokio::test]
async fn i12_a_sign_out_by_a_page_knows_where_the_request_comes_from() {
    #[handler]
    async fn sign_out(visit: Visit, request: Parts) -> Result<&'static str, Error> {
        visit.sign_out(&request).await?;
        Ok("Good bye!")
    }
    let service = Service::new(Router::with_path("out").post(sign_out)).hoop(visits(&dances("")));
    for (origin, status) in [
        ("http://127.0.0.1:3000", StatusCode::OK),
        ("https://evil.test", StatusCode::FORBIDDEN),
    ] {
        let response = TestClient::post("http://127.0.0.1:3000/out")
            .add_header("origin", origin, true)
            .send(&service)
            .await;
        assert_eq!(response.status_code, Some(status), "{origin}");
    }
}
