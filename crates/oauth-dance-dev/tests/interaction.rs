//! A person at the pages of the provider, in a browser.

mod common;

use bytes::Bytes;
use common::*;
use http::{Request, Response};
use oauth_dance::{Clock as _, SystemClock};
use oauth_dance_testkit::Browser;
use url::Url;

/// The application, which shows what it was sent.
fn echo(request: &Request<Bytes>) -> Response<Bytes> {
    let header = |name: &str| {
        let value = request.headers().get(name).map(http::HeaderValue::to_str);
        value.and_then(Result::ok).unwrap_or("-").to_owned()
    };
    Response::new(Bytes::from(format!(
        "{} cookie={} origin={} site={} body={}",
        request.method(),
        header("cookie"),
        header("origin"),
        header("sec-fetch-site"),
        String::from_utf8_lossy(request.body()),
    )))
}

#[tokio::test]
async fn a_person_signs_in_at_the_provider_over_a_socket() {
    let provider = provider();
    let server = provider.serve("127.0.0.1:0").await.expect("a free port");
    let browser = Browser::new();
    let authorize = authorize_url(&provider, &good_request());
    assert!(authorize.starts_with(&server.issuer()));

    let login = browser.get(&authorize).await.expect("a page");
    let decided = browser
        .approve(&login, "ada", &["email"])
        .await
        .expect("a callback");
    let callback = decided.location().expect("a redirect");
    assert!(callback.as_str().starts_with(CALLBACK));

    // The second time Ada is known, and is asked for consent at once.
    let consent = browser.get(&authorize).await.expect("a page");
    assert!(consent.text().contains("Ada Lovelace"));
    let decided = browser.deny(&consent, "ada").await.expect("a callback");
    let callback = decided.location().expect("a redirect");
    assert_eq!(param(&callback, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn somebody_else_can_sign_in_from_the_consent_page() {
    let provider = provider();
    let _server = provider.serve("127.0.0.1:0").await.expect("a free port");
    let browser = Browser::new();
    let authorize = authorize_url(&provider, &good_request());
    let login = browser.get(&authorize).await.expect("a page");
    browser
        .approve(&login, "ada", &["email"])
        .await
        .expect("a callback");

    let consent = browser.get(&authorize).await.expect("a page");
    let (request, csrf) = (
        consent.input("request").expect("a field"),
        consent.input("csrf").expect("a field"),
    );
    let form = [
        ("request", request.as_str()),
        ("csrf", &csrf),
        ("decision", "switch"),
    ];
    let action = consent.url().join("/consent").expect("a URL");
    let login = browser.post_form(action, &form).await.expect("a page");
    let decided = browser
        .approve(&login, "grace", &["email"])
        .await
        .expect("a callback");
    let code = param(&decided.location().expect("a redirect"), "code").expect("a code");
    let access = text(&exchange(&provider, &code), "access_token");
    assert_eq!(
        json(&with_token(&provider, "/userinfo", &access))["sub"],
        "dev-grace"
    );
}

#[tokio::test]
async fn a_provider_on_another_site_posts_its_answer() {
    let provider = described().host_name("localhost").build();
    let server = provider.serve("127.0.0.1:0").await.expect("a free port");
    let port = server.address().port();
    assert_eq!(server.issuer(), format!("http://localhost:{port}"));

    let browser = Browser::new().mount("https://app.test", |request| async move { echo(&request) });
    for cookie in [
        "lax=1; Path=/; Secure; SameSite=Lax",
        "none=1; Path=/; SameSite=None; Secure",
    ] {
        let site = Url::parse(CALLBACK).expect("a URL");
        let now = SystemClock.now();
        assert!(browser.change_jar(|jar| jar.set(cookie, &site, now)));
    }
    let authorize = authorize_url(&provider, &request_with("response_mode", "form_post"));
    let login = browser.get(authorize).await.expect("a page");
    let answer = browser
        .approve(&login, "ada", &["email"])
        .await
        .expect("an answer");
    assert!(answer.text().contains("id=\"continue\""));
    let callback = browser.submit_form(&answer).await.expect("a page");
    assert_eq!(callback.url().as_str(), CALLBACK);
    let seen = callback.text();
    let from =
        format!("POST cookie=none=1 origin=http://localhost:{port} site=cross-site body=code=");
    assert!(seen.starts_with(&from), "{seen}");
    assert!(seen.ends_with(&encode(&[("state", STATE)])), "{seen}");
}
