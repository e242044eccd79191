//! The authorization endpoint, the login and the consent of the development provider.

mod common;

use common::*;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, SET_COOKIE, X_FRAME_OPTIONS};
use oauth_dance_dev::DevProvider;
use oauth_dance_testkit::Browser;
use url::Url;

fn approve(provider: &DevProvider, params: &[(&str, &str)], scopes: &[&str]) -> Url {
    provider
        .approve(authorize_url(provider, params), "ada", scopes)
        .expect("a callback")
}

fn error_at_the_client(params: &[(&str, &str)]) -> String {
    let callback = approve(&provider(), params, &[]);
    assert_eq!(param(&callback, "code"), None);
    param(&callback, "error").expect("an error")
}

fn error_on_a_page(params: &[(&str, &str)]) -> String {
    let provider = provider();
    let refused = provider
        .approve(authorize_url(&provider, params), "ada", &[])
        .expect_err("no callback");
    assert_eq!(refused.status(), Some(http::StatusCode::BAD_REQUEST));
    refused.to_string()
}

#[test]
fn a_person_who_allows_is_sent_back_with_a_code_and_the_state_unchanged() {
    let callback = approve(&provider(), &good_request(), &["profile", "email"]);
    assert!(
        callback
            .as_str()
            .starts_with("https://app.test/callback?code=")
    );
    assert_eq!(param(&callback, "state").as_deref(), Some(STATE));
    assert_eq!(param(&callback, "iss"), None);
}

#[test]
fn a_person_who_denies_is_sent_back_with_access_denied() {
    let provider = provider();
    let callback = provider
        .deny(authorize_url(&provider, &good_request()))
        .expect("a callback");
    assert_eq!(param(&callback, "error").as_deref(), Some("access_denied"));
    assert_eq!(param(&callback, "state").as_deref(), Some(STATE));
}

#[test]
fn the_issuer_is_named_when_switched_on() {
    let provider = described().names_issuer(true).build();
    let callback = approve(&provider, &good_request(), &["profile"]);
    assert_eq!(param(&callback, "iss"), Some(provider.issuer()));
    let metadata = json(&get(&provider, "/.well-known/oauth-authorization-server"));
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(metadata["issuer"], provider.issuer());
}

#[test]
fn the_query_of_a_redirect_uri_is_kept() {
    let mut request = request_with("client_id", "two");
    request.retain(|(name, _)| *name != "redirect_uri");
    request.push(("redirect_uri", "https://two.test/a?keep=me"));
    let callback = approve(&provider(), &request, &["profile"]);
    assert!(
        callback
            .as_str()
            .starts_with("https://two.test/a?keep=me&code=")
    );
}

#[test]
fn what_does_not_prove_its_origin_is_not_redirected() {
    assert!(error_on_a_page(&request_with("client_id", "nobody")).contains("nobody"));
    assert!(error_on_a_page(&request_with("client_id", "")).contains("client_id"));
    assert!(error_on_a_page(&request_with("redirect_uri", "https://evil.test/")).contains("evil"));
    // Exact comparison: a slash more is another URI.
    error_on_a_page(&request_with("redirect_uri", "https://app.test/callback/"));
    error_on_a_page(&request_with(
        "redirect_uri",
        "https://app.test/callback?x=1",
    ));
    let mut repeated = good_request();
    repeated.push(("redirect_uri", "https://evil.test/"));
    error_on_a_page(&repeated);
}

#[test]
fn the_problem_page_escapes_what_it_repeats() {
    let provider = provider();
    let url = authorize_url(
        &provider,
        &request_with("client_id", "<script>alert(1)</script>"),
    );
    let page = get(&provider, &url);
    let html = String::from_utf8_lossy(page.body());
    assert!(html.contains("&lt;script&gt;alert(1)") && !html.contains("<script>"));
}

#[test]
fn other_mistakes_are_told_to_the_client() {
    let cases = [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "profile root", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
    ];
    for (name, value, error) in cases {
        assert_eq!(
            error_at_the_client(&request_with(name, value)),
            error,
            "{name}={value}"
        );
    }
    for name in ["state", "scope", "response_type", "code_challenge"] {
        let mut repeated = good_request();
        repeated.push((name, "twice"));
        assert_eq!(
            error_at_the_client(&repeated),
            "invalid_request",
            "{name} twice"
        );
    }
}

#[test]
fn unknown_parameters_are_ignored() {
    approve(
        &provider(),
        &request_with("resource", "https://api.test"),
        &["profile"],
    );
}

#[test]
fn a_redirect_uri_may_be_left_out_if_there_is_one_only() {
    let callback = approve(&provider(), &request_with("redirect_uri", ""), &["profile"]);
    assert!(callback.as_str().starts_with(CALLBACK));
    let mut two = request_with("client_id", "two");
    two.retain(|(name, _)| *name != "redirect_uri");
    error_on_a_page(&two);
}

