//! What a hostile or broken provider cannot make the client do, over real sockets.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use http::StatusCode;
use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_reqwest::reqwest::{redirect, retry};

use crate::support::{Answer, Server, client, get, post};

/// A server nobody may talk to.
fn forbidden() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    (listener, url)
}

/// Whether anybody has connected. On loopback a connection waits in the listener's queue before the
/// client can have sent a byte over it.
fn was_contacted(listener: &TcpListener) -> bool {
    listener.accept().is_ok()
}

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
async fn redirects_are_answers_and_are_not_followed() {
    for status in ["301 A", "302 B", "303 C", "307 D", "308 E"] {
        let (target, location) = forbidden();
        let answer = Answer::response(status, &format!("location: {location}\r\n"), b"");
        let server = Server::start([answer]).await;

        let response = client()
            .send(post(&server.url("/token")), Limits::DEFAULT)
            .await
            .unwrap();

        assert_eq!(response.status().as_str(), &status[..3]);
        assert_eq!(response.headers()["location"], location.as_str());
        assert_eq!(server.requests().len(), 1, "{status}");
        assert!(!was_contacted(&target), "{status}");
    }
}

#[tokio::test]
async fn odd_locations_are_answers_too() {
    for location in ["/token", "http://[::1", "\u{1}", "//", ""] {
        let answer = Answer::response("307 X", &format!("location: {location}\r\n"), b"");
        let server = Server::start([answer]).await;
        let result = client()
            .send(post(&server.url("/token")), Limits::DEFAULT)
            .await;
        if let Ok(response) = result {
            assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
        }
        assert_eq!(server.requests().len(), 1, "{location:?}");
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_cap() {
    let heads = [
        // Ends with the connection, that is, never.
        "HTTP/1.1 200 OK\r\n\r\n",
        // Announces more than the cap.
        "HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n",
    ];
    for head in heads {
        let endless = Answer::Endless {
            head: head.into(),
            chunk: vec![b'x'; 16 * 1024],
        };
        // The server takes the second connection only once the first has been hung up.
        let server = Server::start([endless, Answer::response("200 OK", "", b"free")]).await;
        let client = client();

        let error = client
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::TooLarge);

        let response = client
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .unwrap();
        assert_eq!(response.body(), "free");
    }
}

#[tokio::test]
async fn the_cap_is_exact() {
    let server = Server::start([Answer::response("200 OK", "", b"12345")]).await;
    let limits = |cap| Limits::DEFAULT.with_max_body_bytes(cap);
    let url = server.url("/");

    let response = client().send(get(&url), limits(5)).await.unwrap();
    assert_eq!(response.body(), "12345");
    let error = client().send(get(&url), limits(4)).await.unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::TooLarge);
}

