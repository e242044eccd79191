//! Paths: a page of a dance has one spelling, and what follows the path is kept to the byte.

use oauth_dance_testkit::Browser;

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::heard::Heard;
use super::pages::{HOME, ME};
use super::raw::{self, RawAnswer};
use super::rig::{Rig, rig, setup};
use super::steps::{end, parameter, visit};

/// What leads to a page of a dance only for a router that mends paths.
const SPELLINGS: [&str; 17] = [
    "/{}/{}/",
    "/{}/{}//",
    "//{}/{}",
    "/{}//{}",
    "/./{}/{}",
    "/{}/./{}",
    "/{}/{}/.",
    "/{}/x/../{}",
    "/x/../{}/{}",
    "/x/%2e%2e/{}/{}",
    "/{}%2f{}",
    "/{}%2F{}",
    "/{}/{}%2f",
    "/{}/{}%00",
    "/{}/{}%20",
    "/{}/{};x=1",
    "/{}/{}.html",
];

/// The path, spelled otherwise in every way.
fn spellings(path: &str) -> Vec<String> {
    let (front, last) = path[1..].rsplit_once('/').expect("two parts");
    let mut spelled: Vec<_> = SPELLINGS
        .iter()
        .map(|spelling| spelling.replacen("{}", front, 1).replacen("{}", last, 1))
        .collect();
    // Each letter encoded, and in capitals.
    let letters = path.char_indices().filter(|(_, it)| it.is_alphanumeric());
    for (at, letter) in letters {
        let (before, after) = (&path[..at], &path[at + 1..]);
        spelled.push(format!("{before}%{:02x}{after}", letter as u32));
        spelled.push(format!("{before}{}{after}", letter.to_ascii_uppercase()));
    }
    spelled
}

impl Rig {
    async fn ask_raw(&self, browser: &Browser, method: &str, target: &str) -> RawAnswer {
        let headers = [
            "Host: app.localhost".to_owned(),
            "Sec-Fetch-Site: same-origin".to_owned(),
            "Accept: text/html".to_owned(),
            cookie_header(browser),
            "Content-Length: 0".to_owned(),
        ];
        raw::send(self.address(), method, target, &headers).await
    }

    /// The server refuses the target, or leads to the page's own spelling. No cookie of the dance is set.
    async fn is_no_page(&self, browser: &Browser, method: &str, target: &str) {
        let answer = self.ask_raw(browser, method, target).await;
        let status = answer.status;
        let leads_on = matches!(status, 301 | 307 | 308);
        assert!(
            leads_on || matches!(status, 400 | 404 | 405),
            "{status}: {method} {target}"
        );
        let provider = self.provider.issuer();
        let location = answer.headers("location").next().unwrap_or_default();
        assert!(!location.starts_with(&provider), "{target}: {location}");
        assert_eq!(answer.headers("set-cookie").next(), None, "{target}");
    }
}

/// A33: another spelling of a path is another path. A framework may lead to the page, and may not show it.
pub async fn a33_another_spelling_of_a_path_is_another_path(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let heard = rig.heard();
    for path in spellings("/login/op") {
        rig.is_no_page(&browser, "GET", &path).await;
    }
    for path in spellings("/logout/op") {
        rig.is_no_page(&browser, "POST", &path).await;
    }
    assert_eq!(rig.heard(), heard, "signals");
    assert!(rig.home(&browser).await.owner.is_some(), "signed out");
}

/// A33, for the callback of a login that waits: the code is not spent.
pub async fn a33_another_spelling_of_the_callback_is_another_path(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let query = callback.query().unwrap_or_default();
    for path in spellings("/login/op/authorized") {
        let target = format!("{path}?{query}");
        rig.is_no_page(&browser, "GET", &target).await;
    }
    assert_eq!(rig.heard(), [Heard::BeforeLogin]);
    assert_eq!(rig.provider.log().token_requests(), 0);
    // The login that waits can be finished.
    assert_eq!(visit(&browser, &callback).await.status(), 303);
    assert!(rig.home(&browser).await.owner.is_some());
}

