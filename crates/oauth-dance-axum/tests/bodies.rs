//! Request bodies: the method comes first, and no body is waited for longer than the deadline.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use http::{Method, Request, StatusCode};
use hyper::body::Frame;
use oauth_dance::{Credentials, Dance, Dances, Key, Provider, leaf};
use oauth_dance_reqwest::ReqwestClient;
use tower_service::Service as _;

fn app() -> Router {
    let op = Provider::oauth2(
        "op",
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    let dances = Dances::builder("http://127.0.0.1:3000", Key::generate().unwrap())
        .client(ReqwestClient::new().unwrap())
        .with(Dance::builder(op).credentials(Credentials::new("id", "secret")))
        .build()
        .unwrap();
    oauth_dance_axum::mount(Router::new(), &dances)
}

/// A body that never comes.
struct Endless;

impl hyper::body::Body for Endless {
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
    let request = request.body(Body::new(Endless)).unwrap();
    app().call(request).await.unwrap().status()
}

#[tokio::test(start_paused = true)]
async fn a24_a_body_that_does_not_end_is_given_up() {
    let begun = tokio::time::Instant::now();
    assert_eq!(
        status_of(Method::POST, "/logout/op").await,
        StatusCode::REQUEST_TIMEOUT
    );
    assert_eq!(begun.elapsed(), leaf::BODY_DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn a19_a_wrong_method_is_refused_before_the_body() {
    let begun = tokio::time::Instant::now();
    for (method, path) in [
        (Method::POST, "/login/op"),
        (Method::POST, "/login/op/authorized"),
        (Method::PUT, "/logout/op"),
    ] {
        assert_eq!(
            status_of(method, path).await,
            StatusCode::METHOD_NOT_ALLOWED,
            "{path}"
        );
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
}
