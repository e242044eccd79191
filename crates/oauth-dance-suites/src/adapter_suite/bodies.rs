//! Request bodies over real sockets: too long, broken off, never sent.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use oauth_dance::leaf::{BODY_DEADLINE, MAX_BODY_BYTES};
use oauth_dance_testkit::Browser;
use tokio::time::{Instant, timeout};

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::heard::Heard;
use super::http2::{Connection, cookies_of, of_http_2};
use super::pages::ORIGIN;
use super::raw::Wire;
use super::rig::{Rig, rig};

/// The head of a form that signs `browser` out, up to the line that says how long its body is.
fn logout(browser: &Browser, length: &str) -> String {
    format!(
        "POST /logout/op HTTP/1.1\r\nHost: app.localhost\r\nOrigin: https://app.localhost\r\n{}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n{length}\r\n\r\n",
        cookie_header(browser)
    )
}

/// The body did not arrive, so no session has ended: the response is this status, or the connection is closed.
async fn is_refused(rig: &Rig, browser: &Browser, status: Option<u16>, expected: u16) {
    assert!(
        status.is_none_or(|status| status == expected),
        "{status:?} instead of {expected}"
    );
    assert!(!rig.heard().contains(&Heard::LoggedOut));
    assert!(rig.home(browser).await.owner.is_some(), "signed out");
}

/// A19: a page that does not take the method says so at once, before the body that is announced.
pub async fn a19_a_wrong_method_is_answered_before_its_body(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for (method, path) in [
        ("POST", "/login/op"),
        ("POST", "/login/op/authorized"),
        ("PUT", "/logout/op"),
    ] {
        let mut wire = Wire::open(rig.address()).await;
        let head = "Host: app.localhost\r\nContent-Length: 20";
        let request = format!("{method} {path} HTTP/1.1\r\n{head}\r\n\r\n");
        wire.send(request.as_bytes()).await;
        // Far below the deadline for bodies.
        let status = timeout(BODY_DEADLINE / 2, wire.status()).await;
        assert_eq!(status, Ok(Some(405)), "{method} {path}");
    }
    assert!(rig.heard().is_empty());
}

/// A24: a body that breaks off half way ends no session.
pub async fn a24_a_body_that_breaks_off_is_refused(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    for (length, part) in [
        ("Content-Length: 40", "confirm=ye"),
        ("Transfer-Encoding: chunked", "28\r\nconfirm=ye"),
    ] {
        let mut wire = Wire::open(rig.address()).await;
        wire.send(format!("{}{part}", logout(&browser, length)).as_bytes())
            .await;
        wire.end().await;
        let status = wire.status().await;
        is_refused(&rig, &browser, status, 400).await;
    }
}

/// A24: a body that does not end is given up at its deadline, whether it stands still or comes by the byte.
pub async fn a24_a_body_that_does_not_end_is_given_up(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let begun = Instant::now();
    let head = logout(&browser, "Transfer-Encoding: chunked");
    let still = async {
        let mut wire = Wire::open(rig.address()).await;
        wire.send(format!("{head}14\r\nconfirm=yes&and=more\r\n").as_bytes())
            .await;
        wire.status().await
    };
    let slow = async {
        let mut wire = Wire::open(rig.address()).await;
        wire.send(head.as_bytes()).await;
        let mut next = tokio::time::interval(BODY_DEADLINE / 40);
        loop {
            tokio::select! {
                status = wire.status() => return status,
                _ = next.tick() => {}
            }
            wire.send(b"1\r\na\r\n").await;
        }
    };
    let both = async { tokio::join!(still, slow) };
    let both = timeout(BODY_DEADLINE + Duration::from_secs(5), both).await;
    let (still, slow) = both.expect("a body was waited for without an end");
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "given up at once"
    );
    is_refused(&rig, &browser, still, 408).await;
    is_refused(&rig, &browser, slow, 408).await;
}

/// A24: one byte too many, announced or not.
pub async fn a24_a_body_of_one_byte_too_many_is_refused(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let body = "x".repeat(MAX_BODY_BYTES + 1);
    let length = body.len();
    for (head, body) in [
        (format!("Content-Length: {length}"), body.clone()),
        (
            "Transfer-Encoding: chunked".to_owned(),
            format!("{length:x}\r\n{body}\r\n0\r\n\r\n"),
        ),
    ] {
        let mut wire = Wire::open(rig.address()).await;
        wire.send(logout(&browser, &head).as_bytes()).await;
        wire.send(body.as_bytes()).await;
        let status = wire.status().await;
        assert_eq!(status, Some(413), "{head}");
        is_refused(&rig, &browser, status, 413).await;
    }
}

/// A24: the longest body is read, in one piece or in chunks. The limits of the framework are others.
pub async fn a24_a_body_of_the_whole_length_is_read(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let body = "x".repeat(MAX_BODY_BYTES);
    let length = body.len();
    let chunk = format!("{:x}\r\n{}\r\n", length / 4, &body[..length / 4]);
    for (head, body) in [
        (format!("Content-Length: {length}"), body),
        (
            "Transfer-Encoding: chunked".to_owned(),
            format!("{}0\r\n\r\n", chunk.repeat(4)),
        ),
    ] {
        let browser = rig.signed_in().await;
        let mut wire = Wire::open(rig.address()).await;
        wire.send(logout(&browser, &head).as_bytes()).await;
        wire.send(body.as_bytes()).await;
        assert_eq!(wire.status().await, Some(303), "{head}");
        // Nothing is left of the session, nor of the one before.
        assert!(rig.store.stored().is_empty(), "{head}");
    }
}

/// The same form over HTTP/2.
fn logout_over_http_2(browser: &Browser) -> Request<Bytes> {
    let request = Request::post("/logout/op")
        .header("host", "app.localhost")
        .header("origin", ORIGIN)
        .header("cookie", cookies_of(browser));
    request.body(Bytes::new()).expect("a request")
}

/// A24: over HTTP/2 a body has no length and no chunks, and the same cap.
pub async fn a24_over_http_2_a_body_of_one_byte_too_many_is_refused(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let connection = Connection::open(rig.address()).await;
    let body = Bytes::from(vec![b'x'; MAX_BODY_BYTES + 1]);
    let request = logout_over_http_2(&browser).map(|_| body);
    let status = connection.send(request).await.status().as_u16();
    assert_eq!(status, 413);
    is_refused(&rig, &browser, Some(status), 413).await;
}

/// A24: a stream that is reset in the middle of its body ends no session.
pub async fn a24_over_http_2_a_body_that_is_reset_ends_no_session(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let connection = Connection::open(rig.address()).await;
    let request = of_http_2(logout_over_http_2(&browser)).map(|_| ());
    let sent = connection.ready().await.send_request(request, false);
    let (response, mut body) = sent.expect("a request");
    let half = body.send_data(Bytes::from_static(b"confirm=ye"), false);
    half.expect("a half");
    // A response to a later request: by now the server has the half.
    assert_eq!(connection.get("/", "").await.status(), 200);
    body.send_reset(h2::Reason::CANCEL);
    assert!(response.await.is_err(), "a response to half a request");
    assert_eq!(connection.get("/", "").await.status(), 200);
    is_refused(&rig, &browser, None, 400).await;
}
