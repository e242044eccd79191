//! What a hostile or broken provider cannot make the client do, where the reason is in reqwest.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io::Write as _;

use http::StatusCode;
use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_reqwest::reqwest::{redirect, retry};
use oauth_dance_suites::client_suite::{Answer, ScriptedServer};

use crate::support::{client, get, post};

/// Everything that a log could show of an error: both formats, of it and of all its sources.
fn shown(error: &ClientError) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn StdError> = Some(error);
    while let Some(error) = next {
        writeln!(text, "{error} / {error:?} / {error:#?}").unwrap();
        next = error.source();
    }
    text
}

#[tokio::test]
async fn d04_the_cap_counts_decompressed_bytes() {
    // 64 MiB of zeros in about 64 KiB.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        bomb.write_all(&[0; 1024 * 1024]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 100 * 1024);
    let server = ScriptedServer::start([Answer::response(
        "200 OK",
        "content-encoding: gzip\r\n",
        &bomb,
    )])
    .await;

    let error = client()
        .send(get(&server.url("/")), Limits::DEFAULT)
        .await
        .unwrap_err();

    assert_eq!(error.kind(), ClientErrorKind::TooLarge);
}

#[tokio::test]
async fn d05_gzip_is_undone_and_every_other_coding_is_an_error() {
    let mut body = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    body.write_all(b"{}").unwrap();
    let body = body.finish().unwrap();

    let server = ScriptedServer::start([Answer::response(
        "200 OK",
        "content-encoding: gzip\r\n",
        &body,
    )])
    .await;
    let response = client()
        .send(get(&server.url("/")), Limits::DEFAULT)
        .await
        .unwrap();
    assert_eq!(response.body(), "{}");

    for coding in ["gzip, gzip", "br", "zstd", "deflate", "compress", "\u{1}"] {
        let headers = format!("content-encoding: {coding}\r\n");
        let server = ScriptedServer::start([Answer::response("200 OK", &headers, &body)]).await;
        let error = client()
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::Transport, "{coding:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_in_the_coding_it_claims_is_a_transport_error() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain";
    let server = ScriptedServer::start([Answer::Bytes(answer.into())]).await;
    let error = client()
        .send(post(&server.url("/token")), Limits::DEFAULT)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Transport);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn cookies_are_not_kept_even_if_a_store_is_configured() {
    let answer = Answer::response("200 OK", "set-cookie: sid=1; Path=/\r\n", b"");
    let server = ScriptedServer::start([answer]).await;
    let client = ReqwestClient::builder()
        .configure(|builder| builder.no_proxy().cookie_store(true))
        .build()
        .unwrap();

    for _ in 0..2 {
        client
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .unwrap();
    }

    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(!requests[1].to_lowercase().contains("cookie"));
}

#[tokio::test]
async fn policies_outlast_configuration() {
    let target = ScriptedServer::start([Answer::response("200 OK", "", b"")]).await;
    let location = target.url("/");
    let server = ScriptedServer::start([
        Answer::response("302 Found", &format!("location: {location}\r\n"), b""),
        Answer::response("503 Busy", "", b""),
    ])
    .await;
    let client = ReqwestClient::builder()
        .configure(|builder| {
            let retry = retry::for_host("127.0.0.1").classify_fn(|answer| match answer.status() {
                Some(StatusCode::SERVICE_UNAVAILABLE) => answer.retryable(),
                _ => answer.success(),
            });
            builder
                .no_proxy()
                .redirect(redirect::Policy::limited(10))
                .retry(retry)
        })
        .build()
        .unwrap();

    for status in [StatusCode::FOUND, StatusCode::SERVICE_UNAVAILABLE] {
        let response = client
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .unwrap();
        assert_eq!(response.status(), status);
    }

    assert_eq!(server.requests().len(), 2);
    assert!(target.requests().is_empty());
}

#[tokio::test]
async fn errors_of_codings_show_nothing_of_the_answer() {
    for (headers, body) in [
        ("content-encoding: canary-answer\r\n", &b""[..]),
        ("content-encoding: gzip\r\n", b"canary-answer"),
    ] {
        let answer = Answer::response("200 OK", headers, body);
        let server = ScriptedServer::start([answer]).await;
        let url = server.url("/canary-path?code=canary-query");
        let error = client().send(post(&url), Limits::DEFAULT).await;
        let shown = shown(&error.unwrap_err());
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!shown.contains("http://"), "{shown}");
    }
}
