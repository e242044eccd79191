//! Each way an answer to a client can be wrong, as seen over a socket.

mod common;

use std::time::Duration;

use common::*;
use http::Method;
use oauth_dance::{ClientErrorKind, HttpClient as _, Limits};
use oauth_dance_dev::{DevProvider, Endpoint, Fault};
use oauth_dance_testkit::{Browser, BrowserError, Page};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

async fn post(provider: &DevProvider, form: &[(&str, &str)]) -> Result<Page, BrowserError> {
    Browser::new()
        .request(Method::POST, format!("{}/token", provider.issuer()))
        .header("authorization", &basic("app", "secret"))
        .form(form)
        .send()
        .await
}

/// What the token endpoint answers to a good code.
async fn exchanged(provider: &DevProvider) -> Result<Page, BrowserError> {
    post(provider, &code_grant(&code(provider))).await
}

/// What the token endpoint answers to a good code while this is wrong with it.
async fn exchanged_with(fault: Fault) -> Result<Page, BrowserError> {
    let (provider, _server) = served(provider()).await;
    provider.inject(Endpoint::Token, fault);
    exchanged(&provider).await
}

async fn token_with(fault: Fault) -> serde_json::Value {
    let page = exchanged_with(fault).await.expect("an answer");
    page.json().expect("a JSON answer")
}

#[tokio::test]
async fn errors_come_with_any_status() {
    let page = exchanged_with(Fault::error(200, "bad_verification_code"))
        .await
        .expect("an answer");
    assert_eq!(page.status(), 200);
    assert_eq!(
        page.json().expect("JSON"),
        json!({ "error": "bad_verification_code" })
    );
    let page = exchanged_with(Fault::error(400, "invalid_grant"))
        .await
        .expect("an answer");
    assert_eq!(page.status(), 400);
}

#[tokio::test]
async fn pages_come_instead_of_tokens() {
    for status in [200, 500] {
        let page = exchanged_with(Fault::html(status))
            .await
            .expect("an answer");
        assert_eq!(page.status(), status);
        assert_eq!(page.header("content-type"), Some("text/html"));
        assert!(page.text().starts_with("<!doctype html>"));
    }
}

#[tokio::test]
async fn redirects_come_instead_of_tokens() {
    for status in [301, 302, 303, 307, 308] {
        let fault = Fault::redirect(status, "http://169.254.169.254/latest");
        let page = exchanged_with(fault).await.expect("an answer");
        assert_eq!(page.status(), status);
        assert_eq!(
            page.header("location"),
            Some("http://169.254.169.254/latest")
        );
    }
}

#[tokio::test]
async fn bodies_can_be_cut_off_or_be_garbage() {
    let page = exchanged_with(Fault::truncated()).await.expect("an answer");
    assert!(page.text().starts_with('{') && page.json().is_err());
    let page = exchanged_with(Fault::garbage()).await.expect("an answer");
    assert_eq!(page.header("content-type"), Some("application/json"));
    assert!(std::str::from_utf8(page.bytes()).is_err());
}

#[tokio::test]
async fn members_can_be_missing_or_odd() {
    assert_eq!(
        token_with(Fault::without("token_type")).await["token_type"],
        json!(null)
    );
    assert_eq!(
        token_with(Fault::with("access_token", "")).await["access_token"],
        ""
    );
    let split = "token\r\nSet-Cookie: a=b";
    assert_eq!(
        token_with(Fault::with("access_token", split)).await["access_token"],
        split
    );
    for expires_in in [
        json!("3600"),
        json!(-1),
        json!(u64::MAX),
        json!(null),
        json!(3600.5),
    ] {
        let token = token_with(Fault::with("expires_in", expires_in.clone())).await;
        assert_eq!(token["expires_in"], expires_in);
        assert!(token["access_token"].is_string(), "the rest is honest");
    }
    let page = exchanged_with(Fault::with_raw("expires_in", "1e400"))
        .await
        .expect("an answer");
    assert!(page.text().contains("\"expires_in\":1e400"));
}

#[tokio::test]
async fn members_can_be_repeated() {
    let page = exchanged_with(Fault::twice("token_type")).await;
    let text = page.expect("an answer").text().into_owned();
    assert_eq!(
        text.matches("\"token_type\":\"Bearer\"").count(),
        2,
        "{text}"
    );
    assert!(text.ends_with('}'), "{text}");
}

