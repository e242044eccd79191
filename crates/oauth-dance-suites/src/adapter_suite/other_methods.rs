//! Methods that a page of a dance does not take, and HEAD for pages of the application.

use http::Method;
use url::Position;

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::harmless::COOKIE;
use super::heard::Heard;
use super::pages::{HOME, ME, PROFILE};
use super::raw;
use super::rig::{Rig, rig};
use super::steps::{ask, get};

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
        for method in ["PROPFIND", "PURGE", "get", "M-SEARCH"] {
            let headers = ["Host: app.localhost".to_owned(), cookie_header(&browser)];
            let answer = raw::send(rig.address(), method, path, &headers).await;
            assert!(answer.status >= 400, "{method} {path}: {}", answer.status);
            nothing_began(&rig, &answer, path, &[Heard::BeforeLogin]);
        }
    }
}

/// A21: HEAD of a page of the application is its GET without a body. It begins no login by itself.
pub async fn a21_a_head_of_a_page_is_its_get_without_a_body(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let stranger = rig.browser();
    let signed_in = rig.signed_in().await;
    let heard = rig.heard();
    for (browser, path, status) in [
        (&stranger, HOME, 200),
        (&stranger, ME, 303),
        (&stranger, PROFILE, 303),
        (&signed_in, HOME, 200),
        (&signed_in, ME, 200),
        (&signed_in, PROFILE, 200),
    ] {
        let headers = [
            "Host: app.localhost".to_owned(),
            cookie_header(browser),
            "Accept: text/html".to_owned(),
        ];
        let head = raw::send(rig.address(), "HEAD", path, &headers).await;
        assert_eq!((head.status, head.body()), (status, ""), "{path}");
        let page = get(browser, path).await;
        assert_eq!(page.status(), status, "{path}");
        let login = head.headers("location").next().unwrap_or_default();
        let is_login = login.starts_with("https://app.localhost/login/op");
        assert_eq!(is_login, status == 303, "{path}: {login}");
        assert_eq!(head.headers("set-cookie").next(), None, "{path}");
    }
    assert_eq!(rig.heard(), heard, "signals");
    assert!(rig.home(&signed_in).await.owner.is_some());
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
