//! The cookies of the dance: their attributes, and what becomes of them in other hands.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::SameSite;
use oauth_dance::RejectReason;
use oauth_dance_testkit::{Browser, CookieJar, Page};
use sha2::{Digest as _, Sha256};

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::harmless::{COOKIE, PENDING, pending_cookie};
use super::heard::Heard;
use super::rig::{Rig, rig, setup};
use super::steps::{Home, step, visit};
use super::{pages, raw};

const SESSION: &str = "__Host-od-session-op";
/// The token of the development provider has two parts.
const TOKEN: &str = "__Host-od-token-0";
const TOKEN_TOO: &str = "__Host-od-token-1";
const FLASH: &str = "__Host-od-flash";

/// A browser whose jar is `jar` with another value of one cookie.
fn forged(rig: &Rig, jar: &CookieJar, name: &str, value: &str) -> Browser {
    let browser = rig.browser_like(Browser::with_jar(jar.clone()));
    browser.change_jar(|jar| {
        jar.delete(name);
        jar.plant("app.localhost", name, value);
    });
    browser
}

/// The value with another character of base64url at `index`.
fn with_flip(value: &str, index: usize) -> String {
    let other = if value.as_bytes()[index] == b'A' {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &value[..index], &value[index + 1..])
}

/// The names and values of the cookies that hold the token of a dance, in order.
fn token_parts(jar: &CookieJar, dance: &str) -> Vec<(String, String)> {
    let label = URL_SAFE_NO_PAD.encode(Sha256::digest(dance));
    let is_of_dance = |value: &str| value.split('.').nth(1) == Some(&label[..11]);
    let mut parts: Vec<(String, String)> = jar
        .iter()
        .filter(|cookie| cookie.name().starts_with("__Host-od-token-"))
        .filter(|cookie| is_of_dance(cookie.value()))
        .map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned()))
        .collect();
    parts.sort_by_key(|(_, value)| value.split('.').nth(2).map(str::to_owned));
    assert!(!parts.is_empty(), "no token of {dance}");
    parts
}

/// A browser whose cookies `ours` hold what `theirs` hold.
fn with_payloads(
    rig: &Rig,
    jar: &CookieJar,
    ours: &[(String, String)],
    theirs: &[(String, String)],
) -> Browser {
    assert_eq!(ours.len(), theirs.len(), "tokens of one length");
    let forger = rig.browser_like(Browser::with_jar(jar.clone()));
    for ((name, value), (_, other)) in ours.iter().zip(theirs) {
        let (head, _) = value.rsplit_once('.').expect("a payload");
        let (_, payload) = other.rsplit_once('.').expect("a payload");
        forger.change_jar(|jar| {
            jar.delete(name);
            jar.plant("app.localhost", name, &format!("{head}.{payload}"));
        });
    }
    forger
}

async fn owner(browser: &Browser) -> Option<String> {
    let page = browser.get(super::steps::url(pages::HOME)).await;
    Home::read(&page.expect("an answer")).owner
}

/// G01: any character of the session changed: the browser is not signed in.
pub async fn g01_a_changed_session_is_absent(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let (jar, session) = (browser.jar(), browser.cookie(SESSION).expect("a session"));
    for index in 0..session.len() {
        let forger = forged(&rig, &jar, SESSION, &with_flip(&session, index));
        assert_eq!(owner(&forger).await, None, "character {index}");
    }
    let same = forged(&rig, &jar, SESSION, &session);
    assert!(
        owner(&same).await.is_some(),
        "the session itself is not accepted"
    );
}

/// G02: the session cut at any length: the browser is not signed in.
pub async fn g02_a_cut_session_is_absent(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let (jar, session) = (browser.jar(), browser.cookie(SESSION).expect("a session"));
    for length in 0..session.len() {
        let forger = forged(&rig, &jar, SESSION, &session[..length]);
        assert_eq!(owner(&forger).await, None, "{length} characters");
    }
}

/// G01: any character of a pending login changed: the callback is rejected.
pub async fn g01_a_changed_pending_login_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let name = pending_cookie(&browser.jar(), &callback).expect("a pending login");
    let (jar, pending) = (
        browser.jar(),
        browser.cookie(&name).expect("a pending login"),
    );
    // In front of the point is when it expires, for the eviction alone; it counts inside.
    let payload = pending.find('.').expect("an expiry") + 1;
    for index in payload..pending.len() {
        let forger = forged(&rig, &jar, &name, &with_flip(&pending, index));
        let page = visit(&forger, &callback).await;
        assert_eq!(page.status(), 400, "character {index}");
    }
    let rejected = Heard::Rejected(RejectReason::NoPendingLogin);
    assert!(rig.heard()[1..].iter().all(|heard| *heard == rejected));
    assert_eq!(rig.provider.log().token_requests(), 0);
}