#[test]
#[should_panic(expected = "choose another endpoint")]
fn a_fault_that_cannot_show_is_refused() {
    provider().inject(Endpoint::Userinfo, Fault::ignores_pkce());
}

#[tokio::test]
async fn scopes_can_be_an_array_or_fewer_than_granted() {
    assert_eq!(
        token_with(Fault::scope_array()).await["scope"],
        json!(["profile", "email"])
    );
    assert_eq!(
        token_with(Fault::with("scope", "profile")).await["scope"],
        "profile"
    );
}

#[tokio::test]
async fn tokens_come_in_other_wrappings() {
    let page = exchanged_with(Fault::form_encoded())
        .await
        .expect("an answer");
    assert_eq!(
        page.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let form: Vec<_> = form_urlencoded::parse(page.bytes()).collect();
    assert!(form.contains(&("scope".into(), "profile email".into())));
    assert!(form.contains(&("expires_in".into(), "3600".into())));

    let page = exchanged_with(Fault::content_type("text/plain"))
        .await
        .expect("an answer");
    assert_eq!(page.header("content-type"), Some("text/plain"));
    assert!(page.json().expect("JSON")["access_token"].is_string());
    let page = exchanged_with(Fault::header("content-encoding", "gzip, gzip"))
        .await
        .expect("an answer");
    assert_eq!(page.header("content-encoding"), Some("gzip, gzip"));
    let page = exchanged_with(Fault::status(201)).await.expect("an answer");
    assert_eq!(page.status(), 201);
}

#[tokio::test]
async fn any_answer_can_be_given() {
    let response = http::Response::builder()
        .status(418)
        .header("x-test", "yes")
        .body("[[[[".into())
        .expect("a response");
    let page = exchanged_with(Fault::reply(response))
        .await
        .expect("an answer");
    assert_eq!(
        (page.status().as_u16(), page.header("x-test")),
        (418, Some("yes"))
    );
    assert_eq!(page.text(), "[[[[");
}

#[tokio::test]
async fn a_body_can_be_endless() {
    let error = exchanged_with(Fault::endless_body())
        .await
        .expect_err("too large");
    assert!(error.to_string().contains("too large"));
}

#[tokio::test]
async fn a_body_can_come_byte_by_byte() {
    let (provider, server) = served(provider()).await;
    provider.inject(Endpoint::Token, Fault::slow_body(Duration::from_millis(1)));
    let form = encode(&code_grant(&code(&provider)));
    let request = format!(
        "POST /token HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        basic("app", "secret"),
        form.len(),
    );
    let mut stream = tokio::net::TcpStream::connect(server.address())
        .await
        .expect("a connection");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("a request");
    let (mut answer, mut pieces, mut buffer) = (Vec::new(), 0, [0; 4096]);
    loop {
        match stream.read(&mut buffer).await.expect("an answer") {
            0 => break,
            read => answer.extend_from_slice(&buffer[..read]),
        }
        pieces += 1;
    }
    assert!(pieces > 10, "{pieces} pieces");
    let answer = String::from_utf8(answer).expect("text");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let token: serde_json::Value = serde_json::from_str(body).expect("an honest token in the end");
    assert_eq!(token["token_type"], "Bearer");
}

#[tokio::test]
async fn an_answer_can_stay_away_until_the_server_is_gone() {
    let (provider, server) = served(provider()).await;
    provider.inject(Endpoint::Token, Fault::never_answers());
    let mut waiting = std::pin::pin!(exchanged(&provider));
    tokio::select! {
        answer = &mut waiting => panic!("{answer:?}"),
        () = provider.seen(|log| log.exchanges() == 1) => {}
    }
    let log = provider.log();
    assert_eq!(log.last_to("/token").expect("a request").status(), None);
    drop(server);
    assert!(waiting.await.is_err());
}

#[tokio::test]
async fn a_connection_can_be_closed_without_an_answer() {
    let (provider, _server) = served(provider()).await;
    let (_, refresh_token) = tokens(&provider);
    provider.inject_once(Endpoint::Refresh, Fault::hangs_up());
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
    ];
    assert!(post(&provider, &form).await.is_err());
    // The work was done, only the answer was lost: the refresh token is spent.
    let again = post(&provider, &form).await.expect("an answer");
    assert_eq!(again.json().expect("JSON")["error"], "invalid_grant");
}

