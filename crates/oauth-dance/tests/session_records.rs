//! The record that a session store keeps of a browser: when it begins and ends, what has room in it, who may add to it.

#[path = "support/session_site.rs"]
mod session_site;
mod support;

use std::time::Duration;

use http::Method;
use oauth_dance::{
    Authorized, Clock as _, Dance, MemorySessionStore, NewSession, OAUTH_AUTHORIZED,
};
use oauth_dance_testkit::Browser;

use self::session_site::{plant_session, site};
use self::support::{ORIGIN, app_with};

/// The one that looks is signed in no longer: its cookie has lapsed.
#[tokio::test]
async fn i01_a_cookie_that_is_good_for_nothing_does_not_count_as_the_browser() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let thief = site.copied(browser.jar());
    site.sign_in_as(&browser, "op", Some("7")).await;
    let seen_at = site.app.clock.now();
    site.app.clock.advance(Duration::from_secs(3600));
    assert_eq!(site.user(&thief).await, None);
    let listed = site.app.dances.sessions(7).await.unwrap();
    assert_eq!(listed[0].seen_at(), seen_at);
}

#[tokio::test]
async fn g10_that_a_browser_was_seen_is_noted_once_a_minute() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let before = site.app.clock.now();
    for (seconds, noted) in [(59, 0), (1, 60), (59, 60), (1, 120)] {
        site.app.clock.advance(Duration::from_secs(seconds));
        assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
        let listed = site.app.dances.sessions(7).await.unwrap();
        let noted = before.plus(Duration::from_secs(noted));
        assert_eq!(listed[0].seen_at(), noted);
    }
}

/// Each of two copies of the browser begins a login in the last second, or in the one after it.
#[tokio::test]
async fn g07_a_login_names_the_browser_for_as_long_as_it_lasts() {
    for (seconds, sessions) in [(599, 1), (600, 2)] {
        let site = site(&[]);
        let browser = site.app.browser();
        site.app.callback(&browser).await;
        let copy = site.copied(browser.jar());
        site.app.clock.advance(Duration::from_secs(seconds));
        for browser in [&browser, &copy] {
            site.sign_in_as(browser, "op", Some("7")).await;
        }
        assert_eq!(site.sessions_of(7).await, sessions, "{seconds}");
    }
}

#[tokio::test]
async fn g01_a_record_that_cannot_be_read_gives_way_to_a_sign_in() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.app.callback(&browser).await;
    let before = site.copied(browser.jar());
    site.sessions.damage_records();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.sessions.mend();
    assert_eq!(site.user(&browser).await, None);
    site.sign_in_as(&before, "op", Some("8")).await;
    assert_eq!(site.user(&before).await.as_deref(), Some("8"));
    assert_eq!(site.sessions.kept.len(), 1);
}

/// Sessions that last ten seconds. The cookies are those of a browser that began a login before the first session.
#[tokio::test]
async fn g07_a_session_that_expires_now_is_no_part_of_the_next() {
    for (seconds, is_new) in [(9, false), (10, true)] {
        let sessions = MemorySessionStore::new();
        let app = app_with(
            |dance| dance,
            |dances| {
                let dances = dances.session_store(sessions.clone());
                dances.session_lifetime(Duration::from_secs(10))
            },
        );
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(|_: &Dance, login: &Authorized| login.sign_in(7));
        let browser = app.browser();
        app.callback(&browser).await;
        let before = browser.jar();
        app.sign_in(&browser, "op").await;
        app.clock.advance(Duration::from_secs(seconds));
        browser.set_jar(before);
        app.sign_in(&browser, "op").await;
        let listed = app.dances.sessions(7).await.unwrap();
        assert_eq!(listed.len(), 1, "{seconds}");
        let made_now = listed[0].made_at() == app.clock.now();
        assert_eq!(made_now, is_new, "{seconds}");
    }
}

/// Callbacks at once with more dances than a record has room for.
#[tokio::test]
async fn g10_a_sign_in_takes_the_room_of_the_oldest_in_the_record() {
    let names: Vec<String> = (0..100).map(|number| format!("d{number}")).collect();
    let site = site(&names.iter().map(String::as_str).collect::<Vec<&str>>());
    site.sign_next_in_as(Some(&"u".repeat(255)));
    let browser = site.app.browser();
    site.app.callback(&browser).await;
    let before = browser.jar();
    for name in &names {
        let tab = site.copied(before.clone());
        site.app.sign_in(&tab, name).await;
        assert!(site.is_signed_in(&tab, name).await, "{name}");
    }
    let largest = site.sessions.largest();
    assert!(largest <= NewSession::MAX_BYTES, "{largest} bytes");
}

fn names_itself(browser: &Browser) -> bool {
    browser.cookie("__Host-od-browser").is_some()
}

#[tokio::test]
async fn a09_a_login_names_a_browser_without_a_session_and_no_other() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.app.callback(&browser).await;
    assert!(names_itself(&browser));
    site.sign_in_as(&browser, "op", None).await;
    assert!(!names_itself(&browser));
    site.app.callback_of(&browser, "two").await;
    assert!(!names_itself(&browser));
}

/// The second login began when the session had ended, and after the callback of the first had left.
#[tokio::test]
async fn a09_a_callback_that_names_no_browser_deletes_no_name_that_another_login_gave_it() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let callback = site.app.callback(&browser).await;
    let tab = site.copied(browser.jar());
    site.app.dances.end_sessions(7).await.unwrap();
    site.app.callback_of(&browser, "two").await;
    let answer = site.answer(&tab, &callback).await;
    browser.take_cookies(ORIGIN, answer.headers()).unwrap();
    assert!(names_itself(&browser));
}

#[tokio::test]
async fn a09_a_logout_of_one_dance_leaves_the_name_that_a_login_gave_the_browser() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.app.callback(&browser).await;
    site.log_out(&browser, "two").await;
    assert!(names_itself(&browser));
}

/// Somebody has a copy of the cookies from before.
#[tokio::test]
async fn i01_a_sign_in_that_gave_way_to_later_ones_has_ended() {
    const LATER_DANCES: [&str; 5] = ["two", "three", "four", "five", "six"];
    let site = site(&LATER_DANCES);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", None).await;
    let thief = site.copied(browser.jar());
    for dance in LATER_DANCES {
        site.app.clock.advance(Duration::from_secs(1));
        site.sign_in_as(&browser, dance, None).await;
    }
    assert!(!site.is_signed_in(&thief, "op").await);
}

/// The browser has a session of its own, and the cookie is that of a second one.
#[tokio::test]
async fn i01_a_sign_in_whose_cookie_was_replaced_has_ended() {
    let site = site(&["two"]);
    let (browser, another) = (site.app.browser(), site.app.browser());
    site.sign_in_as(&browser, "op", None).await;
    site.sign_in_as(&another, "two", None).await;
    plant_session(&browser, &another);
    site.sign_in_as(&browser, "two", None).await;
    assert!(!site.is_signed_in(&another, "two").await);
}

#[tokio::test]
async fn i17_a_logout_that_the_store_fails_takes_all_session_cookies_along() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    for dance in ["op", "two"] {
        site.sign_in_as(&browser, dance, None).await;
    }
    site.sessions.fail_after(0);
    site.app.ask(&browser, Method::POST, "/logout/op").await;
    let jar = browser.jar();
    let left = jar.iter().filter(|it| it.name().contains("session"));
    assert_eq!(left.count(), 0);
}