/// G02: a pending login cut at any length: the callback is rejected.
pub async fn g02_a_cut_pending_login_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let name = pending_cookie(&browser.jar(), &callback).expect("a pending login");
    let (jar, pending) = (
        browser.jar(),
        browser.cookie(&name).expect("a pending login"),
    );
    for length in 0..pending.len() {
        let forger = forged(&rig, &jar, &name, &pending[..length]);
        let page = visit(&forger, &callback).await;
        assert_eq!(page.status(), 400, "{length} characters");
    }
    assert_eq!(rig.provider.log().token_requests(), 0);
}

/// G02: an expiry that was moved in clear text does not keep a login alive.
pub async fn g02_the_clear_expiry_of_a_pending_login_proves_nothing(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let name = pending_cookie(&browser.jar(), &callback).expect("a pending login");
    let pending = browser.cookie(&name).expect("a pending login");
    let payload = pending.split_once('.').expect("an expiry").1;
    browser.change_jar(|jar| jar.plant("app.localhost", &name, &format!("99999999999.{payload}")));
    rig.clock.advance(Duration::from_secs(601));
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    attack.rejected(&page, RejectReason::Expired).await;
}

/// G04, G06: what was sealed for one purpose, under any other name.
pub async fn g04_no_cookie_stands_in_for_another(adapter: &Adapter) {
    let rig = setup(adapter).tokens_in_cookies().start().await;
    rig.signals
        .of(&oauth_dance::OAUTH_AUTHORIZED)
        .connect(|_: &oauth_dance::Dance, login: &oauth_dance::Authorized| login.flash("Ahoy!"));
    let browser = rig.browser();
    rig.sign_in(&browser).await;
    let callback = rig.callback(&browser).await;
    let pending = pending_cookie(&browser.jar(), &callback).expect("a pending login");
    let jar = browser.jar();
    let names = [SESSION, TOKEN, FLASH, pending.as_str()];
    let value = |name: &str| jar.get(name).expect(name).value().to_owned();
    let payload = |name: &str| match value(name).rsplit_once('.') {
        Some((_, payload)) => payload.to_owned(),
        None => value(name),
    };
    for from in names {
        for to in names.into_iter().filter(|to| *to != from) {
            // In the form that the other cookie has.
            let forgery = match value(to).rsplit_once('.') {
                Some((before, _)) => format!("{before}.{}", payload(from)),
                None => payload(from),
            };
            let forger = forged(&rig, &jar, to, &forgery);
            let works = if to == SESSION {
                owner(&forger).await.is_some()
            } else if to == TOKEN {
                rig.profile(&forger).await.status() == 200
            } else if to == FLASH {
                !rig.home(&forger).await.flashes.is_empty()
            } else {
                visit(&forger, &callback).await.status() != 400
            };
            assert!(!works, "{from} works as {to}");
        }
    }
}

/// G05: the token of one dance is none of another's.
pub async fn g05_a_token_cookie_belongs_to_its_dance(adapter: &Adapter) {
    let rig = setup(adapter).tokens_in_cookies().start().await;
    let browser = rig.signed_in().await;
    let begun = rig.begin_at(&browser, "/login/other").await;
    let ready = rig.approve(&browser, begun).await;
    step(&browser, ready).await;
    assert_eq!(rig.profile(&browser).await.status(), 200);

    let (ours, theirs) = (
        token_parts(&browser.jar(), "op"),
        token_parts(&browser.jar(), "other"),
    );
    let forger = with_payloads(&rig, &browser.jar(), &ours, &theirs);
    rig.clock.advance(Duration::from_secs(60));
    assert_eq!(rig.profile(&forger).await.status(), 303);
}

/// G05: the token of one browser is none of another's.
pub async fn g05_a_token_cookie_belongs_to_its_browser(adapter: &Adapter) {
    let rig = setup(adapter).tokens_in_cookies().start().await;
    let (browser, other) = (rig.signed_in().await, rig.signed_in().await);
    let (ours, theirs) = (
        token_parts(&browser.jar(), "op"),
        token_parts(&other.jar(), "op"),
    );
    let forger = with_payloads(&rig, &browser.jar(), &ours, &theirs);
    rig.clock.advance(Duration::from_secs(60));
    assert_eq!(rig.profile(&forger).await.status(), 303);
}

/// G07: a session is over at its own time, although the browser kept the cookie.
pub async fn g07_a_session_expires_by_the_servers_clock(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    rig.clock.advance(Duration::from_secs(14 * 24 * 3600 + 1));
    assert!(browser.cookie(SESSION).is_some());
    assert_eq!(rig.home(&browser).await.owner, None);
}

/// A12: a sibling host can plant a cookie, but none with the prefix.
pub async fn a12_a_pending_login_without_the_host_prefix_is_none(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let (attacker, victim) = (rig.browser(), rig.browser());
    let callback = rig.callback(&attacker).await;
    let name = pending_cookie(&attacker.jar(), &callback).expect("a pending login");
    let value = attacker.cookie(&name).expect("a pending login");
    for planted in [
        name.replace("__Host-", ""),
        name.replace("__Host-", "__Secure-"),
    ] {
        victim.change_jar(|jar| jar.plant("app.localhost", &planted, &value));
    }
    let attack = rig.attack(&victim).await;
    let page = visit(&victim, &callback).await;
    attack.rejected(&page, RejectReason::NoPendingLogin).await;
}

