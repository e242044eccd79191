//! Request bodies: the method comes first, and no body is waited for longer than the deadline.
//!
//! Rocket waits for 14 bytes of every body before any code of this crate runs, so that the bodies here have them.

mod support;

use oauth_dance::leaf;
use oauth_dance_rocket::{fairing, routes};
use rocket::data::{Limits, ToByteUnit as _};
use tokio::time::Instant;

use crate::support::{Server, dances, rocket, send};

/// The limits for the application's own pages are not those of the dances.
async fn serve() -> Server {
    let limits = Limits::default().limit("bytes", 1.bytes());
    let app = rocket();
    let config = app.figment().clone().merge(("limits", limits));
    let dances = dances();
    let app = app
        .configure(config)
        .mount("/", routes(&dances))
        .attach(fairing(&dances));
    Server::start(app).await
}

/// A request with a body that begins, and of which the rest does not come unless it is here.
fn request(method: &str, path: &str, framing: &str, body: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: app\r\nConnection: close\r\n{framing}\r\n\r\n{body}")
        .into()
}

const BEGINNING: &str = "a=0123456789abcdef";

#[tokio::test(start_paused = true)]
async fn a24_a_body_that_does_not_end_is_given_up() {
    let server = serve().await;
    let request = request("POST", "/logout/op", "Content-Length: 100", BEGINNING);
    let begun = Instant::now();
    let answer = send(&server, &request).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(begun.elapsed() >= leaf::BODY_DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn a19_a_wrong_method_is_refused_before_the_rest_of_the_body() {
    let server = serve().await;
    let begun = Instant::now();
    for (method, path) in [
        ("POST", "/login/op"),
        ("POST", "/login/op/authorized"),
        ("PUT", "/logout/op"),
        ("HEAD", "/login/op"),
        ("OPTIONS", "/login/op"),
        ("PATCH", "/login/op"),
        ("TRACE", "/login/op"),
        ("DELETE", "/logout/op"),
    ] {
        let request = request(method, path, "Content-Length: 100", BEGINNING);
        let answer = send(&server, &request).await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{method}: {answer}");
    }
    assert!(begun.elapsed() < leaf::BODY_DEADLINE);
}

#[tokio::test]
async fn a24_a_body_that_is_too_long_is_refused_while_it_comes() {
    let server = serve().await;
    let body = "a".repeat(leaf::MAX_BODY_BYTES + 1);
    let request = request("POST", "/logout/op", "Content-Length: 1000000", &body);
    let answer = send(&server, &request).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_body_of_the_greatest_length_is_read() {
    let server = serve().await;
    let body = "a".repeat(leaf::MAX_BODY_BYTES);
    let framing = format!("Content-Length: {}", body.len());
    let answer = send(&server, &request("POST", "/logout/op", &framing, &body)).await;
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let server = serve().await;
    let body = format!("{:x}\r\n{BEGINNING}\r\nno length\r\n", BEGINNING.len());
    let request = request("POST", "/logout/op", "Transfer-Encoding: chunked", &body);
    let answer = send(&server, &request).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

/// Rocket takes an error in the first 14 bytes for the end of the body.
#[tokio::test]
async fn a24_a_body_that_breaks_off_at_once_signs_nobody_out() {
    let without_fairing = rocket().mount("/", routes(&dances()));
    for server in [serve().await, Server::start(without_fairing).await] {
        for body in ["4\r\na=bc\r\nno length\r\n", "no length\r\n"] {
            let request = request("POST", "/logout/op", "Transfer-Encoding: chunked", body);
            let answer = send(&server, &request).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_short_body_is_read() {
    let server = serve().await;
    for body in ["", "a=b", "a=0123456789ab"] {
        let framing = format!("Content-Length: {}", body.len());
        let answer = send(&server, &request("POST", "/logout/op", &framing, body)).await;
        assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    }
}

#[tokio::test]
async fn a_method_that_rocket_does_not_know_reaches_no_page() {
    let server = serve().await;
    let request = request("PURGE", "/login/op", "Content-Length: 0", "");
    let answer = send(&server, &request).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(!answer.contains("127.0.0.1:1/authorize"), "{answer}");
}
