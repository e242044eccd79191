//! Each way an authorization response can be wrong, as a browser sees it over a socket.

mod common;

use common::*;
use oauth_dance_dev::{Endpoint, Fault};
use oauth_dance_testkit::Browser;
use url::Url;

async fn callback_with(fault: Fault) -> Url {
    let (provider, _server) = served(described().names_issuer(true).build()).await;
    provider.inject(Endpoint::Authorization, fault);
    let browser = Browser::new();
    let url = authorize_url(&provider, &good_request());
    let page = browser.get(url).await.expect("a page");
    let page = match page.location() {
        Some(_) => page,
        None => browser
            .approve(&page, "ada", &["profile"])
            .await
            .expect("a callback"),
    };
    page.location().expect("a redirect")
}

fn count(url: &Url, name: &str) -> usize {
    url.query_pairs().filter(|(key, _)| key == name).count()
}

#[tokio::test]
async fn authorization_requests_can_be_refused_with_any_error() {
    let uri = "https://help.test/why";
    let refuses = Fault::refuses("temporarily_unavailable", Some("<b>no</b>"), Some(uri));
    let callback = callback_with(refuses).await;
    assert_eq!(
        param(&callback, "error").as_deref(),
        Some("temporarily_unavailable")
    );
    assert_eq!(
        param(&callback, "error_description").as_deref(),
        Some("<b>no</b>")
    );
    assert_eq!(param(&callback, "error_uri").as_deref(), Some(uri));
    assert_eq!(param(&callback, "state").as_deref(), Some(STATE));
}

#[tokio::test]
async fn the_state_can_be_wrong_missing_or_repeated() {
    let wrong = callback_with(Fault::with("state", "a-state-nobody-sent")).await;
    assert_ne!(param(&wrong, "state").as_deref(), Some(STATE));
    assert_eq!(count(&wrong, "code"), 1);
    let missing = callback_with(Fault::without("state")).await;
    assert_eq!(count(&missing, "state"), 0);
    let repeated = callback_with(Fault::twice("state")).await;
    assert_eq!(count(&repeated, "state"), 2);
}

#[tokio::test]
async fn the_issuer_can_be_wrong_or_missing() {
    let evil = "https://evil.test";
    let wrong = callback_with(Fault::with("iss", evil)).await;
    assert_eq!(param(&wrong, "iss").as_deref(), Some(evil));
    let missing = callback_with(Fault::without("iss")).await;
    assert_eq!(count(&missing, "iss"), 0);
}

#[tokio::test]
async fn callback_parameters_can_be_added_removed_and_repeated() {
    let both = callback_with(Fault::with("error", "server_error")).await;
    assert_eq!((count(&both, "code"), count(&both, "error")), (1, 1));
    let neither = callback_with(Fault::without("code")).await;
    assert_eq!(count(&neither, "code"), 0);
    let twice = callback_with(Fault::twice("code")).await;
    assert_eq!(count(&twice, "code"), 2);
}

#[tokio::test]
async fn pkce_can_be_ignored() {
    let (provider, _server) = served(described().names_issuer(true).build()).await;
    let without_challenge = request_with("code_challenge", "");
    let code = || {
        let url = authorize_url(&provider, &without_challenge);
        let callback = provider
            .approve(url, "ada", &["profile"])
            .expect("a callback");
        param(&callback, "code").expect("a code")
    };
    provider.inject(Endpoint::Authorization, Fault::ignores_pkce());
    let answer = post(&provider, "/token", &code_grant(&code()));
    assert_eq!(answer.status(), 200);

    // An attacker removed the challenge, and the token endpoint finds out.
    provider.clear_faults();
    provider.inject_once(Endpoint::Authorization, Fault::ignores_pkce());
    let answer = post(&provider, "/token", &code_grant(&code()));
    assert_eq!(text(&answer, "error"), "invalid_grant");
}

#[tokio::test]
async fn the_authorization_endpoint_itself_can_fail() {
    let (provider, _server) = served(provider()).await;
    let browser = Browser::new();
    let url = authorize_url(&provider, &good_request());
    provider.inject_once(Endpoint::Authorization, Fault::html(503));
    let page = browser.get(&url).await.expect("a page");
    assert_eq!(page.status(), 503);
    let page = browser.get(&url).await.expect("a page");
    assert!(page.text().contains("data-page=\"login\""));
}