/// A13: of several cookies of one name the authentic one counts, in any order and in any header.
pub async fn a13_the_authentic_one_of_several_cookies_counts(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for order in 0..3 {
        let browser = rig.browser();
        let callback = rig.callback(&browser).await;
        let name = pending_cookie(&browser.jar(), &callback).expect("a pending login");
        let (planted, ours) = (format!("{name}=1.AAAA"), cookie_header(&browser));
        let cookies = match order {
            0 => vec![format!("{ours}; {planted}")],
            1 => vec![format!(
                "Cookie: {planted}; {}",
                ours.replace("Cookie: ", "")
            )],
            _ => vec![format!("Cookie: {planted}"), ours],
        };
        let mut headers = vec!["Host: app.localhost".to_owned()];
        headers.extend(cookies);
        let target = &callback[url::Position::BeforePath..];
        let answer = raw::get(rig.address(), target, &headers).await;
        assert_eq!(answer.status, 303, "order {order}: {}", answer.text());
    }
}

/// G13: cookies that are none, and too many of them.
pub async fn g13_junk_cookies_are_passed_over(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let junk = (0..300)
        .map(|n| format!("{SESSION}={n}"))
        .collect::<Vec<_>>()
        .join("; ");
    for line in [
        "Cookie: ;;; =; \"; a=\"b; __Host-od-session".to_owned(),
        "Cookie: __Host-od-session=%00%ff".to_owned(),
        format!("Cookie: {junk}"),
        format!("Cookie: {PENDING}x={}", "A".repeat(16 * 1024)),
    ] {
        let headers = ["Host: app.localhost".to_owned(), line.clone()];
        let answer = raw::get(rig.address(), pages::HOME, &headers).await;
        assert_eq!(answer.status, 200, "{line:.60}: {}", answer.text());
    }
}

/// G14: a page sets a cookie of its own while the visit has one to delete: both get through.
pub async fn g14_a_pages_cookie_goes_out_beside_the_dances(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&oauth_dance::OAUTH_AUTHORIZED)
        .connect(|_: &oauth_dance::Dance, login: &oauth_dance::Authorized| login.flash("Ahoy!"));
    let browser = rig.browser();
    rig.sign_in(&browser).await;
    assert!(browser.cookie(FLASH).is_some());
    rig.cookies_page(&browser).await;
    assert_eq!(browser.cookie("own").as_deref(), Some("kept"));
    assert_eq!(browser.cookie(FLASH), None);
}

/// R66, R67, R71: every cookie of the dance, when it is set and when it is deleted.
pub async fn g11_r66_every_cookie_has_the_strictest_attributes(adapter: &Adapter) {
    let rig = setup(adapter).tokens_in_cookies().start().await;
    rig.signals
        .of(&oauth_dance::OAUTH_AUTHORIZED)
        .connect(|_: &oauth_dance::Dance, login: &oauth_dance::Authorized| login.flash("Ahoy!"));
    let browser = rig.browser();
    let begun = rig.begin(&browser).await;
    assert_strict(&begun, &[PENDING]);
    let pending = begun.set_cookies();
    let age = pending[0].max_age().expect("an age").whole_seconds();
    assert!((1..=600).contains(&age), "{age} seconds");

    let ready = rig.approve(&browser, begun).await;
    let page = step(&browser, ready).await;
    assert_strict(&page, &[PENDING, TOKEN, TOKEN_TOO, SESSION, FLASH]);
    let home = browser.get(super::steps::url(pages::HOME)).await;
    assert_strict(&home.expect("an answer"), &[FLASH]);
    let page = rig.sign_out(&browser).await;
    assert_strict(&page, &[SESSION, TOKEN, TOKEN_TOO]);
    assert!(
        browser
            .jar()
            .iter()
            .all(|cookie| !cookie.name().starts_with(COOKIE))
    );
}

/// The answer sets exactly the cookies whose names begin like this, all of them strictly.
fn assert_strict(page: &Page, names: &[&str]) {
    let cookies = page.set_cookies();
    for name in names {
        let count = cookies
            .iter()
            .filter(|cookie| cookie.name().starts_with(name))
            .count();
        assert_eq!(count, 1, "{name}");
    }
    assert_eq!(cookies.len(), names.len());
    for cookie in cookies {
        let name = cookie.name();
        assert_eq!(cookie.secure(), Some(true), "{name}");
        assert_eq!(cookie.http_only(), Some(true), "{name}");
        assert_eq!(cookie.same_site(), Some(SameSite::Lax), "{name}");
        assert_eq!(cookie.path(), Some("/"), "{name}");
        assert_eq!(cookie.domain(), None, "{name}");
    }
}