#[test]
fn granting_nothing_is_a_refusal() {
    let callback = approve(&provider(), &good_request(), &[]);
    assert_eq!(param(&callback, "error").as_deref(), Some("access_denied"));
}

#[test]
fn nobody_can_grant_more_than_was_asked_for() {
    let provider = provider();
    let url = authorize_url(&provider, &good_request());
    assert!(provider.approve(url, "ada", &["profile", "notes"]).is_err());
}

#[tokio::test]
async fn a_password_is_asked_for_and_checked() {
    let provider = provider();
    let _server = provider.serve("127.0.0.1:0").await.expect("a free port");
    let browser = Browser::new();
    let url = authorize_url(&provider, &good_request());
    let page = browser.get(&url).await.expect("a page");
    let (request, csrf) = (page.input("request"), page.input("csrf"));
    let (request, csrf) = (request.expect("a field"), csrf.expect("a field"));
    for (password, status) in [("", 403), ("open barley", 403), ("open sesame", 303)] {
        let form = [
            ("request", request.as_str()),
            ("csrf", &csrf),
            ("username", "locked"),
            ("password", password),
        ];
        let action = page.url().join("/login").expect("a URL");
        let answer = browser.post_form(action, &form).await.expect("a page");
        assert_eq!(answer.status(), status, "{password}");
    }
    // The short-cut knows it.
    provider
        .approve(&url, "locked", &["profile"])
        .expect("a callback");
    assert!(provider.approve(&url, "nobody", &["profile"]).is_err());
}

#[test]
fn a_form_without_the_browsers_session_is_refused() {
    let provider = provider();
    let path = authorize_url(&provider, &good_request());
    let page = get(&provider, &path);
    let html = String::from_utf8_lossy(page.body()).into_owned();
    let field = |name: &str| {
        let (_, rest) = html
            .split_once(&format!("name=\"{name}\" value=\""))
            .expect("a field");
        rest.split_once('"').expect("a value").0.to_owned()
    };
    let (request, csrf) = (field("request"), field("csrf"));
    let form = [
        ("request", request.as_str()),
        ("csrf", csrf.as_str()),
        ("username", "ada"),
    ];
    assert_eq!(post_as(&provider, "/login", None, &form).status(), 400);

    let cookie = page.headers()[SET_COOKIE].to_str().expect("ASCII");
    let (cookie, _) = cookie.split_once(';').expect("attributes");
    let login = |csrf: &str| {
        let form = encode(&[("request", &request), ("csrf", csrf), ("username", "ada")]);
        let request = http::Request::post("/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie)
            .body(form.into())
            .expect("a request");
        provider.handle(request)
    };
    assert_eq!(login("forged").status(), 400);
    let signed_in = login(&csrf);
    assert_eq!(signed_in.status(), 303);
    // The session id changes at login, and the old one is dead.
    assert!(signed_in.headers().contains_key(SET_COOKIE));
    assert_eq!(login(&csrf).status(), 400);
}

#[test]
fn pages_are_neither_cached_nor_framed() {
    let provider = provider();
    let page = get(&provider, &authorize_url(&provider, &good_request()));
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()[CACHE_CONTROL], "no-store");
    assert_eq!(page.headers()[X_FRAME_OPTIONS], "DENY");
    let policy = page.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .expect("ASCII");
    assert!(policy.contains("frame-ancestors 'none'"));
    let cookie = page.headers()[SET_COOKIE].to_str().expect("ASCII");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
}

#[test]
fn the_metadata_names_every_endpoint() {
    let provider = provider();
    let metadata = json(&get(&provider, "/.well-known/oauth-authorization-server"));
    let issuer = provider.issuer();
    for (member, path) in [
        ("issuer", ""),
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("revocation_endpoint", "/revoke"),
        ("introspection_endpoint", "/introspect"),
        ("userinfo_endpoint", "/userinfo"),
    ] {
        assert_eq!(metadata[member], format!("{issuer}{path}"), "{member}");
    }
    assert_eq!(metadata["code_challenge_methods_supported"][0], "S256");
    assert_eq!(metadata["scopes_supported"][2], "notes");
}

#[test]
fn other_paths_and_methods_are_told_apart() {
    let provider = provider();
    assert_eq!(get(&provider, "/nowhere").status(), 404);
    assert_eq!(get(&provider, "/login").headers()["allow"], "POST");
    assert_eq!(
        post_as(&provider, "/authorize", None, &[]).headers()["allow"],
        "GET"
    );
    assert_eq!(get(&provider, "/").status(), 200);
    let many = vec![("a", "b"); 101];
    assert_eq!(
        get(&provider, &authorize_url(&provider, &many)).status(),
        400
    );
}
