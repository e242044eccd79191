//! The dance's routes and the middleware in the ways that actix-web composes applications.

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, SET_COOKIE,
    VARY,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{ErrorHandlerResponse, ErrorHandlers, Next, NormalizePath, from_fn};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpMessage as _, HttpResponse, HttpResponseBuilder, ResponseError, web};
use oauth_dance::{Credentials, Dance, Dances, Key, LoginRequired, Provider};
use oauth_dance_actix::{Api, DanceName, Error, Parts, Visit, routes, visits};
use oauth_dance_testkit::SocketClient;

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
macro_rules! ask {
    ($app:expr, $path:expr) => {
        ask!($app, Method::GET, $path)
    };
    ($app:expr, $method:expr, $path:expr) => {{
        let app = init_service($app).await;
        let request = TestRequest::with_uri($path).method($method);
        let request = request.insert_header(("accept", "text/html"));
        call_service(&app, request.to_request()).await
    }};
}

fn header<B>(response: &ServiceResponse<B>, name: HeaderName) -> Vec<&str> {
    let values = response.headers().get_all(name);
    values.map(|it| it.to_str().unwrap()).collect()
}

async fn page(_: Api<Op>) -> &'static str {
    "signed in"
}

/// Session middleware inside of ours has set its cookie on the page that asks for a login.
#[tokio::test]
async fn a_page_that_asks_for_a_login_keeps_its_headers() {
    async fn page(Visit(visit): Visit) -> HttpResponse {
        let dance = visit.dances().get("op").unwrap();
        let mut response = Error::from(LoginRequired::new(dance)).error_response();
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
    let app = App::new().wrap(visits(&dances("")));
    let response = ask!(app.route("/", web::get().to(page)), "/");
    assert_eq!(response.status(), 303);
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

/// The paths of the dances are whole paths. A scope does not change them.
#[tokio::test]
async fn a_scope_begins_no_login_that_could_not_come_back() {
    for (prefix, scope, path, status) in [
        ("", "", "/login/op", 303),
        ("", "/login", "/login/op", 303),
        ("", "/auth", "/auth/login/op", 404),
        ("/auth", "", "/auth/login/op", 303),
        ("/auth", "/auth", "/auth/login/op", 303),
        ("/auth", "/auth", "/auth/auth/login/op", 404),
        ("/auth", "/auth", "/auth/login", 404),
        ("/a/b", "/a", "/a/b/login/op", 303),
        ("/a/b", "/a/{b}", "/a/b/login/op", 303),
        ("/a/b", "/a/{b}", "/a/c/login/op", 404),
    ] {
        let dances = dances(prefix);
        let app = App::new().service(web::scope(scope).configure(routes(&dances)));
        let response = ask!(app, path);
        assert_eq!(response.status(), status, "{prefix} {scope} {path}");
    }
}

#[tokio::test]
async fn the_dances_leave_the_paths_of_the_application_alone() {
    async fn own() -> &'static str {
        "own"
    }
    for (path, status) in [
        ("/login/op", 303),
        ("/login", 200),
        ("/login/other", 200),
        ("/nowhere", 418),
    ] {
        let app = App::new()
            .configure(routes(&dances("")))
            .route("/login", web::get().to(own))
            .route("/login/{name}", web::get().to(own))
            .default_service(web::to(HttpResponse::ImATeapot));
        assert_eq!(ask!(app, path).status(), status, "{path}");
    }
}

/// A path with a slash at its end is another path, unless the application takes the slash off.
#[tokio::test]
async fn a_slash_at_the_end_is_for_the_application_to_take_off() {
    for path in ["/login/op/", "/login/op/authorized/", "/logout/op/"] {
        let app = App::new().configure(routes(&dances("")));
        assert_eq!(ask!(app, path).status(), 404, "{path}");
    }
    let app = App::new()
        .configure(routes(&dances("")))
        .wrap(NormalizePath::trim());
    assert_eq!(ask!(app, "/login/op/?next=%2Fa").status(), 303);
}

#[tokio::test]
async fn every_other_method_is_told_which_one_the_page_takes() {
    for (method, path, allowed) in [
        (Method::HEAD, "/login/op", "GET"),
        (Method::OPTIONS, "/login/op", "GET"),
        (Method::POST, "/login/op/authorized", "GET"),
        (Method::GET, "/logout/op", "POST"),
        (Method::from_bytes(b"PURGE").unwrap(), "/logout/op", "POST"),
    ] {
        let app = App::new().configure(routes(&dances("")));
        let response = ask!(app, method, path);
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(header(&response, actix_web::http::header::ALLOW), [allowed]);
    }
}

#[tokio::test]
async fn a_login_returns_to_the_whole_path_of_a_page_in_a_scope() {
    let dances = dances("/auth");
    let inner = web::scope("/auth/{user}")
        .wrap(visits(&dances))
        .route("/page", web::get().to(page));
    let app = App::new().configure(routes(&dances)).service(inner);
    assert_eq!(
        header(&ask!(app, "/auth/ada/page?a=b"), LOCATION),
        ["http://127.0.0.1:3000/auth/login/op?next=%2Fauth%2Fada%2Fpage%3Fa%3Db"]
    );
}

#[tokio::test]
async fn a_default_service_has_a_visit_and_sends_to_the_login() {
    let app = App::new()
        .wrap(visits(&dances("")))
        .default_service(web::to(page));
    assert_eq!(
        header(&ask!(app, "/no/such?page=1"), LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2Fno%2Fsuch%3Fpage%3D1"]
    );
}

#[tokio::test]
async fn a_script_gets_401_and_no_redirect() {
    let app = App::new()
        .wrap(visits(&dances("")))
        .route("/", web::get().to(page));
    let app = init_service(app).await;
    let request = TestRequest::get().insert_header(("accept", "application/json"));
    let response = call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), 401);
    assert!(header(&response, CONTENT_TYPE)[0].contains("json"));
    let body = read_body(response).await;
    assert!(String::from_utf8_lossy(&body).contains("/login/op"));
}

