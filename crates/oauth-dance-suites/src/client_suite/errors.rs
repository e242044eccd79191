//! Which error a failure is, and what it says.

use std::error::Error;
use std::fmt::Write as _;

use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};

use super::server::{Answer, ScriptedServer, get, post};
use super::trap::Trap;

/// Everything that a log could show of an error: both formats, of it and of all its sources.
fn shown(error: &ClientError) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{error} / {error:?} / {error:#?}");
        next = error.source();
    }
    text
}

/// What is not HTTP is an error, and so is an answer that breaks off. Each has its own word, and the request is
/// not sent again (D30).
pub async fn d30_broken_http_has_a_word_for_each_cause(client: impl HttpClient) {
    let answers = [
        ("SSH-2.0-OpenSSH\r\n", ClientErrorKind::Transport),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
            ClientErrorKind::Truncated,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nsho",
            ClientErrorKind::Truncated,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
            ClientErrorKind::Transport,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx",
            ClientErrorKind::Transport,
        ),
        ("", ClientErrorKind::Closed),
        ("HTTP/1.1 200", ClientErrorKind::Closed),
    ];
    for (answer, kind) in answers {
        let server = ScriptedServer::start([Answer::Bytes(answer.into())]).await;
        let error = client
            .send(post(&server.url("/token")), Limits::DEFAULT)
            .await
            .expect_err("no answer");
        assert_eq!(error.kind(), kind, "{answer:?}");
        assert_eq!(server.requests().len(), 1, "{answer:?}");
    }
}

/// D01: a head that does not end is an error.
pub async fn endless_headers_are_an_error(client: impl HttpClient) {
    let server = ScriptedServer::start([Answer::Endless {
        head: b"HTTP/1.1 200 OK\r\n".into(),
        chunk: b"x-more: and more\r\n".into(),
    }])
    .await;
    let error = client
        .send(get(&server.url("/")), Limits::DEFAULT)
        .await
        .expect_err("no answer");
    assert_eq!(error.kind(), ClientErrorKind::Transport);
}

/// Some providers refuse a request that does not say who sends it.
pub async fn a_request_says_who_sends_it(client: impl HttpClient) {
    let server = ScriptedServer::start([Answer::response("200 OK", "", b"")]).await;
    let _ = client.send(get(&server.url("/")), Limits::DEFAULT).await;
    let requests = server.requests();
    let name = requests[0].lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("user-agent")
            .then(|| value.trim())
    });
    assert!(name.is_some_and(|name| !name.is_empty()), "{requests:?}");
}

/// A server that is not there is told from one that breaks off.
pub async fn a_refused_connection_is_a_refused_one(client: impl HttpClient) {
    let url = Trap::set().removed();
    let error = client
        .send(post(&url), Limits::DEFAULT)
        .await
        .expect_err("no answer");
    assert_eq!(error.kind(), ClientErrorKind::Refused);
}

/// K01: no error prints a URL, a header or a body, and no source of an error does.
pub async fn k03_errors_show_nothing_of_the_request_or_the_response(client: impl HttpClient) {
    let answers = [
        Answer::Bytes(b"canary-answer not http\r\n\r\n".into()),
        Answer::response("200 OK", "", b"canary-answer"),
        Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\ncanary-answer".into()),
        Answer::Bytes(b"HTTP/1.1 200 OK\r\ncanary-answer\r\n\r\n".into()),
        Answer::response("302 X", "location: http://[canary-answer\r\n", b"long body"),
        Answer::Reset,
    ];
    let mut errors = Vec::new();
    for answer in answers {
        let server = ScriptedServer::start([answer]).await;
        let url = server.url("/canary-path?code=canary-query");
        let limits = Limits::DEFAULT.with_max_body_bytes(4);
        errors.push(
            client
                .send(post(&url), limits)
                .await
                .expect_err("no answer"),
        );
    }
    let url = Trap::set().removed();
    for url in [
        format!("{url}canary-path?code=canary-query"),
        "/canary-path".to_owned(),
        "ftp://canary-host.invalid/canary-path".to_owned(),
    ] {
        let sent = client.send(post(&url), Limits::DEFAULT).await;
        errors.push(sent.expect_err("no answer"));
    }
    for error in &errors {
        let shown = shown(error);
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!shown.contains("http://"), "{shown}");
    }
}
