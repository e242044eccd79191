//! Request bodies over real sockets: too long, broken off, never sent.

use std::time::Duration;

use oauth_dance::leaf::{BODY_DEADLINE, MAX_BODY_BYTES};
use oauth_dance_testkit::Browser;
use tokio::time::{Instant, timeout};

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::heard::Heard;
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

/// A24: a body that does not end is given up. Between the bytes that come, no time-out of the server's own strikes.
pub async fn a24_a_body_that_does_not_end_is_given_up(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let mut wire = Wire::open(rig.address()).await;
    let begun = Instant::now();
    wire.send(logout(&browser, "Transfer-Encoding: chunked").as_bytes())
        .await;
    wire.send(b"14\r\nconfirm=yes&and=more\r\n").await;
    let status = timeout(BODY_DEADLINE + Duration::from_secs(10), wire.status()).await;
    let status = status.expect("the body was waited for without an end");
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "given up at once"
    );
    is_refused(&rig, &browser, status, 408).await;
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
        is_refused(&rig, &browser, status, 413).await;
    }
}

/// A24: the longest body is read.
pub async fn a24_a_body_of_the_whole_length_is_read(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let mut wire = Wire::open(rig.address()).await;
    let head = format!("Content-Length: {MAX_BODY_BYTES}");
    wire.send(logout(&browser, &head).as_bytes()).await;
    wire.send("x".repeat(MAX_BODY_BYTES).as_bytes()).await;
    assert_eq!(wire.status().await, Some(303));
    assert!(rig.heard().contains(&Heard::LoggedOut));
}