/// An error type of the application's own around ours.
#[derive(Debug)]
struct PageError(Error);

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for PageError {
    fn error_response(&self) -> HttpResponse {
        self.0.error_response()
    }
}

#[tokio::test]
async fn an_error_inside_of_the_applications_own_returns_to_the_page() {
    async fn page(Visit(visit): Visit) -> Result<String, PageError> {
        let api = visit.api("op").map_err(|error| PageError(error.into()))?;
        let answer = api.get("/me").await;
        let answer = answer.map_err(|error| PageError(error.into()))?;
        Ok(answer.status().to_string())
    }
    let app = App::new().wrap(visits(&dances("")));
    let response = ask!(app.route("/page", web::get().to(page)), "/page");
    assert_eq!(
        header(&response, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2Fpage"]
    );
}

/// Middleware of the application that guards many pages at once. It fails, so there is an error and no response.
#[tokio::test]
async fn middleware_of_the_application_may_ask_for_a_login() {
    async fn guarded(
        mut request: ServiceRequest,
        next: Next<actix_web::body::BoxBody>,
    ) -> actix_web::Result<ServiceResponse> {
        request.extract::<Api<Op>>().await?;
        next.call(request).await
    }
    let app = App::new()
        .wrap(from_fn(guarded))
        .wrap(visits(&dances("")))
        .route("/page", web::get().to(HttpResponse::Ok));
    let app = init_service(app).await;
    let request = TestRequest::with_uri("/page").insert_header(("accept", "text/html"));
    let error = actix_web::dev::Service::call(&app, request.to_request()).await;
    let error = error.expect_err("an error of the middleware");
    // actix-web makes the response of it, and so may other middleware before.
    for _ in 0..2 {
        let response = error.error_response();
        assert_eq!(response.status(), 303);
        assert_eq!(
            response.headers().get(LOCATION).unwrap(),
            "http://127.0.0.1:3000/login/op?next=%2Fpage"
        );
        assert_eq!(response.headers().get(CACHE_CONTROL).unwrap(), "no-store");
    }
}

/// An error handler of the application's makes its page of ours, on either side of the middleware.
#[tokio::test]
async fn an_error_handler_of_the_application_makes_the_page() {
    async fn lost(Visit(visit): Visit) -> Result<String, Error> {
        Ok(format!("{:?}", visit.api("no-such")?))
    }
    fn own_page<B>(page: ServiceResponse<B>) -> actix_web::Result<ErrorHandlerResponse<B>> {
        let status = page.status();
        let own = HttpResponseBuilder::new(status).body("Our mistake.");
        Ok(ErrorHandlerResponse::Response(
            page.into_response(own).map_into_right_body(),
        ))
    }
    fn handlers<B: 'static>() -> ErrorHandlers<B> {
        ErrorHandlers::new().handler(StatusCode::INTERNAL_SERVER_ERROR, own_page)
    }
    let app = App::new()
        .wrap(visits(&dances("")))
        .wrap(handlers())
        .route("/", web::get().to(lost));
    let response = ask!(app, "/");
    assert_eq!(response.status(), 500);
    assert_eq!(read_body(response).await, "Our mistake.");
    let app = App::new()
        .wrap(handlers())
        .wrap(visits(&dances("")))
        .route("/", web::get().to(lost));
    let response = ask!(app, "/");
    assert_eq!(response.status(), 500);
    assert_eq!(read_body(response).await, "Our mistake.");
}

