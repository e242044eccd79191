//! What every page of the provider owes to the person before it.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::*;
use http::Response;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use oauth_dance_testkit::{Browser, Page};
use sha2::{Digest as _, Sha256};

/// A page of each kind, by the name of its kind.
async fn every_page() -> Vec<(&'static str, Page)> {
    let provider = described().build();
    let _server = provider.serve("127.0.0.1:0").await.expect("a free port");
    let browser = Browser::new();
    let at = |path: &str| format!("{}{path}", provider.issuer());
    let by_form = authorize_url(&provider, &request_with("response_mode", "form_post"));

    let home = browser.get(at("/")).await.expect("a page");
    let problem = browser.get(at("/authorize")).await.expect("a page");
    let login = browser.get(&by_form).await.expect("a page");
    let again = browser.submit(&login, &[("username", "nobody")]).await;
    let consent = browser.submit(&login, &[("username", "ada")]).await;
    let consent = browser
        .follow(consent.expect("a page"))
        .await
        .expect("a page");
    let response = browser.approve(&consent, "ada", &["profile"]).await;
    vec![
        ("home", home),
        ("problem", problem),
        ("login", login),
        ("login", again.expect("a page")),
        ("consent", consent),
        ("form-post", response.expect("a page")),
    ]
}

/// The text between the first two of these.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split_once(end)
        .unwrap_or_else(|| panic!("no {end} in {rest}"))
        .0
}

#[tokio::test]
async fn a_page_has_a_language_a_main_part_and_a_title_that_says_what_happened() {
    let mut titles = Vec::new();
    for (name, page) in every_page().await {
        let text = page.text();
        assert!(
            text.starts_with("<!DOCTYPE html><html lang=\"en\">"),
            "{text}"
        );
        assert!(
            text.contains(&format!("<body data-page=\"{name}\">")),
            "{text}"
        );
        assert_eq!(
            (text.matches("<main").count(), text.matches("<h1").count()),
            (1, 1)
        );
        titles.push(between(&text, "<title>", " ·").to_owned());
    }
    assert_eq!(
        titles,
        [
            "The provider runs",
            "This sign-in cannot go on",
            "Sign in to continue to The app",
            "You are not signed in",
            "The app asks for access",
            "You are going back to the application",
        ]
    );
}

#[tokio::test]
async fn a_page_runs_and_looks_as_its_policy_allows_and_nothing_else() {
    for (_, page) in every_page().await {
        let text = page.text();
        let policy = page
            .header(CONTENT_SECURITY_POLICY.as_str())
            .expect("a policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        for kind in ["style", "script"] {
            let Some((_, rest)) = text.split_once(&format!("<{kind}>")) else {
                assert_eq!(kind, "script");
                continue;
            };
            let (content, _) = rest.split_once(&format!("</{kind}>")).expect("an end");
            let hash = STANDARD.encode(Sha256::digest(content));
            assert!(
                policy.contains(&format!("{kind}-src 'sha256-{hash}'")),
                "{policy}"
            );
        }
        for inline in ["style=\"", "onclick=", "onload=", "<link", "<img"] {
            assert!(!text.contains(inline), "{inline} in {text}");
        }
    }
}

#[tokio::test]
async fn a_page_follows_the_browsers_light_or_dark() {
    for (_, page) in every_page().await {
        let text = page.text();
        let style = between(&text, "<style>", "</style>");
        assert!(style.contains("color-scheme: light dark"));
        assert!(style.contains("@media (prefers-color-scheme: dark)"));
        assert!(text.contains("<meta name=\"color-scheme\" content=\"light dark\">"));
    }
}

#[tokio::test]
async fn every_field_has_a_label() {
    let mut labelled = 0;
    for (_, page) in every_page().await {
        let text = page.text();
        for (at, _) in text.match_indices("<input ") {
            if text[at..].starts_with("<input type=\"hidden\"") {
                continue;
            }
            let before = &text[..at];
            let opened = before.matches("<label").count() - before.matches("</label>").count();
            assert_eq!(opened, 1, "{}", between(&text[at..], "<input", ">"));
            labelled += 1;
        }
    }
    // The name and the password, twice, and two scopes.
    assert_eq!(labelled, 6);
}

#[tokio::test]
async fn a_problem_says_what_to_do_and_leads_on() {
    let provider = provider();
    let set_up = get(&provider, "/authorize");
    let foreign = get(&provider, "/consent?request=unknown");
    let text =
        |answer: &Response<bytes::Bytes>| String::from_utf8_lossy(answer.body()).into_owned();
    assert_eq!(
        (set_up.status(), foreign.status()),
        (http::StatusCode::BAD_REQUEST, http::StatusCode::BAD_REQUEST)
    );
    assert!(text(&set_up).contains("compare its settings"));
    assert!(text(&foreign).contains("start again"));
    for page in [&set_up, &foreign] {
        assert!(text(page).contains("<a href=\"/\">"));
    }
    let home = text(&get(&provider, "/"));
    assert!(home.contains("<code>phone</code>"), "{home}");
    assert!(home.contains("<code>app.phone:/callback</code>"), "{home}");
}

#[test]
fn what_people_call_themselves_is_text() {
    let mean = "</title><script>alert('&\"')</script>";
    let provider = oauth_dance_dev::DevProvider::builder()
        .person(oauth_dance_dev::Person::new("mean").name(mean))
        .scope("profile", mean)
        .client(
            oauth_dance_dev::ClientRegistration::new("app", "secret")
                .name(mean)
                .redirect_uri(CALLBACK),
        )
        .build();
    let request = request_with("scope", "profile");
    let pages = [
        get(&provider, "/"),
        get(&provider, &authorize_url(&provider, &request)),
    ];
    for page in pages {
        assert_eq!(page.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        let text = String::from_utf8_lossy(page.body()).into_owned();
        assert!(!text.contains("<script>"), "{text}");
        assert!(text.contains("&lt;script&gt;alert("), "{text}");
    }
}
