//! Where a client does not go: to the target of a redirect, and to the same place again.

use std::time::Duration;

use http::StatusCode;
use oauth_dance::{ClientErrorKind, HttpClient, Limits};

use super::server::{Answer, ScriptedServer, get, post};
use super::trap::Trap;

/// D06, E14: a redirect is returned, and its target hears nothing.
pub async fn redirects_are_returned_and_not_followed(client: impl HttpClient) {
    for status in ["301 A", "302 B", "303 C", "307 D", "308 E"] {
        let trap = Trap::set();
        let location = trap.url();
        let answer = Answer::response(status, &format!("location: {location}\r\n"), b"");
        let server = ScriptedServer::start([answer]).await;

        // The trap does not answer: a client that follows comes back with an error.
        let limits = Limits::DEFAULT.with_deadline(Duration::from_secs(5));
        let response = client
            .send(post(&server.url("/token")), limits)
            .await
            .expect("an answer");

        assert_eq!(response.status().as_str(), &status[..3]);
        assert_eq!(response.headers()["location"], location);
        assert_eq!(server.requests().len(), 1, "{status}");
        assert!(!trap.was_contacted(), "{status}");
    }
}

/// D06: a `Location` that is not a URL makes the client send nothing more.
pub async fn odd_locations_are_not_followed_either(client: impl HttpClient) {
    for location in ["/token", "http://[::1", "\u{1}", "//", ""] {
        let answer = Answer::response("307 X", &format!("location: {location}\r\n"), b"");
        let server = ScriptedServer::start([answer]).await;
        let result = client
            .send(post(&server.url("/token")), Limits::DEFAULT)
            .await;
        if let Ok(response) = result {
            assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
        }
        assert_eq!(server.requests().len(), 1, "{location:?}");
    }
}

/// An error status is a response like others, and the request is not sent again.
pub async fn error_statuses_are_returned_and_not_retried(client: impl HttpClient) {
    for status in ["400 A", "401 B", "429 C", "500 D", "502 E", "503 F"] {
        let answer = Answer::response(status, "retry-after: 0\r\n", b"why");
        let server = ScriptedServer::start([answer]).await;
        let response = client
            .send(post(&server.url("/token")), Limits::DEFAULT)
            .await
            .expect("an answer");
        assert_eq!(response.status().as_str(), &status[..3]);
        assert_eq!(response.body(), "why");
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

/// D25: a connection that is reset before the answer is a closed one, and a request that may have arrived is not
/// sent again.
pub async fn d25_a_request_is_sent_once_even_if_the_connection_is_reset(client: impl HttpClient) {
    let server = ScriptedServer::start([Answer::Reset, Answer::response("200 OK", "", b"")]).await;
    let error = client
        .send(post(&server.url("/token")), Limits::DEFAULT)
        .await
        .expect_err("no answer");
    assert_eq!(error.kind(), ClientErrorKind::Closed);
    assert_eq!(server.requests().len(), 1);
}

/// D27: a cookie of one response is not sent with the next request.
pub async fn cookies_are_not_kept(client: impl HttpClient) {
    let answer = Answer::response("200 OK", "set-cookie: sid=1; Path=/\r\n", b"");
    let server = ScriptedServer::start([answer]).await;
    for _ in 0..2 {
        let sent = client.send(get(&server.url("/")), Limits::DEFAULT).await;
        sent.expect("an answer");
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(!requests[1].to_lowercase().contains("cookie"));
}
