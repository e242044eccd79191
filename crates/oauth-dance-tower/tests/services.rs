//! The layer and the pages around services: bodies, errors, and requests without a visit.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, LOCATION, SET_COOKIE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame};
use oauth_dance::{
    Authorized, Dance, Dances, Key, LoginRequired, OAUTH_AUTHORIZED, SignalSet, Visit, leaf,
    providers,
};
use oauth_dance_testkit::{Browser, DevProvider};
use oauth_dance_tower::{Asked, Error, layer, mount, routes, service_fn, visit};
use tower_layer::Layer as _;
use tower_service::Service;

const ORIGIN: &str = "https://app.test";

fn dances_with(signals: &SignalSet) -> Dances {
    let github = DevProvider::standing_in_for(providers::github());
    Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(github.client())
        .signals(signals.clone())
        .with(github.dance().redirect_to("/"))
        .build()
        .unwrap()
}

fn dances() -> Dances {
    dances_with(&SignalSet::new())
}

fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(path).body(Full::default()).unwrap()
}

async fn page(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Error> {
    let visit = visit(&request)?;
    match request.uri().path() {
        "/user" => Ok(Response::new(visit.require_user().await?.to_owned().into())),
        "/sign-out" => {
            visit.sign_out(&request.into_parts().0).await?;
            Ok(Response::new("Good-bye.".into()))
        }
        _ => Ok(Response::new("Home".into())),
    }
}

#[tokio::test]
async fn a_login_returns_to_the_page_that_needs_it() {
    let response = mount(service_fn(page), &dances())
        .call(get("/user?tab=2"))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let login = "https://app.test/login/github?next=%2Fuser%3Ftab%3D2";
    assert_eq!(response.headers()[LOCATION], login);
}

/// A router inside of another one sees a shorter path.
#[tokio::test]
async fn a_login_returns_to_the_whole_path_that_a_router_remembers() {
    #[derive(Clone)]
    struct Whole(http::Uri);

    let layer = layer(&dances()).asked_by(|request| {
        let Whole(uri) = request.extensions.get().unwrap();
        Asked::of(request).at(uri)
    });
    let mut request = get("/user");
    request
        .extensions_mut()
        .insert(Whole("/app/user".parse().unwrap()));
    let response = layer.layer(service_fn(page)).call(request).await.unwrap();
    let login = "https://app.test/login/github?next=%2Fapp%2Fuser";
    assert_eq!(response.headers()[LOCATION], login);
}

#[tokio::test]
async fn k07_a_page_without_a_visit_says_nothing() {
    let response = service_fn(page).call(get("/user")).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = response.into_body().collect().await.unwrap();
    assert!(body.to_bytes().is_empty());
    let error = visit(&get("/user")).unwrap_err().to_string();
    assert!(error.contains("`oauth_dance_tower::mount`"), "{error}");
}

#[tokio::test]
async fn a_sign_out_by_get_names_the_method_that_is_taken() {
    let mut app = mount(service_fn(page), &dances());
    let response = app.call(get("/sign-out")).await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[ALLOW], "POST");
}

/// A receiver reads the visit, and the page reads the user whom the receiver has signed in.
#[tokio::test]
async fn a_receiver_finds_the_visit() {
    async fn signs_in(
        _: &Dance,
        login: &Authorized,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let visit: &Visit = login.extension()?;
        login.sign_in(visit.user().await?.unwrap_or("newcomer"));
        Ok(())
    }
    let signals = SignalSet::new();
    signals.of(&OAUTH_AUTHORIZED).connect(signs_in);
    let app = mount(service_fn(page), &dances_with(&signals));
    let page = Browser::of(ORIGIN, app).sign_in("/user", "ada").await;
    assert_eq!(page.unwrap().text(), "newcomer");
}

/// A service with an error of its own, which is not one of the dance.
#[derive(Clone)]
struct Broken;

#[derive(Debug, PartialEq)]
struct OutOfOrder;

impl<B> Service<Request<B>> for Broken {
    type Response = Response<Full<Bytes>>;
    type Error = OutOfOrder;
    type Future = std::future::Ready<Result<Self::Response, OutOfOrder>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OutOfOrder>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        std::future::ready(Err(OutOfOrder))
    }
}

#[tokio::test]
async fn the_error_of_the_inner_service_is_passed_on() {
    let mut app = mount(Broken, &dances());
    assert_eq!(app.call(get("/")).await.unwrap_err(), OutOfOrder);
    let response = app.call(get("/login/github")).await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
}

/// A body that an application has made for itself.
#[derive(Debug, PartialEq)]
struct Text(Bytes);

impl From<Bytes> for Text {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

/// A session layer inside of ours has set its cookie on the page that asks for a login.
#[tokio::test]
async fn a_response_of_any_body_keeps_its_cookies_when_a_login_takes_its_place() {
    let dances = dances();
    let required = LoginRequired::new(dances.get("github").unwrap());
    let page = move |_: Request<Full<Bytes>>| {
        let mut response: Response<Text> = Error::from(required.clone()).into();
        let cookie = HeaderValue::from_static("cart=7; Path=/");
        response.headers_mut().insert(SET_COOKIE, cookie);
        async { Ok::<_, Error>(response) }
    };
    let response = mount(service_fn(page), &dances).call(get("/")).await;
    let response = response.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[SET_COOKIE], "cart=7; Path=/");
}

#[tokio::test]
async fn the_pages_alone_answer_no_other_path() {
    let mut pages = routes::<Text>(&dances());
    let begun = pages.call(get("/login/github")).await.unwrap();
    assert_eq!(begun.status(), StatusCode::SEE_OTHER);
    let other = pages.call(get("/welcome")).await.unwrap();
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
}

/// A body that never comes.
struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

async fn status_of(method: Method, path: &str) -> StatusCode {
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Endless).unwrap();
    let response = routes::<Text>(&dances()).call(request).await;
    response.unwrap().status()
}

#[tokio::test(start_paused = true)]
async fn a24_a_body_that_does_not_end_is_given_up() {
    let begun = tokio::time::Instant::now();
    let status = status_of(Method::POST, "/logout/github").await;
    assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(begun.elapsed(), leaf::BODY_DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn a19_a_wrong_method_is_refused_before_the_body() {
    let begun = tokio::time::Instant::now();
    for (method, path) in [
        (Method::POST, "/login/github"),
        (Method::PUT, "/logout/github"),
    ] {
        let status = status_of(method, path).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
}
