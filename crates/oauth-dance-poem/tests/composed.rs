//! The dances' routes and the middleware in the ways that poem composes applications.

mod support;

use oauth_dance::LoginRequired;
use oauth_dance_poem::{Api, Error, Flashes, Visit, mount, routes, visits};
use poem::http::Method;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, LOCATION,
    SET_COOKIE, VARY,
};
use poem::middleware::Cors;
use poem::{
    Endpoint, EndpointExt as _, FromRequest as _, IntoResponse, Request, Response, Route, get,
    handler,
};

use crate::support::{Op, all, ask, dances, get as open};

#[handler]
async fn page(_: Api<Op>) -> &'static str {
    "signed in"
}

#[handler]
fn own() -> &'static str {
    "own"
}

/// Session middleware inside of ours has set its cookie on the page that asks for a login.
#[tokio::test]
async fn a_page_that_asks_for_a_login_keeps_its_headers() {
    #[handler]
    async fn page(Visit(visit): Visit) -> impl IntoResponse {
        let dance = visit.dances().get("op").unwrap();
        let mut response = Error::from(LoginRequired::new(dance)).into_response();
        for (name, value) in [
            (SET_COOKIE, "cart=7; Path=/"),
            (SET_COOKIE, "seen=1; Path=/"),
            (CONTENT_LANGUAGE, "en"),
            (CACHE_CONTROL, "public"),
            (VARY, "Accept"),
        ] {
            response.headers_mut().append(name, value.parse().unwrap());
        }
        response
    }
    let app = mount(Route::new().at("/", get(page)), &dances(""));
    let response = open(&app, "/").await;
    assert_eq!(response.status(), 303);
    assert_eq!(
        all(&response, SET_COOKIE),
        ["cart=7; Path=/", "seen=1; Path=/"]
    );
    assert_eq!(all(&response, CONTENT_LANGUAGE), [""; 0]);
    assert_eq!(all(&response, CACHE_CONTROL), ["no-store"]);
    assert!(all(&response, VARY).contains(&"Accept"));
    assert_eq!(
        all(&response, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2F"]
    );
}

/// The paths of the dances are whole paths. A nest does not change them.
#[tokio::test]
async fn a_nest_begins_no_login_that_could_not_come_back() {
    for (prefix, nest, path, status) in [
        ("", "/", "/login/op", 303),
        ("", "/auth", "/auth/login/op", 404),
        ("/auth", "/", "/auth/login/op", 303),
        ("/auth", "/auth", "/auth/auth/login/op", 404),
        ("/auth", "/auth", "/auth/login", 404),
    ] {
        let inner = routes(Route::new(), &dances(prefix));
        let app = Route::new().nest(nest, inner);
        let response = open(&app, path).await;
        assert_eq!(response.status(), status, "{prefix} {nest} {path}");
    }
}

#[tokio::test]
async fn a_nest_that_keeps_the_path_has_the_pages() {
    let inner = routes(Route::new(), &dances("/auth"));
    let app = Route::new().nest_no_strip("/auth", inner);
    assert_eq!(open(&app, "/auth/login/op").await.status(), 303);
}

/// Applications test themselves with requests of poem's own builder, which know no original URI.
#[tokio::test]
async fn a_request_that_was_built_by_hand_finds_the_pages() {
    let app = mount(Route::new(), &dances(""));
    let request = Request::builder().uri("/login/op".parse().unwrap());
    let response = app.get_response(request.finish()).await;
    assert_eq!(response.status(), 303);
}

#[tokio::test]
async fn the_dances_leave_the_paths_of_the_application_alone() {
    let app = Route::new()
        .at("/login", get(own))
        .at("/login/:name", get(own));
    let app = mount(app, &dances(""));
    for (path, status) in [("/login/op", 303), ("/login", 200), ("/login/other", 200)] {
        assert_eq!(open(&app, path).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_is_another_path() {
    let app = mount(Route::new(), &dances(""));
    for path in ["/login/op/", "/login/op/authorized/", "/logout/op/"] {
        assert_eq!(open(&app, path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn every_other_method_is_told_which_one_the_page_takes() {
    let app = mount(Route::new(), &dances(""));
    for (method, path, allowed) in [
        (Method::HEAD, "/login/op", "GET"),
        (Method::OPTIONS, "/login/op", "GET"),
        (Method::POST, "/login/op/authorized", "GET"),
        (Method::GET, "/logout/op", "POST"),
        (Method::from_bytes(b"PURGE").unwrap(), "/logout/op", "POST"),
    ] {
        let response = ask(&app, method, path).await;
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(all(&response, ALLOW), [allowed]);
    }
}

#[tokio::test]
async fn a_login_returns_to_the_whole_path_of_a_page_in_a_nest() {
    let dances = dances("/auth");
    let inner = Route::new().at("/page", get(page)).with(visits(&dances));
    let app = routes(Route::new().nest("/members", inner), &dances);
    assert_eq!(
        all(&open(&app, "/members/page?a=b").await, LOCATION),
        ["http://127.0.0.1:3000/auth/login/op?next=%2Fmembers%2Fpage%3Fa%3Db"]
    );
}

#[tokio::test]
async fn a_script_gets_401_and_no_redirect() {
    let app = mount(Route::new().at("/", get(page)), &dances(""));
    let request = Request::builder().header("accept", "application/json");
    let mut response = app.get_response(request.finish()).await;
    assert_eq!(response.status(), 401);
    assert!(all(&response, CONTENT_TYPE)[0].contains("json"));
    let body = response.take_body().into_string().await.unwrap();
    assert!(body.contains("/login/op"));
}

/// Middleware of the application that guards many pages at once.
#[tokio::test]
async fn middleware_of_the_application_may_ask_for_a_login() {
    let guarded = Route::new()
        .at("/page", get(own))
        .around(async |endpoint, request| {
            let Visit(visit) = Visit::from_request_without_body(&request).await?;
            visit
                .api("op")
                .map_err(Error::from)?
                .token()
                .await
                .map_err(Error::from)?;
            endpoint.call(request).await
        });
    let app = guarded.with(visits(&dances("")));
    let response = open(&app, "/page").await;
    assert_eq!(response.status(), 303);
    assert_eq!(
        all(&response, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2Fpage"]
    );
}

/// Middleware in between makes responses of errors, and has its headers on them.
#[tokio::test]
async fn middleware_that_makes_responses_of_errors_leads_to_the_login() {
    let cors = Cors::new().allow_origin("https://other.localhost");
    let inner = Route::new().at("/page", get(page)).with(cors);
    let app = inner.with(visits(&dances("")));
    let request = Request::builder()
        .uri("/page".parse().unwrap())
        .header("accept", "text/html")
        .header("origin", "https://other.localhost");
    let response = app.get_response(request.finish()).await;
    assert_eq!(
        all(&response, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2Fpage"]
    );
    assert_eq!(
        all(&response, ACCESS_CONTROL_ALLOW_ORIGIN),
        ["https://other.localhost"]
    );
}

/// poem's `Cors` sets its `Vary` in place of others.
#[tokio::test]
async fn a_page_for_one_browser_says_so_beside_cors_inside() {
    #[handler]
    fn page(Flashes(flashes): Flashes) -> String {
        flashes.len().to_string()
    }
    let inner = Route::new().at("/", get(page)).with(Cors::new());
    let app = inner.with(visits(&dances("")));
    let request = Request::builder().header("origin", "https://other.localhost");
    let response = app.get_response(request.finish()).await;
    assert_eq!(all(&response, VARY), ["Origin", "cookie"]);
}

#[tokio::test]
async fn middleware_that_is_added_twice_asks_once() {
    let dances = dances("");
    let inner = Route::new().at("/page", get(page)).with(visits(&dances));
    let app = Route::new().nest("/in", inner).with(visits(&dances));
    let response = open(&app, "/in/page").await;
    assert_eq!(response.status(), 303);
    assert_eq!(all(&response, LOCATION).len(), 1);
}

/// What a receiver has handed over is the data of the response, for middleware outside.
#[tokio::test]
async fn the_data_of_a_page_goes_through() {
    #[handler]
    fn page() -> Response {
        let mut response = Response::default();
        response.set_data(7_u8);
        response
    }
    let app = mount(Route::new().at("/", get(page)), &dances(""));
    assert_eq!(open(&app, "/").await.data(), Some(&7_u8));
}
