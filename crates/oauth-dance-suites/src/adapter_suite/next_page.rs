//! Where a login ends: on the application's own origin, for every request.

use oauth_dance::LoginError;
use url::Url;

use super::adapter::Adapter;
use super::heard::Heard;
use super::pages;
use super::raw;
use super::rig::{Rig, WELCOME, rig};
use super::steps::{SCOPES, end, get, origin, parameter, url, visit};

/// Where a login ends that was begun with this `next`.
async fn end_of(rig: &Rig, next: &str) -> String {
    let query: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    end_of_query(rig, &format!("next={query}")).await
}

/// Where a login ends that was begun with this query.
async fn end_of_query(rig: &Rig, query: &str) -> String {
    let browser = rig.browser();
    let begun = rig.begin_at(&browser, &format!("/login/op?{query}")).await;
    let authorize_url = begun.location().expect("a redirect");
    let callback = rig.provider.approve(authorize_url, "ada", &SCOPES);
    let page = visit(&browser, &callback.expect("a callback")).await;
    assert_eq!(page.status(), 303, "{page:?}");
    let location = page.header("location").expect("a location").to_owned();
    assert_eq!(page.headers().get_all("location").iter().count(), 1);
    // It is absolute, so there is nothing for a browser to resolve.
    let end = Url::parse(&location).expect("an absolute location");
    assert_eq!(end.origin(), origin(), "{location}");
    location
}

async fn all_end_at_the_default(adapter: &Adapter, table: &[&str]) {
    let rig = rig(adapter).await;
    for next in table {
        assert_eq!(end_of(&rig, next).await, WELCOME, "{next:?}");
    }
}

/// C01: other origins and schemes, in every spelling.
pub async fn c01_another_origin_is_no_next(adapter: &Adapter) {
    all_end_at_the_default(
        adapter,
        &[
            "//evil",
            "/\\evil",
            "\\/\\/evil",
            "///evil",
            "https:evil",
            "http:evil",
            "https:/evil",
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "https://app@evil",
            "https://app.evil",
            "http://app.localhost/x",
            "https://app.localhost.evil/x",
            "https://app.localhost@evil/x",
            "https://app.localhost//evil/x",
            " /x",
            "\0/x",
            "evil",
            "",
        ],
    )
    .await;
}

/// C02: dot segments that uncover another host.
pub async fn c02_dot_segments_uncover_no_host(adapter: &Adapter) {
    all_end_at_the_default(
        adapter,
        &[
            "/..//evil.com",
            "/.//evil.com",
            "/a/..//evil.com",
            "/%2e%2e//evil.com",
            "/a\\..\\..\\\\evil.com",
        ],
    )
    .await;
}

/// C03: control characters, which browsers drop and headers end at.
pub async fn c03_control_characters_are_no_next(adapter: &Adapter) {
    all_end_at_the_default(
        adapter,
        &[
            "/\t/evil",
            "/\r\n/evil",
            "/\r\nSet-Cookie: planted=1",
            "/%0d%0aSet-Cookie:planted=1",
            "/x%00",
        ],
    )
    .await;
}

/// C04: delimiters that a proxy might uncover by decoding once more.
pub async fn c04_encoded_delimiters_are_no_next(adapter: &Adapter) {
    all_end_at_the_default(
        adapter,
        &["/%2f%2fevil", "/%2F%2Fevil", "/%5cevil", "/%09/evil"],
    )
    .await;
}

/// C05: characters that look like delimiters stay what they are, in ASCII, or are refused.
pub async fn c05_unicode_stays_on_the_origin(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for (next, path) in [
        ("/\u{ff0f}evil", "/%EF%BC%8Fevil"),
        ("/\u{2028}x", "/%E2%80%A8x"),
        ("/\u{202e}x", "/%E2%80%AEx"),
    ] {
        assert_eq!(end_of(&rig, next).await, end(path), "{next:?}");
    }
}

/// C06: too much text, and text that is none.
pub async fn c06_overlong_and_malformed_text_is_no_next(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for query in [
        format!("next=/{}", "a".repeat(30 * 1024)),
        "next=%2F%".to_owned(),
        "next=%2F%zz".to_owned(),
        "next=%2F%ff".to_owned(),
        // As many bytes as fit, and one.
        format!("next=/{}", "a".repeat(1500)),
        "next=/a&next=/b".to_owned(),
    ] {
        let end = end_of_query(&rig, &query).await;
        assert_eq!(end, WELCOME, "{} bytes", query.len());
    }
}

/// C07: the dance's own pages: a login that ends there begins anew, or signs out.
pub async fn c07_the_dances_own_pages_are_no_next(adapter: &Adapter) {
    all_end_at_the_default(
        adapter,
        &[
            "/login/op",
            "/login/other?next=/x",
            "/login/op/authorized?code=x",
            "/logout/op",
            "/x/../logout/op",
        ],
    )
    .await;
}

/// R11: a page of the application is where a login ends that was begun for it.
pub async fn r11_a_page_of_the_application_is_kept(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let longest = format!("/{}", "a".repeat(1499));
    for next in [
        "/",
        "/me",
        "/a/b?c=d&e=%2Ff",
        "/caf%C3%A9",
        "/a%2Fb",
        "/a%5Cb",
        "/a?b\\c",
        "/50%off",
        "/%50off",
        "/a/../b",
        &longest,
    ] {
        assert_eq!(end_of(&rig, next).await, end(next));
    }
    assert_eq!(end_of(&rig, "https://app.localhost/x?y").await, end("/x?y"));
    // A fragment of its own takes the place of the empty one.
    assert_eq!(end_of(&rig, "/app#/inbox/42").await, url("/app#/inbox/42"));
}

