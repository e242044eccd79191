//! A person at the pages of the provider, in a browser.

mod common;

use bytes::Bytes;
use common::*;
use http::{Request, Response};
use oauth_dance::{Clock as _, SystemClock};
use oauth_dance_testkit::{Browser, Page};
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

/// The login form of a new tab.
async fn tab(browser: &Browser, authorize: &str) -> Page {
    let page = browser.get(authorize).await.expect("a page");
    assert!(page.text().contains("data-page=\"login\""), "{page:?}");
    page
}

fn code_of(decided: &Page) -> String {
    let callback = decided.location().expect("a redirect");
    param(&callback, "code").unwrap_or_else(|| panic!("no code in {callback}"))
}

#[tokio::test]
async fn two_tabs_that_show_the_login_form_both_get_through() {
    let (provider, _server) = served(provider()).await;
    let authorize = authorize_url(&provider, &good_request());
    let browser = Browser::new();
    let (first, second) = (
        tab(&browser, &authorize).await,
        tab(&browser, &authorize).await,
    );
    for login in [first, second] {
        let decided = browser.approve(&login, "ada", &["email"]).await;
        let answer = exchange(&provider, &code_of(&decided.expect("a callback")));
        assert_eq!(answer.status(), 200);
    }
}

#[tokio::test]
async fn two_tabs_get_through_in_any_order_of_their_steps() {
    let (provider, _server) = served(provider()).await;
    let authorize = authorize_url(&provider, &good_request());
    let browser = Browser::new();
    let (first, second) = (
        tab(&browser, &authorize).await,
        tab(&browser, &authorize).await,
    );
    let mut consents = Vec::new();
    for login in [second, first] {
        let signed_in = browser.submit(&login, &[("username", "ada")]).await;
        consents.push(
            browser
                .follow(signed_in.expect("a page"))
                .await
                .expect("a page"),
        );
    }
    for consent in consents {
        let decided = browser.approve(&consent, "ada", &["email"]).await;
        code_of(&decided.expect("a callback"));
    }
    let left = browser.jar();
    let requests = left
        .iter()
        .filter(|cookie| cookie.name().contains("request"));
    assert_eq!(
        requests.count(),
        0,
        "a request that is over leaves no cookie"
    );
}

#[tokio::test]
async fn two_tabs_that_were_opened_at_the_same_moment_both_get_through() {
    let (provider, _server) = served(provider()).await;
    let authorize = authorize_url(&provider, &good_request());
    // Neither request has a cookie yet.
    let (one, other) = (Browser::new(), Browser::new());
    let (first, second) = (tab(&one, &authorize).await, tab(&other, &authorize).await);
    one.change_jar(|jar| {
        for cookie in other.jar().iter() {
            jar.plant(cookie.host(), cookie.name(), cookie.value());
        }
    });
    for login in [first, second] {
        let decided = one.approve(&login, "ada", &["email"]).await;
        code_of(&decided.expect("a callback"));
    }
}

#[tokio::test]
async fn a_consent_that_one_person_was_shown_is_not_given_by_another() {
    let (provider, _server) = served(provider()).await;
    let authorize = authorize_url(&provider, &good_request());
    let browser = Browser::new();
    let (first, second) = (
        tab(&browser, &authorize).await,
        tab(&browser, &authorize).await,
    );
    let mut consents = Vec::new();
    for (login, username) in [(first, "ada"), (second, "grace")] {
        let signed_in = browser.submit(&login, &[("username", username)]).await;
        consents.push(
            browser
                .follow(signed_in.expect("a page"))
                .await
                .expect("a page"),
        );
    }
    let allow = [("decision", "allow"), ("scope", "email")];
    let shown = browser.submit(&consents[0], &allow).await.expect("a page");
    assert_eq!(shown.status(), 200, "{shown:?}");
    assert!(shown.text().contains("Grace Hopper"), "{shown:?}");
    // What Ada was shown is no longer a valid form.
    let refused = browser.submit(&consents[0], &allow).await.expect("a page");
    assert_eq!(refused.status(), 400, "{refused:?}");
    let decided = browser.submit(&shown, &allow).await.expect("a page");
    code_of(&decided);
}

#[tokio::test]
async fn a_form_proves_one_request_of_one_browser() {
    let (provider, _server) = served(provider()).await;
    let authorize = authorize_url(&provider, &good_request());
    let (browser, stranger) = (Browser::new(), Browser::new());
    let (first, second) = (
        tab(&browser, &authorize).await,
        tab(&browser, &authorize).await,
    );
    tab(&stranger, &authorize).await;
    let field = |page: &Page, name| page.input(name).expect("a field");
    let login = async |browser: &Browser, request: &Page, csrf: &Page| {
        let form = [
            ("request", field(request, "request")),
            ("csrf", field(csrf, "csrf")),
            ("username", "ada".to_owned()),
        ];
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let action = first.url().join("/login").expect("a URL");
        browser
            .post_form(action, &form)
            .await
            .expect("a page")
            .status()
    };
    assert_eq!(login(&browser, &first, &second).await, 400);
    assert_eq!(login(&stranger, &first, &first).await, 400);
    assert_eq!(login(&browser, &first, &first).await, 303);
}

#[tokio::test]
async fn a_browser_has_a_bounded_number_of_open_requests() {
    let (provider, _server) = served(provider()).await;
    let authorize = authorize_url(&provider, &good_request());
    let browser = Browser::new();
    let mut tabs = Vec::new();
    for _ in 0..20 {
        tabs.push(tab(&browser, &authorize).await);
    }
    assert_eq!(browser.jar().len(), 16);
    let closed = browser.submit(&tabs[0], &[("username", "ada")]).await;
    assert_eq!(closed.expect("a page").status(), 400);
    let decided = browser.approve(&tabs[19], "ada", &["email"]).await;
    code_of(&decided.expect("a callback"));
}
