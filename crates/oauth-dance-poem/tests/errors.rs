//! Errors of the application, of poem and of the dance, on their way through the middleware.

mod support;

use std::fmt;

use oauth_dance::ApiError;
use oauth_dance_poem::{Api, Error, Flashes, Parts, Visit, mount, routes, visits};
use poem::error::{InternalServerError, MethodNotAllowedError, NotFoundError, ResponseError};
use poem::http::header::{LOCATION, SET_COOKIE};
use poem::http::{Method, StatusCode};
use poem::web::Path;
use poem::{
    Endpoint, EndpointExt as _, FromRequest as _, IntoResponse as _, PathPattern, Response, Route,
    get, handler,
};

use crate::support::{Op, all, ask, dances, get as open};

const TO_THE_LOGIN: [&str; 1] = ["http://127.0.0.1:3000/login/op?next=%2Fpage"];

#[handler]
async fn page(_: Api<Op>) -> &'static str {
    "signed in"
}

/// Asks for a dance that there is not.
#[handler]
async fn lost(Visit(visit): Visit) -> Result<String, Error> {
    Ok(format!("{:?}", visit.api("no-such")?))
}

/// An error of the application's own, with a response of its own.
#[derive(Debug)]
struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("shelf 7 is full")
    }
}

impl std::error::Error for Full {}

impl ResponseError for Full {
    fn status(&self) -> StatusCode {
        StatusCode::INSUFFICIENT_STORAGE
    }

    fn as_response(&self) -> Response {
        let response = "Full.".with_status(self.status());
        response.with_header("x-shelf", "7").into_response()
    }
}

#[handler]
async fn full(Visit(visit): Visit) -> Result<(), Full> {
    visit.flash("It failed.");
    Err(Full)
}

async fn text(response: Response) -> String {
    response.into_body().into_string().await.unwrap()
}

/// An error type of the application's own around ours.
enum PageError {
    Dance(Error),
}

impl From<PageError> for poem::Error {
    fn from(PageError::Dance(error): PageError) -> Self {
        error.into()
    }
}

#[tokio::test]
async fn an_error_inside_of_the_applications_own_returns_to_the_page() {
    #[handler]
    async fn page(Visit(visit): Visit) -> Result<String, PageError> {
        let dance = |error| PageError::Dance(Error::from(error));
        let answer = visit.api("op").map_err(dance)?.get("/me").await;
        Ok(answer.map_err(dance)?.status().to_string())
    }
    let app = mount(Route::new().at("/page", get(page)), &dances(""));
    assert_eq!(
        all(&open(&app, "/page").await, LOCATION),
        ["http://127.0.0.1:3000/login/op?next=%2Fpage"]
    );
}

#[tokio::test]
async fn a_page_for_what_is_not_found_may_be_made_outside() {
    let app = mount(Route::new().at("/page", get(page)), &dances(""))
        .catch_error(async |_: NotFoundError| (StatusCode::NOT_FOUND, "Nothing here."))
        .catch_error(async |_: MethodNotAllowedError| {
            (StatusCode::METHOD_NOT_ALLOWED, "Not like this.")
        });
    for (method, path, body) in [
        (Method::GET, "/nowhere", "Nothing here."),
        (Method::POST, "/page", "Not like this."),
    ] {
        let response = ask(&app, method, path).await;
        assert_eq!(text(response).await, body);
    }
}

/// The page has taken the messages, so the browser has to hear of it.
#[tokio::test]
async fn what_a_handler_does_not_find_takes_the_cookies_of_the_visit_along() {
    #[handler]
    async fn lost(Visit(visit): Visit, _: Flashes) -> poem::Result<()> {
        visit.flash("It is gone.");
        Err(NotFoundError.into())
    }
    let app = mount(Route::new().at("/", get(lost)), &dances(""));
    let response = open(&app, "/").await;
    assert_eq!(response.status(), 404);
    assert_eq!(all(&response, SET_COOKIE).len(), 1);
}

#[tokio::test]
async fn an_error_of_the_application_takes_the_cookies_of_the_visit_along() {
    let app = mount(Route::new().at("/", get(full)), &dances(""));
    let response = open(&app, "/").await;
    assert_eq!(all(&response, SET_COOKIE).len(), 1);
}

