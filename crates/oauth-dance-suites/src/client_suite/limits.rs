//! How much a client reads, and how long it waits.

use std::io::Write as _;
use std::time::Duration;

use http::header::CONTENT_ENCODING;
use oauth_dance::{ClientErrorKind, HttpClient, Limits};

use super::server::{Answer, ScriptedServer, get, post};

/// Much longer than the deadline of the tests, so that a busy machine fails none.
const FAR_TOO_LONG: Duration = Duration::from_secs(5);

/// D01: a body that does not end is given up at the cap, and the connection with it.
pub async fn an_endless_body_is_cut_at_the_cap(client: impl HttpClient) {
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
        let server =
            ScriptedServer::start([endless, Answer::response("200 OK", "", b"free")]).await;

        let error = client
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .expect_err("no answer");
        assert_eq!(error.kind(), ClientErrorKind::TooLarge);

        let response = client
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .expect("an answer");
        assert_eq!(response.body(), "free");
    }
}

/// D01: a body of exactly the cap is returned, and one byte more is an error.
pub async fn the_cap_is_exact(client: impl HttpClient) {
    let server = ScriptedServer::start([Answer::response("200 OK", "", b"12345")]).await;
    let limits = |cap| Limits::DEFAULT.with_max_body_bytes(cap);
    let url = server.url("/");

    let response = client.send(get(&url), limits(5)).await.expect("an answer");
    assert_eq!(response.body(), "12345");
    let error = client
        .send(get(&url), limits(4))
        .await
        .expect_err("no answer");
    assert_eq!(error.kind(), ClientErrorKind::TooLarge);
}

/// D04: a client that undoes a content coding counts what comes out. One that does not returns the body
/// as it came, and says so by leaving `Content-Encoding` in place.
pub async fn d04_a_compressed_body_is_cut_at_the_cap_too(client: impl HttpClient) {
    // 64 MiB of zeros in about 64 KiB.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        bomb.write_all(&[0; 1024 * 1024]).expect("memory");
    }
    let bomb = bomb.finish().expect("memory");
    assert!(bomb.len() < 100 * 1024);
    let answer = Answer::response("200 OK", "content-encoding: gzip\r\n", &bomb);
    let server = ScriptedServer::start([answer]).await;
    match client.send(get(&server.url("/")), Limits::DEFAULT).await {
        Ok(response) => {
            assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
            assert_eq!(response.body(), &bomb);
        }
        Err(error) => assert_eq!(error.kind(), ClientErrorKind::TooLarge),
    }
}

/// D02, D03: the deadline is for the whole exchange, and the connection is given up with it.
pub async fn a_response_that_never_comes_or_never_ends_is_a_timeout(client: impl HttpClient) {
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
        let server = ScriptedServer::start([answer, Answer::response("200 OK", "", b"free")]).await;
        let limits = Limits::DEFAULT
            .with_deadline(Duration::from_millis(100))
            .with_max_body_bytes(usize::MAX);

        let sent = client.send(post(&server.url("/token")), limits);
        let sent = tokio::time::timeout(FAR_TOO_LONG, sent).await;
        let error = sent.expect("the deadline is kept").expect_err("no answer");
        assert_eq!(error.kind(), ClientErrorKind::Timeout);

        // The server gets here only because the client has let go of the first connection.
        let response = client
            .send(get(&server.url("/")), Limits::DEFAULT)
            .await
            .expect("an answer");
        assert_eq!(response.body(), "free");
    }
}