/// R11: who has to sign in first comes back to the page they wanted.
pub async fn r11_a_page_that_needs_a_login_is_come_back_to(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let page = get(&browser, &format!("{}?tab=2", pages::ME)).await;
    assert_eq!(page.status(), 303, "{page:?}");
    let login = page.location().expect("a redirect");
    assert_eq!(login.origin(), origin());
    assert_eq!(login.path(), "/login/op");

    let begun = browser.step(page).await.expect("an answer");
    let ready = rig.approve(&browser, begun).await;
    let end = browser.follow(ready).await.expect("a page");
    assert_eq!(end.url().as_str(), url("/me?tab=2#"));
    assert_eq!(end.status(), 200);
}

/// Headers by which a request claims another host, or another scheme.
const CLAIMS: [&str; 10] = [
    "X-Forwarded-Host: evil.test",
    "X-Forwarded-Proto: http",
    "X-Forwarded-Port: 666",
    "X-Forwarded-Prefix: /evil.test",
    "X-Forwarded-Uri: //evil.test",
    "X_Forwarded_Host: evil.test",
    "X-Original-URL: /evil.test",
    "Forwarded: for=1.2.3.4;host=evil.test;proto=http",
    "X-Host: evil.test",
    "X-Forwarded-Server: evil.test",
];

/// The redirect URI that a login begun by this raw request names; no part of the answer names the
/// attacker's host.
async fn redirect_uri(rig: &Rig, target: &str, headers: &[&str]) -> Option<String> {
    let headers: Vec<String> = headers.iter().map(|line| (*line).to_owned()).collect();
    let answer = raw::get(rig.address(), target, &headers).await;
    assert!(!answer.text().contains("evil"), "{}", answer.text());
    match answer.status {
        303 => {
            let location = answer.headers("location").next().expect("a location");
            parameter(&Url::parse(location).expect("a URL"), "redirect_uri")
        }
        // A server may refuse what is no HTTP.
        400 => None,
        other => panic!("{other}: {}", answer.text()),
    }
}

/// C11, R10: the redirect URI is the configured one, for every host that a request claims.
pub async fn c11_the_redirect_uri_comes_from_the_configuration(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let configured = Some("https://app.localhost/login/op/authorized".to_owned());
    for claim in CLAIMS {
        let headers = ["Host: app.localhost", claim];
        assert_eq!(
            redirect_uri(&rig, "/login/op", &headers).await,
            configured,
            "{claim}"
        );
    }
    let headers = ["Host: evil.test"];
    assert_eq!(
        redirect_uri(&rig, "/login/op", &headers).await,
        configured,
        "Host"
    );
    let target = "http://evil.test/login/op";
    let headers = ["Host: evil.test"];
    assert_eq!(
        redirect_uri(&rig, target, &headers).await,
        configured,
        "absolute form"
    );
}

/// C11: two hosts are no request, or mean nothing.
pub async fn c11_a_repeated_host_changes_nothing(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let headers = ["Host: app.localhost", "Host: evil.test"];
    if let Some(named) = redirect_uri(&rig, "/login/op", &headers).await {
        assert_eq!(named, "https://app.localhost/login/op/authorized");
    }
}

/// C11: who has to sign in first is sent to the configured origin, too.
pub async fn c11_the_login_is_on_the_configured_origin(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for claim in CLAIMS {
        let headers = ["Host: evil.test".to_owned(), claim.to_owned()];
        let answer = raw::get(rig.address(), pages::ME, &headers).await;
        let location = answer.headers("location").next().map(str::to_owned);
        assert_eq!(
            location.as_deref(),
            Some("https://app.localhost/login/op?next=%2Fme"),
            "{claim}"
        );
    }
}

/// C11, A33: a login that is opened at another name of the same host goes to the origin first, where the browser
/// has its cookies. Nothing of the header is written, and no proxy makes a loop of it.
pub async fn a33_a_login_at_another_name_of_the_host_begins_at_the_origin(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for (host, query, location) in [
        (
            "www.app.localhost",
            "?next=%2Fme&hint=a%26b",
            "https://app.localhost/login/op?next=%2Fme&hint=a%26b&at_origin=1",
        ),
        (
            "WWW.App.Localhost:8080",
            "",
            "https://app.localhost/login/op?at_origin=1",
        ),
    ] {
        let headers = [format!("Host: {host}")];
        let answer = raw::get(rig.address(), &format!("/login/op{query}"), &headers).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(answer.headers("location").next(), Some(location));
        assert_eq!(answer.headers("set-cookie").next(), None);
    }
    assert!(rig.heard().is_empty(), "no login has begun");

    // Sent there once, and hosts that are not names of ours: the login begins where it is.
    for (host, query) in [
        ("www.app.localhost", "?at_origin=1"),
        ("www.evil.test", ""),
        ("localhost", ""),
        ("app.localhost.evil.test", ""),
        ("www.app.localhost.evil.test", ""),
        ("app.localhost", ""),
    ] {
        let headers = [format!("Host: {host}")];
        let answer = raw::get(rig.address(), &format!("/login/op{query}"), &headers).await;
        let location = answer.headers("location").next().unwrap_or_default();
        assert!(
            location.starts_with(&rig.provider.issuer()),
            "{host}: {location}"
        );
    }
}

/// C14: the place for refused logins is the configured one, not the `next` of the login.
pub async fn c14_a_refused_login_ends_at_the_configured_place(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let begun = rig.begin_at(&browser, "/login/op?next=/secret").await;
    let denied = rig.deny(&browser, begun).await;
    let page = browser.step(denied).await.expect("an answer");
    assert_eq!(page.header("location"), Some(WELCOME));
    assert!(matches!(
        rig.heard().pop(),
        Some(Heard::Error(LoginError::Provider(_)))
    ));
}
