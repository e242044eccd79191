//! Request bodies: the method comes first, and no body is waited for longer than the deadline.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body::{Body, Frame};
use oauth_dance::{Credentials, Dance, Dances, Key, Provider, leaf};
use oauth_dance_testkit::SocketClient;
use oauth_dance_warp::{routes, service};
use tower_service::Service as _;
use warp::Filter as _;

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
struct Pieces {
    pieces: VecDeque<Bytes>,
    breaks_off: bool,
}

const ENDLESS: Pieces = Pieces {
    pieces: VecDeque::new(),
    breaks_off: false,
};

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match self.pieces.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None if self.breaks_off => {
                let error = std::io::ErrorKind::ConnectionReset.into();
                Poll::Ready(Some(Err(error)))
            }
            None => Poll::Pending,
        }
    }
}

async fn status_of(method: &str, path: &str, body: Pieces) -> StatusCode {
    let dances = dances();
    // The limit for the application's own pages is not that of the dances.
    let own = warp::body::content_length_limit(1).map(|| "own");
    let mut app = service(routes(&dances).or(own), &dances);
    let request = Request::builder().method(method).uri(path);
    let Ok(response) = app.call(request.body(body).unwrap()).await;
    response.status()
}

#[tokio::test(start_paused = true)]
async fn a24_a_body_that_does_not_end_is_given_up() {
    let begun = tokio::time::Instant::now();
    assert_eq!(
        status_of("POST", "/logout/op", ENDLESS).await,
        StatusCode::REQUEST_TIMEOUT
    );
    assert_eq!(begun.elapsed(), leaf::BODY_DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn a19_a_wrong_method_is_refused_before_the_body() {
    let begun = tokio::time::Instant::now();
    for (method, path) in [
        ("POST", "/login/op"),
        ("POST", "/login/op/authorized"),
        ("PUT", "/logout/op"),
        ("HEAD", "/login/op"),
        ("OPTIONS", "/login/op"),
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
    let body = Pieces {
        pieces: vec![Bytes::from(vec![b'a'; leaf::MAX_BODY_BYTES / 2]); 3].into(),
        breaks_off: false,
    };
    assert_eq!(
        status_of("POST", "/logout/op", body).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let body = Pieces {
        pieces: vec![Bytes::from_static(b"a=")].into(),
        breaks_off: true,
    };
    assert_eq!(
        status_of("POST", "/logout/op", body).await,
        StatusCode::BAD_REQUEST
    );
}