#[tokio::test]
async fn an_error_of_the_application_is_the_response_that_it_makes() {
    let app = mount(Route::new().at("/", get(full)), &dances(""));
    let response = open(&app, "/").await;
    assert_eq!(response.status(), StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!(response.header("x-shelf"), Some("7"));
    assert_eq!(text(response).await, "Full.");
}

/// poem's own `Tracing` has it in the log.
#[tokio::test]
async fn an_error_of_the_application_keeps_its_text() {
    let app = mount(Route::new().at("/", get(full)), &dances(""))
        .catch_all_error(async |error: poem::Error| error.to_string());
    assert_eq!(text(open(&app, "/").await).await, "shelf 7 is full");
}

/// poem's own metrics are counted by it.
#[tokio::test]
async fn an_error_keeps_the_innermost_route() {
    let inner = Route::new().at("/:id", get(full)).with(visits(&dances("")));
    let app = Route::new()
        .nest("/in", inner)
        .catch_all_error(async |error: poem::Error| {
            let PathPattern(route) = error.data().expect("a route");
            route.to_string()
        });
    assert_eq!(text(open(&app, "/in/7").await).await, "/in/:id");
}

#[tokio::test]
async fn an_error_of_one_of_poems_extractors_takes_the_cookies_of_the_visit_along() {
    #[handler]
    fn numbered(Path(number): Path<u8>) -> String {
        number.to_string()
    }
    let app = Route::new()
        .at("/:number", get(numbered))
        .around(async |endpoint, request| {
            let Visit(visit) = Visit::from_request_without_body(&request).await?;
            visit.flash("Welcome!");
            endpoint.call(request).await
        });
    let app = app.with(visits(&dances("")));
    let response = open(&app, "/seven").await;
    assert_eq!(response.status(), 400);
    assert_eq!(all(&response, SET_COOKIE).len(), 1);
}

/// A page for an error type of the application's own stands inside, where it gets the cookies.
#[tokio::test]
async fn a_page_for_one_error_takes_the_cookies_of_the_visit_along() {
    let app = routes(Route::new().at("/", get(full)), &dances(""))
        .catch_error(async |_: Full| "Our shelf is full.")
        .with(visits(&dances("")));
    let response = open(&app, "/").await;
    assert_eq!(all(&response, SET_COOKIE).len(), 1);
    assert_eq!(text(response).await, "Our shelf is full.");
}

/// A page for every error, which stands inside and lets the errors of the dance through.
fn with_pages_for_errors() -> impl Endpoint {
    let app = Route::new()
        .at("/page", get(page))
        .at("/lost", get(lost))
        .at("/full", get(full));
    app.catch_all_error(async |error: poem::Error| {
        if error.data::<Error>().is_some() {
            return error.into_response();
        }
        "Our mistake.".with_status(error.status()).into_response()
    })
    .with(visits(&dances("")))
}

#[tokio::test]
async fn a_page_for_every_error_lets_a_login_through() {
    let response = open(&with_pages_for_errors(), "/page").await;
    assert_eq!(all(&response, LOCATION), TO_THE_LOGIN);
}

#[tokio::test]
async fn a_page_for_every_error_lets_an_error_of_the_dance_through() {
    let response = open(&with_pages_for_errors(), "/lost").await;
    assert_eq!(response.status(), 500);
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn a_page_for_every_error_takes_the_place_of_other_errors() {
    let response = open(&with_pages_for_errors(), "/full").await;
    assert_eq!(response.status(), StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!(text(response).await, "Our mistake.");
}

/// What a page for every error outside of the middleware reads of an error of the dance.
#[tokio::test]
async fn an_error_of_the_dance_is_the_data_of_the_error_that_comes_out() {
    let app = mount(Route::new().at("/lost", get(lost)), &dances(""));
    let app = app.catch_all_error(async |error: poem::Error| {
        let of_the_dance: &Error = error.data().expect("an error of the dance");
        format!("{:?}", of_the_dance.as_api_error().map(ApiError::status))
    });
    assert_eq!(text(open(&app, "/lost").await).await, "Some(500)");
}

/// What a handler of many applications does with every error.
#[tokio::test]
async fn a_login_that_is_wrapped_leads_to_the_login() {
    #[handler]
    async fn page(Visit(visit): Visit) -> poem::Result<String> {
        let api = visit.api("op").map_err(InternalServerError)?;
        let answer = api.get("/me").await.map_err(InternalServerError)?;
        Ok(answer.status().to_string())
    }
    let app = mount(Route::new().at("/page", get(page)), &dances(""));
    assert_eq!(all(&open(&app, "/page").await, LOCATION), TO_THE_LOGIN);
}

#[tokio::test]
async fn k07_an_error_that_is_wrapped_is_not_on_the_page() {
    #[handler]
    async fn page(
        Visit(visit): Visit,
        Path(path): Path<String>,
        Parts(request): Parts,
    ) -> poem::Result<()> {
        Err(match &*path {
            "api" => InternalServerError(visit.api("no-such").unwrap_err()),
            "ours" => InternalServerError(Error::from(visit.api("no-such").unwrap_err())),
            "store" => InternalServerError(visit.dances().sessions(7).await.unwrap_err()),
            _ => InternalServerError(visit.sign_out(&request).await.unwrap_err()),
        })
    }
    let app = mount(Route::new().at("/:path", get(page)), &dances(""));
    for (path, status) in [
        ("api", 500),
        ("ours", 500),
        ("store", 500),
        ("sign_out", 405),
    ] {
        let response = open(&app, &format!("/{path}")).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(text(response).await, "", "{path}");
    }
}

/// A handler for all errors makes pages of errors, and leaves the way to the login alone.
#[tokio::test]
async fn a_page_for_every_error_is_made_of_errors_alone() {
    let app = Route::new().at("/lost", get(lost)).at("/page", get(page));
    let app = mount(app, &dances(""))
        .catch_all_error(async |error: poem::Error| (error.status(), "Our mistake."));
    let response = open(&app, "/lost").await;
    assert_eq!(response.status(), 500);
    assert_eq!(text(response).await, "Our mistake.");
    assert_eq!(open(&app, "/page").await.status(), 303);
}

/// The name may come from a request, as it does here.
#[tokio::test]
async fn k07_a_dance_that_is_unknown_is_answered_without_a_word() {
    #[handler]
    async fn page(Visit(visit): Visit, Path(name): Path<String>) -> Result<String, Error> {
        visit.api(&name)?;
        Ok(String::new())
    }
    let app = mount(Route::new().at("/:name", get(page)), &dances(""));
    let response = open(&app, "/the-attackers-text").await;
    assert_eq!(response.status(), 500);
    assert!(response.into_body().into_bytes().await.unwrap().is_empty());
}
