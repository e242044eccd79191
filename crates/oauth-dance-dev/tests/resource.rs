//! What tokens of the development provider open, and how they are revoked and inspected.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::*;
use http::Request;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use oauth_dance::{ClientErrorKind, HttpClient as _, Limits};

fn challenge(response: &http::Response<Bytes>) -> &str {
    response.headers()[WWW_AUTHENTICATE]
        .to_str()
        .expect("ASCII")
}

#[test]
fn userinfo_shows_what_the_scopes_allow() {
    let provider = provider();
    let (access, _) = tokens(&provider);
    let claims = json(&with_token(&provider, "/userinfo", &access));
    assert_eq!(claims["sub"], "dev-ada");
    assert_eq!(claims["name"], "Ada Lovelace");
    assert_eq!(claims["preferred_username"], "ada");
    assert_eq!(claims["email"], "ada@example.com");
    assert_eq!(claims["email_verified"], true);
}

#[test]
fn bearer_errors_follow_rfc_6750() {
    let provider = provider();
    let none = get(&provider, "/userinfo");
    assert_eq!(none.status(), 401);
    assert!(!challenge(&none).contains("error"));

    let wrong = with_token(&provider, "/userinfo", "guess");
    assert_eq!(wrong.status(), 401);
    assert!(challenge(&wrong).contains("error=\"invalid_token\""));

    let (access, _) = tokens(&provider);
    let narrow = with_token(&provider, "/api/notes", &access);
    assert_eq!(narrow.status(), 403);
    assert!(challenge(&narrow).contains("error=\"insufficient_scope\", scope=\"notes\""));

    // A token in the query does not count.
    assert_eq!(
        get(&provider, &format!("/userinfo?access_token={access}")).status(),
        401
    );
    let basic = Request::get("/userinfo")
        .header(AUTHORIZATION, "Basic eDp5")
        .body(Bytes::new())
        .expect("a request");
    assert_eq!(provider.handle(basic).status(), 400);
}

#[test]
fn the_api_answers_with_the_right_scope() {
    let provider = provider();
    let url = authorize_url(&provider, &request_with("scope", "notes"));
    let callback = provider
        .approve(url, "grace", &["notes"])
        .expect("a callback");
    let answer = exchange(&provider, &param(&callback, "code").expect("a code"));
    let access = text(&answer, "access_token");
    let notes = json(&with_token(&provider, "/api/notes", &access));
    assert_eq!(notes["notes"][0], "Found a moth in relay 70.");
    let profile = json(&with_token(&provider, "/api/profile", &access));
    assert_eq!(profile["username"], "grace");
    assert_eq!(profile["scopes"][0], "notes");
}

#[test]
fn an_access_token_expires_by_the_providers_clock() {
    let (provider, clock) = provider_with_clock();
    let (access, refresh_token) = tokens(&provider);
    clock.advance(Duration::from_secs(3599));
    assert_eq!(with_token(&provider, "/userinfo", &access).status(), 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(with_token(&provider, "/userinfo", &access).status(), 401);
    assert_eq!(refresh(&provider, &refresh_token).status(), 200);
}

#[test]
fn revoking_an_access_token_ends_it_alone() {
    let provider = provider();
    let (access, refresh_token) = tokens(&provider);
    assert_eq!(
        post(&provider, "/revoke", &[("token", &access)]).status(),
        200
    );
    assert_eq!(with_token(&provider, "/userinfo", &access).status(), 401);
    assert_eq!(refresh(&provider, &refresh_token).status(), 200);
}

#[test]
fn revoking_a_refresh_token_ends_the_whole_family() {
    let provider = provider();
    let (access, refresh_token) = tokens(&provider);
    let form = [
        ("token", refresh_token.as_str()),
        ("token_type_hint", "access_token"),
    ];
    assert_eq!(post(&provider, "/revoke", &form).status(), 200);
    assert_eq!(with_token(&provider, "/userinfo", &access).status(), 401);
    assert_eq!(refresh(&provider, &refresh_token).status(), 400);
    // Once more, and of a token nobody knows: that is fine (RFC 7009 §2.2).
    assert_eq!(post(&provider, "/revoke", &form).status(), 200);
    assert_eq!(
        post(&provider, "/revoke", &[("token", "unknown")]).status(),
        200
    );
}

#[test]
fn a_client_cannot_revoke_or_inspect_anothers_token() {
    let provider = provider();
    let (access, _) = tokens(&provider);
    let other = basic("other", "other-secret");
    let form = [("token", access.as_str())];
    assert_eq!(
        post_as(&provider, "/revoke", Some(&other), &form).status(),
        400
    );
    let seen = json(&post_as(&provider, "/introspect", Some(&other), &form));
    assert_eq!(seen, serde_json::json!({ "active": false }));
    assert_eq!(with_token(&provider, "/userinfo", &access).status(), 200);
    assert_eq!(post_as(&provider, "/revoke", None, &form).status(), 401);
}

#[test]
fn introspection_tells_a_client_about_its_own_tokens() {
    let provider = provider();
    let (access, refresh_token) = tokens(&provider);
    let seen = json(&post(&provider, "/introspect", &[("token", &access)]));
    assert_eq!(seen["active"], true);
    assert_eq!(seen["sub"], "dev-ada");
    assert_eq!(seen["scope"], "profile email");
    let seen = json(&post(
        &provider,
        "/introspect",
        &[("token", &refresh_token)],
    ));
    assert_eq!(seen["active"], true);
    refresh(&provider, &refresh_token);
    let seen = json(&post(
        &provider,
        "/introspect",
        &[("token", &refresh_token)],
    ));
    assert_eq!(seen["active"], false);
}

#[test]
fn requests_beyond_the_cap_are_refused() {
    let provider = provider();
    let huge = "x".repeat(70_000);
    assert_eq!(post(&provider, "/token", &[("code", &huge)]).status(), 413);
}

#[tokio::test]
async fn the_in_process_client_reaches_this_provider_only() {
    let provider = provider();
    let client = provider.client();
    let send = |url: String, limits| {
        let request = Request::get(url).body(Bytes::new()).expect("a request");
        client.send(request, limits)
    };
    let metadata = format!(
        "{}/.well-known/oauth-authorization-server",
        provider.issuer()
    );
    let answer = send(metadata.clone(), Limits::DEFAULT)
        .await
        .expect("an answer");
    assert_eq!(text(&answer, "issuer"), provider.issuer());
    let elsewhere = send("https://evil.test/".into(), Limits::DEFAULT).await;
    assert_eq!(
        elsewhere.expect_err("no host").kind(),
        ClientErrorKind::Connect
    );
    let capped = send(metadata, Limits::DEFAULT.with_max_body_bytes(10)).await;
    assert_eq!(
        capped.expect_err("too large").kind(),
        ClientErrorKind::TooLarge
    );
}

#[tokio::test]
async fn serving_names_the_issuer_and_stopping_closes_the_socket() {
    let provider = provider();
    let server = provider.serve("127.0.0.1:0").await.expect("a free port");
    assert_eq!(provider.issuer(), format!("http://{}", server.address()));
    let address = server.address();
    assert!(tokio::net::TcpStream::connect(address).await.is_ok());
    server.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