#[tokio::test]
async fn the_cap_counts_decompressed_bytes() {
    // 64 MiB of zeros in about 64 KiB.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        bomb.write_all(&[0; 1024 * 1024]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 100 * 1024);
    let server = Server::start([Answer::response(
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
async fn gzip_is_undone_and_every_other_coding_is_an_error() {
    let mut body = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    body.write_all(b"{}").unwrap();
    let body = body.finish().unwrap();

    let server = Server::start([Answer::response(
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
        let server = Server::start([Answer::response("200 OK", &headers, &body)]).await;
        let error = client()
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::Transport, "{coding:?}");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_or_never_ends_is_a_timeout() {
    let answers = [
        Answer::Stall(Vec::new()),
        Answer::Stall(b"HTTP/1.1 200 OK\r\n".into()),
        Answer::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nslow".into()),
        // Always a byte more: the deadline is for the whole, not for each read.
        Answer::Endless {
            head: b"HTTP/1.1 200 OK\r\n\r\n".into(),
            chunk: b"x".into(),
        },
        Answer::Endless {
            head: Vec::new(),
            chunk: b"HTTP/1.1 103 Early Hints\r\n\r\n".into(),
        },
    ];
    for answer in answers {
        let server = Server::start([answer, Answer::response("200 OK", "", b"free")]).await;
        let client = client();
        let limits = Limits::DEFAULT
            .with_deadline(Duration::from_millis(100))
            .with_max_body_bytes(usize::MAX);

        let error = client
            .send(post(&server.url("/token")), limits)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::Timeout);

        // The server gets here only because the client has let go of the first connection.
        let response = client
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .unwrap();
        assert_eq!(response.body(), "free");
    }
}

#[tokio::test]
async fn endless_headers_are_an_error() {
    let server = Server::start([Answer::Endless {
        head: b"HTTP/1.1 200 OK\r\n".into(),
        chunk: b"x-more: and more\r\n".into(),
    }])
    .await;
    let error = client()
        .send(get(&server.url("/")), Limits::DEFAULT)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Transport);
}

#[tokio::test]
async fn broken_http_is_a_transport_error() {
    let answers = [
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx",
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain",
        "",
    ];
    for answer in answers {
        let server = Server::start([Answer::Bytes(answer.into())]).await;
        let error = client()
            .send(post(&server.url("/token")), Limits::DEFAULT)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::Transport, "{answer:?}");
        assert_eq!(server.requests().len(), 1, "{answer:?}");
    }
}

#[tokio::test]
async fn a_request_is_sent_once_even_if_the_connection_is_reset() {
    let server = Server::start([Answer::Reset, Answer::response("200 OK", "", b"")]).await;
    let error = client()
        .send(post(&server.url("/token")), Limits::DEFAULT)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Transport);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn error_statuses_are_answers_and_are_not_retried() {
    for status in ["400 A", "401 B", "429 C", "500 D", "502 E", "503 F"] {
        let answer = Answer::response(status, "retry-after: 0\r\n", b"why");
        let server = Server::start([answer]).await;
        let response = client()
            .send(post(&server.url("/token")), Limits::DEFAULT)
            .await
            .unwrap();
        assert_eq!(response.status().as_str(), &status[..3]);
        assert_eq!(response.body(), "why");
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_a_connect_error() {
    let (listener, url) = forbidden();
    drop(listener);
    let error = client()
        .send(post(&url), Limits::DEFAULT)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Connect);
}

#[tokio::test]
async fn cookies_are_not_kept_even_if_a_store_is_configured() {
    let answer = Answer::response("200 OK", "set-cookie: sid=1; Path=/\r\n", b"");
    let server = Server::start([answer]).await;
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
    let (target, location) = forbidden();
    let server = Server::start([
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
    assert!(!was_contacted(&target));
}

#[tokio::test]
async fn errors_show_nothing_of_the_request_or_the_answer() {
    let answers = [
        Answer::Bytes(b"canary-answer not http\r\n\r\n".into()),
        Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\ncanary-answer".into()),
        Answer::Bytes(b"HTTP/1.1 200 OK\r\ncanary-answer\r\n\r\n".into()),
        Answer::response("200 OK", "content-encoding: canary-answer\r\n", b""),
        Answer::response("200 OK", "content-encoding: gzip\r\n", b"canary-answer"),
        Answer::response("302 X", "location: http://[canary-answer\r\n", b"long body"),
        Answer::Reset,
    ];
    let mut errors = Vec::new();
    for answer in answers {
        let server = Server::start([answer]).await;
        let url = server.url("/canary-path?code=canary-query");
        let limits = Limits::DEFAULT.with_max_body_bytes(4);
        errors.push(client().send(post(&url), limits).await.unwrap_err());
    }
    let (listener, url) = forbidden();
    drop(listener);
    for url in [
        format!("{url}canary-path?code=canary-query"),
        "/canary-path".to_owned(),
        "ftp://canary-host.invalid/canary-path".to_owned(),
    ] {
        let sent = client().send(post(&url), Limits::DEFAULT).await;
        errors.push(sent.unwrap_err());
    }
    for error in &errors {
        let shown = shown(error);
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!shown.contains("http://"), "{shown}");
    }
}