/// A33: the same below a mount prefix, for an application whose proxy takes another prefix off.
pub async fn a33_another_spelling_of_a_mounted_path_is_another_path(adapter: &Adapter) {
    let rig = setup(adapter)
        .dances(|dances| dances.public_prefix("/shop").mount_at("/auth"))
        .start()
        .await;
    let browser = rig.browser();
    let mut spelled = spellings("/auth/login/op");
    for path in [
        "/login/op",
        "/shop/auth/login/op",
        "/shop/login/op",
        "/auth/auth/login/op",
        "/auth%2flogin/op",
        "/auth//login/op",
        "/auth",
    ] {
        spelled.push(path.to_owned());
    }
    for path in spelled {
        rig.is_no_page(&browser, "GET", &path).await;
    }
    assert!(rig.heard().is_empty(), "{:?}", rig.heard());
    let begun = rig.ask_raw(&browser, "GET", "/auth/login/op").await;
    assert_eq!(begun.status, 303);
    assert_eq!(rig.heard(), [Heard::BeforeLogin]);
}

/// R11: the query of a page that needs a login comes back byte for byte, however it is encoded.
pub async fn r11_the_query_of_a_page_is_kept_byte_for_byte(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for query in [
        "a=%2f%2F&b=%20+%2B",
        "caf%c3%a9=%C3%A9&%E2%80%A8",
        "a=%ff%00%",
        "x&x&=&==&&",
        "a=;,:@!$'()*~|^[]{}",
        "next=/other&state=x&code=y",
    ] {
        let browser = rig.browser();
        let target = format!("{ME}?{query}");
        let page = rig.ask_raw(&browser, "GET", &target).await;
        // A server may refuse characters that are no part of a URI.
        if page.status == 400 {
            assert!(query.contains('|'), "{query}");
            continue;
        }
        assert_eq!(page.status, 303, "{query}");
        let login = page.headers("location").next().expect("a login");
        let login = login.parse().expect("a URL");
        assert_eq!(parameter(&login, "next").as_ref(), Some(&target));
        let begun = visit(&browser, &login).await;
        let ready = rig.approve(&browser, begun).await;
        let finished = visit(&browser, &ready.location().expect("a callback")).await;
        assert_eq!(finished.header("location"), Some(&*end(&target)));
    }
}

/// C11, RFC 9112 §3.2.2: a target in absolute form is the same page. The browser comes back to a path.
pub async fn c11_a_target_in_absolute_form_is_the_same_page(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let page = rig
        .ask_raw(&browser, "GET", "http://app.localhost/me?a=1")
        .await;
    assert_eq!(page.status, 303, "{}", page.text());
    assert_eq!(
        page.headers("location").next(),
        Some("https://app.localhost/login/op?next=%2Fme%3Fa%3D1")
    );
    let callback = rig.callback(&browser).await;
    let query = callback.query().unwrap_or_default();
    let target = format!("http://app.localhost/login/op/authorized?{query}");
    let finished = rig.ask_raw(&browser, "GET", &target).await;
    assert_eq!(finished.status, 303, "{}", finished.text());
    assert!(rig.heard().contains(&Heard::Authorized));
}

/// A24: a target of eight kilobytes, which every server has to take (RFC 9110 §4.1), is a request like any other.
pub async fn a24_a_target_of_eight_kilobytes_is_read(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let fill = |path: &str| {
        let begin = format!("{path}?x=");
        format!("{begin}{}", "x".repeat(8000 - begin.len()))
    };
    let home = rig.ask_raw(&browser, "GET", &fill(HOME)).await;
    assert_eq!(home.status, 200);
    let me = rig.ask_raw(&browser, "GET", &fill(ME)).await;
    assert_eq!(me.status, 303);
    let login = me.headers("location").next().unwrap_or_default();
    assert!(
        login.starts_with("https://app.localhost/login/op"),
        "{login}"
    );
    let begun = rig.ask_raw(&browser, "GET", &fill("/login/op")).await;
    assert_eq!(begun.status, 303);
    assert_eq!(rig.heard(), [Heard::BeforeLogin]);
}