#[tokio::test]
async fn bytes_can_take_the_place_of_http() {
    let honest = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let page = exchanged_with(Fault::raw(honest)).await.expect("an answer");
    assert_eq!((page.text().as_ref(), page.headers().len()), ("{}", 1));
    let interim = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000) + honest;
    let page = exchanged_with(Fault::raw(interim))
        .await
        .expect("an answer");
    assert_eq!(page.status(), 200);
    for broken in [
        "",
        "this is no HTTP\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}",
    ] {
        assert!(
            exchanged_with(Fault::raw(broken)).await.is_err(),
            "{broken}"
        );
    }
}

#[tokio::test]
async fn a_refresh_can_find_the_provider_unavailable() {
    let (provider, _server) = served(provider()).await;
    provider.inject_once(
        Endpoint::Refresh,
        Fault::unavailable(Duration::from_secs(7)),
    );
    // A code is another grant, and is not touched.
    let token = exchanged(&provider)
        .await
        .expect("an answer")
        .json()
        .expect("JSON");
    let refresh_token = token["refresh_token"].as_str().expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    let page = post(&provider, &form).await.expect("an answer");
    assert_eq!(
        (page.status().as_u16(), page.header("retry-after")),
        (503, Some("7"))
    );
    // Answered instead: the refresh token is still good.
    assert_eq!(
        post(&provider, &form).await.expect("an answer").status(),
        200
    );
}

#[tokio::test]
async fn userinfo_can_speak_of_others_or_fail() {
    let (provider, _server) = served(provider()).await;
    let (access, _) = tokens(&provider);
    let userinfo = async |fault: Fault| {
        provider.inject_once(Endpoint::Userinfo, fault);
        let request = Browser::new();
        let request = request
            .request(Method::GET, format!("{}/userinfo", provider.issuer()))
            .header("authorization", &format!("Bearer {access}"));
        request.send().await.expect("an answer")
    };
    let other = userinfo(Fault::with("sub", "dev-mallory")).await;
    assert_eq!(other.json().expect("JSON")["sub"], "dev-mallory");
    let nobody = userinfo(Fault::without("sub")).await.json().expect("JSON");
    assert_eq!(
        (&nobody["sub"], &nobody["name"]),
        (&json!(null), &json!("Ada Lovelace"))
    );
    assert_eq!(userinfo(Fault::html(500)).await.status(), 500);
    assert_eq!(userinfo(Fault::status(200)).await.status(), 200);
}

#[tokio::test]
async fn faults_add_up_last_until_taken_back_and_show_at_their_endpoint_only() {
    let (provider, _server) = served(provider()).await;
    provider.inject(Endpoint::CodeExchange, Fault::scope_array());
    provider.inject(Endpoint::Token, Fault::status(201));
    for _ in 0..2 {
        let page = exchanged(&provider).await.expect("an answer");
        assert_eq!(page.status(), 201);
        assert!(page.json().expect("JSON")["scope"].is_array());
    }
    assert_eq!(get(&provider, "/userinfo").status(), 401);
    provider.clear_faults();
    assert_eq!(exchanged(&provider).await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn in_process_what_takes_for_ever_is_an_error_at_once() {
    let provider = provider();
    for (fault, kind) in [
        (Fault::endless_body(), ClientErrorKind::TooLarge),
        (
            Fault::slow_body(Duration::from_secs(1)),
            ClientErrorKind::Timeout,
        ),
        (Fault::never_answers(), ClientErrorKind::Timeout),
        (Fault::hangs_up(), ClientErrorKind::Closed),
        (Fault::raw(""), ClientErrorKind::Closed),
        (Fault::raw("SSH-2.0"), ClientErrorKind::Transport),
    ] {
        provider.inject_once(Endpoint::Userinfo, fault.clone());
        let url = format!("{}/userinfo", provider.issuer());
        let request = http::Request::get(url)
            .body(bytes::Bytes::new())
            .expect("a request");
        let error = provider
            .client()
            .send(request, Limits::DEFAULT)
            .await
            .expect_err("no answer");
        assert_eq!(error.kind(), kind);
        provider.inject_once(Endpoint::Userinfo, fault);
        assert_eq!(get(&provider, "/userinfo").status(), 504);
    }
}
