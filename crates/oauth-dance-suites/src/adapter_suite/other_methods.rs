//! Methods and spellings that are not those of a page of a dance.

use http::Method;
use oauth_dance_testkit::Browser;
use url::{Position, Url};

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::harmless::COOKIE;
use super::heard::Heard;
use super::raw;
use super::rig::{Rig, rig};
use super::steps::ask;

/// A21: a page takes one method, and every other one is told which.
pub async fn a21_every_other_method_is_told_which_one_the_page_takes(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let callback = &callback[Position::BeforePath..];
    for (path, allowed, others) in [
        ("/login/op", "GET", [Method::POST, Method::HEAD]),
        (callback, "GET", [Method::POST, Method::HEAD]),
        ("/logout/op", "POST", [Method::GET, Method::HEAD]),
    ] {
        let always = [
            Method::OPTIONS,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::TRACE,
        ];
        for method in others.into_iter().chain(always) {
            let attack = rig.attack(&browser).await;
            let page = ask(&browser, method.clone(), path).await;
            assert_eq!(page.header("allow"), Some(allowed), "{method} {path}");
            attack.harmless(&page, 405, &[], 0).await;
        }
    }
}

/// A21: a method of which no standard speaks touches no page.
pub async fn a21_an_unknown_method_touches_no_page(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    for path in ["/login/op", &callback[Position::BeforePath..], "/logout/op"] {
        for method in ["PURGE", "get", "M-SEARCH"] {
            let headers = ["Host: app.localhost".to_owned(), cookie_header(&browser)];
            let answer = raw::send(rig.address(), method, path, &headers).await;
            assert!(answer.status >= 400, "{method} {path}: {}", answer.status);
            nothing_began(&rig, &answer, path, &[Heard::BeforeLogin]);
        }
    }
}

/// A33: another spelling of a path is another path. A framework may lead to the page, and may not show it.
pub async fn a33_another_spelling_of_a_path_is_another_path(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for path in [
        "/login/op/",
        "/login/%6fp",
        "/log%69n/op",
        "/login%2fop",
        "/login/op%2f",
        "/login/op%00",
        "/login/op%20",
        "/login/op;a=b",
        "//login/op",
        "/login//op",
        "/./login/op",
        "/x/../login/op",
        "/x/%2e%2e/login/op",
        "/login/OP",
        "/LOGIN/op",
    ] {
        let headers = ["Host: app.localhost".to_owned()];
        let answer = raw::get(rig.address(), path, &headers).await;
        nothing_began(&rig, &answer, path, &[]);
    }
}

/// A33, for the callback of a login that waits: the code is not spent.
pub async fn a33_another_spelling_of_the_callback_is_another_path(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    for path in [
        "/login/op/authorized/",
        "/login/op//authorized",
        "/login/op%2fauthorized",
        "/login/op/%61uthorized",
        "/login/op/./authorized",
        "/login/op/authorized/%2e",
    ] {
        let target = format!("{path}?{}", callback.query().unwrap_or_default());
        let headers = ["Host: app.localhost".to_owned(), cookie_header(&browser)];
        let answer = raw::get(rig.address(), &target, &headers).await;
        assert_eq!(rig.provider.log().token_requests(), 0, "{path}");
        assert_eq!(set_cookies(&answer), Vec::<String>::new(), "{path}");
    }
    is_still_good(&rig, &browser, &callback).await;
}

/// The login that waits can be finished.
async fn is_still_good(rig: &Rig, browser: &Browser, callback: &Url) {
    let page = browser.get(callback).await.expect("an answer");
    assert_eq!(page.status(), 303, "{page:?}");
    assert!(rig.home(browser).await.owner.is_some());
}

fn nothing_began(rig: &Rig, answer: &raw::RawAnswer, path: &str, heard: &[Heard]) {
    let provider = rig.provider.issuer();
    let leads_there = answer
        .headers("location")
        .any(|to| to.starts_with(&provider));
    assert!(!leads_there, "{path} leads to the provider");
    assert_eq!(set_cookies(answer), Vec::<String>::new(), "{path}");
    assert_eq!(rig.heard(), heard, "{path}");
    assert_eq!(rig.provider.log().token_requests(), 0, "{path}");
}

/// The cookies of the dance that an answer sets.
fn set_cookies(answer: &raw::RawAnswer) -> Vec<String> {
    let cookies = answer.headers("set-cookie");
    let ours = cookies.filter(|cookie| cookie.starts_with(COOKIE));
    ours.map(str::to_owned).collect()
}