#[tokio::test]
async fn middleware_that_is_added_twice_asks_once() {
    let dances = dances("");
    let inner = web::scope("/in")
        .wrap(visits(&dances))
        .route("/page", web::get().to(page));
    let app = App::new().wrap(visits(&dances)).service(inner);
    let response = ask!(app, "/in/page");
    assert_eq!(response.status(), 303);
    assert_eq!(header(&response, LOCATION).len(), 1);
}

/// The name may come from a request, as it does here.
#[tokio::test]
async fn k07_a_dance_that_is_unknown_is_answered_without_a_word() {
    async fn page(Visit(visit): Visit, name: web::Path<String>) -> Result<String, Error> {
        visit.api(&name)?;
        Ok(String::new())
    }
    let app = App::new()
        .wrap(visits(&dances("")))
        .route("/{name}", web::get().to(page));
    let response = ask!(app, "/the-attackers-text");
    assert_eq!(response.status(), 500);
    assert!(read_body(response).await.is_empty());
}

/// The visit is among the extensions of the request, for middleware of the application.
#[tokio::test]
async fn middleware_inside_reads_the_visit() {
    async fn sees(
        request: ServiceRequest,
        next: Next<actix_web::body::BoxBody>,
    ) -> actix_web::Result<ServiceResponse> {
        let visit = request.extensions().get::<oauth_dance::Visit>().cloned();
        let owner = visit.expect("a visit").owner("op").await.map(|_| ());
        owner.map_err(Error::from)?;
        next.call(request).await
    }
    let app = App::new()
        .wrap(from_fn(sees))
        .wrap(visits(&dances("")))
        .route("/", web::get().to(HttpResponse::Ok));
    let response = ask!(app, "/");
    assert_eq!(response.status(), 200);
    // The page depends on who asks.
    assert!(
        header(&response, VARY)
            .iter()
            .any(|it| it.eq_ignore_ascii_case("cookie"))
    );
}

/// A form of another site is told from one of the application's by the head of the request.
#[tokio::test]
async fn i12_a_sign_out_by_a_page_knows_where_the_request_comes_from() {
    async fn sign_out(Visit(visit): Visit, Parts(request): Parts) -> Result<&'static str, Error> {
        visit.sign_out(&request).await?;
        Ok("Good bye!")
    }
    let app = App::new()
        .wrap(visits(&dances("")))
        .route("/out", web::post().to(sign_out));
    let app = init_service(app).await;
    for (origin, status) in [("http://127.0.0.1:3000", 200), ("https://evil.test", 403)] {
        let request = TestRequest::post().uri("/out");
        let request = request.insert_header(("origin", origin)).to_request();
        assert_eq!(
            call_service(&app, request).await.status(),
            status,
            "{origin}"
        );
    }
}
