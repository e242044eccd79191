//! Request bodies: the method comes first, and no body is waited for longer than the deadline.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, dev, error, web};
use bytes::Bytes;
use futures_core::Stream;
use oauth_dance::{Credentials, Dance, Dances, Key, Provider, leaf};
use oauth_dance_testkit::SocketClient;

fn dances() -> Dances {
    let op = Provider::oauth2(
        "op",
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    Dances::builder("http://127.0.0.1:3000", Key::generate().unwrap())
        .client(SocketClient::new())
        .with(Dance::builder(op).credentials(Credentials::new("id", "secret")))
        .build()
        .unwrap()
}

/// A body in these pieces. After the last one it breaks off, or never ends.
struct Body {
    pieces: Vec<Bytes>,
    breaks_off: bool,
}

const ENDLESS: Body = Body {
    pieces: Vec::new(),
    breaks_off: false,
};

impl Stream for Body {
    type Item = Result<Bytes, error::PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.pieces.pop() {
            Some(piece) => Poll::Ready(Some(Ok(piece))),
            None if self.breaks_off => {
                Poll::Ready(Some(Err(error::PayloadError::Incomplete(None))))
            }
            None => Poll::Pending,
        }
    }
}

async fn status_of(method: Method, path: &str, body: Body) -> StatusCode {
    let dances = dances();
    // The limit for the application's own pages is not that of the dances.
    let app = App::new()
        .app_data(web::PayloadConfig::new(1))
        .configure(oauth_dance_actix::routes(&dances))
        .wrap(oauth_dance_actix::visits(&dances));
    let app = init_service(app).await;
    let body: Pin<Box<dyn Stream<Item = _>>> = Box::pin(body);
    let request = TestRequest::with_uri(path).method(method).to_request();
    let (request, _) = request.replace_payload(dev::Payload::from(body));
    call_service(&app, request).await.status()
}

#[tokio::test(start_paused = true)]
async fn a24_a_body_that_does_not_end_is_given_up() {
    let begun = tokio::time::Instant::now();
    assert_eq!(
        status_of(Method::POST, "/logout/op", ENDLESS).await,
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
        (Method::HEAD, "/login/op"),
        (Method::OPTIONS, "/login/op"),
    ] {
        assert_eq!(
            status_of(method, path, ENDLESS).await,
            StatusCode::METHOD_NOT_ALLOWED,
            "{path}"
        );
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a24_a_body_that_is_too_long_is_refused_while_it_comes() {
    let pieces = vec![Bytes::from(vec![b'a'; leaf::MAX_BODY_BYTES / 2]); 3];
    let body = Body {
        pieces,
        breaks_off: false,
    };
    assert_eq!(
        status_of(Method::POST, "/logout/op", body).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let body = Body {
        pieces: vec![Bytes::from_static(b"a=")],
        breaks_off: true,
    };
    assert_eq!(
        status_of(Method::POST, "/logout/op", body).await,
        StatusCode::BAD_REQUEST
    );
}
