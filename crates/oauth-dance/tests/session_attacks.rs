//! Sessions against cookies that were planted or copied, several users in one browser, and pages that go round.

#[path = "support/session_site.rs"]
mod session_site;
mod support;

use std::sync::Arc;
use std::time::Duration;

use oauth_dance::{
    Authorized, Credentials, Dance, DancesBuilder, Key, LoggedIn, LoginRequired,
    MemorySessionStore, MemoryStore, OAUTH_AUTHORIZED, OAUTH_LOGGED_IN,
};
use oauth_dance_testkit::Browser;
use parking_lot::Mutex;

use self::session_site::{LATER, ROOMS, Room, Site, dance, plant_session, site, site_in};
use self::support::{App, app_of, app_with, provider};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What a browser is worth: the user that it sees, how many sessions the user's list has, and the user that it sees once
/// all sessions of the list have ended.
async fn worth(site: &Site, browser: &Browser) -> (Option<String>, usize, Option<String>) {
    let seen = site.user(browser).await;
    let listed = site.sessions_of(7).await;
    site.app.dances.end_sessions(7).await.unwrap();
    (seen, listed, site.user(browser).await)
}

/// The callbacks are those of an account that signs in as no user of the application.
#[tokio::test]
async fn i01_callbacks_at_once_with_a_copied_cookie_hide_no_session() {
    let site = site(&["two"]);
    let victim = site.app.browser();
    site.sign_in_as(&victim, "op", Some("7")).await;
    let thief = site.copied(victim.jar());

    site.sign_next_in_as(None);
    let two = site.app.callback_of(&thief, "two").await;
    let op = site.app.callback_of(&thief, "op").await;
    let (tab_1, tab_2) = (site.copied(thief.jar()), site.copied(thief.jar()));
    site.answer(&tab_1, &two).await;
    site.answer(&tab_2, &op).await;
    site.app.clock.advance(LATER);
    assert_eq!(worth(&site, &tab_1).await, (None, 0, None));
}

/// One of the callbacks also carries a session of another user.
#[tokio::test]
async fn i01_callbacks_at_once_with_a_planted_session_hide_no_session() {
    let site = site(&["two", "three", "four"]);
    let victim = site.app.browser();
    site.sign_in_as(&victim, "op", Some("7")).await;
    let own = site.app.browser();
    site.app.clock.advance(Duration::from_secs(1));
    site.sign_in_as(&own, "two", Some("8")).await;

    site.sign_next_in_as(None);
    let thief = site.copied(victim.jar());
    let three = site.app.callback_of(&thief, "three").await;
    let four = site.app.callback_of(&thief, "four").await;
    let (tab_1, tab_2) = (site.copied(thief.jar()), site.copied(thief.jar()));
    plant_session(&tab_2, &own);
    site.answer(&tab_1, &three).await;
    site.answer(&tab_2, &four).await;
    site.app.clock.advance(LATER);
    let seven = Some("7".to_owned());
    assert_eq!(worth(&site, &tab_1).await, (seven, 1, None));
}

/// In between, the attacker has logged in with the copy and a dance of their own. The user may have logged in again.
#[tokio::test]
async fn i01_a_copied_cookie_ends_with_the_sign_out_also_after_a_login_with_it() {
    for logs_in_again in [false, true] {
        let site = site(&["two"]);
        let victim = site.app.browser();
        site.sign_in_as(&victim, "op", Some("7")).await;
        let thief = site.copied(victim.jar());
        site.sign_in_as(&thief, "two", None).await;
        site.app.clock.advance(LATER);
        if logs_in_again {
            site.sign_in_as(&victim, "op", Some("7")).await;
        }
        site.sign_out_of_all(&victim).await;
        assert_eq!(site.user(&thief).await, None, "{logs_in_again}");
    }
}

/// Not even while the copied cookie is still good.
#[tokio::test]
async fn i01_a_login_takes_no_planted_sign_in_along_into_another_session() {
    let site = site(&["two", "three"]);
    let victim = site.app.browser();
    site.sign_in_as(&victim, "op", Some("7")).await;
    let thief = site.app.browser();
    site.sign_in_as(&thief, "two", None).await;
    plant_session(&thief, &victim);
    site.sign_in_as(&thief, "three", None).await;
    assert_eq!(site.user(&victim).await.as_deref(), Some("7"));
    site.sign_out_of_all(&victim).await;
    assert_eq!(site.user(&victim).await, None);
    assert_eq!(site.user(&thief).await, None);
}

#[tokio::test]
async fn i01_a_copied_cookie_that_has_ended_ends_no_later_sign_in() {
    let site = site(&["two"]);
    let victim = site.app.browser();
    site.sign_in_as(&victim, "op", Some("7")).await;
    let thief = site.copied(victim.jar());
    site.app.dances.end_sessions(7).await.unwrap();
    site.app.clock.advance(DAY);
    site.sign_in_as(&victim, "op", Some("7")).await;
    assert_eq!(site.user(&thief).await, None);
    site.log_out(&thief, "op").await;
    assert_eq!(site.user(&victim).await.as_deref(), Some("7"));
}

/// The account that signed the user in signs in as no user any more.
#[tokio::test]
async fn i01_a_login_renews_no_cookie_that_lapses() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let thief = site.copied(browser.jar());
    site.sign_in_as(&browser, "op", None).await;
    assert_eq!(site.user(&browser).await, None);
    site.sign_in_as(&thief, "two", None).await;
    site.app.clock.advance(DAY);
    assert_eq!(worth(&site, &thief).await, (None, 0, None));
}

/// The attacker has planted the cookie of a login of their own, and signs in right after the victim.
#[tokio::test]
async fn i01_what_names_the_browser_alone_hides_no_session() {
    let site = site(&[]);
    let attacker = site.app.browser();
    site.app.callback(&attacker).await;
    let victim = site.copied(attacker.jar());
    site.sign_in_as(&victim, "op", Some("7")).await;
    site.app.clock.advance(Duration::from_secs(5));
    site.sign_in_as(&attacker, "op", None).await;
    assert_eq!(site.user(&attacker).await, None);
    site.app.clock.advance(Duration::from_secs(3600));
    let seven = Some("7".to_owned());
    assert_eq!(worth(&site, &victim).await, (seven, 1, None));
}

/// All sessions of the user end after the login has read them, and before it writes.
#[tokio::test]
async fn i17_a_login_on_its_way_brings_back_nothing_that_has_ended() {
    for is_planted in [false, true] {
        let site = site(&["two", "three"]);
        let (victim, other) = (site.app.browser(), site.app.browser());
        site.sign_in_as(&other, "two", None).await;
        site.sign_in_as(&victim, "op", Some("7")).await;
        let thief = if is_planted {
            plant_session(&other, &victim);
            other
        } else {
            site.copied(victim.jar())
        };
        site.sessions.end_before_a_change("7");
        site.sign_in_as(&thief, "three", None).await;
        assert_eq!(site.user(&thief).await, None, "{is_planted}");
        assert!(site.is_signed_in(&thief, "three").await, "{is_planted}");
        assert_eq!(site.sessions_of(7).await, 0, "{is_planted}");
    }
}

/// The store fails to end the sign-in of the user before.
#[tokio::test]
async fn i02_the_user_before_is_not_back_after_the_logout_of_the_one_after() {
    let site = site(&["two"]);
    let (browser, another) = (site.app.browser(), site.app.browser());
    site.sign_in_as(&browser, "op", None).await;
    site.sign_in_as(&another, "two", Some("8")).await;
    plant_session(&browser, &another);
    site.app.clock.advance(LATER);
    let callback = site.app.callback_of(&browser, "op").await;
    site.sign_next_in_as(Some("9"));
    // The first change adds the sign-in, and the second one ends the planted one.
    site.sessions.fail_after(1);
    site.answer(&browser, &callback).await;
    assert_eq!(site.user(&browser).await.as_deref(), Some("9"));
    site.app.clock.advance(LATER);
    assert_eq!(site.user(&browser).await.as_deref(), Some("9"));
    site.log_out(&browser, "op").await;
    assert_eq!(site.user(&browser).await, None);
}

#[tokio::test]
async fn i02_a_sign_in_that_was_replaced_is_not_back_when_another_user_signs_in() {
    for room in ROOMS {
        let site = site_in(room, &["two", "three"]);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "two", None).await;
        site.sign_in_as(&browser, "three", None).await;
        site.sign_in_as(&browser, "two", Some("7")).await;
        site.sign_in_as(&browser, "op", Some("8")).await;
        assert!(!site.is_signed_in(&browser, "two").await, "{room:?}");
    }
}

/// The other user signs in with a dance whose tokens are in a store.
#[tokio::test]
async fn i02_a_token_in_cookies_goes_with_its_sign_in_in_both_rooms() {
    for room in ROOMS {
        let change = |dances: DancesBuilder| {
            let dances = dances.with(dance("two").store(MemoryStore::new()));
            match room {
                Room::Cookies => dances,
                Room::Store => dances.session_store(MemorySessionStore::new()),
            }
        };
        let app = app_with(|dance| dance, change);
        let user = Arc::new(Mutex::new("7"));
        let next = Arc::clone(&user);
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, login: &Authorized| login.sign_in(*next.lock()));
        let browser = app.browser();
        app.sign_in(&browser, "op").await;
        *user.lock() = "8";
        app.sign_in(&browser, "two").await;
        let jar = browser.jar();
        let left = jar.iter().filter(|it| it.name().contains("-token-"));
        assert_eq!(left.count(), 0, "{room:?}");
    }
}

/// An application with this key and client, which signs in as user 7.
fn with_stores(
    key: &Key,
    client_id: &str,
    sessions: &MemorySessionStore,
    tokens: &MemoryStore,
) -> App {
    let dance = Dance::builder(provider()).credentials(Credentials::new(client_id, "secret"));
    let app = app_of(key, dance, |dances| {
        dances.store(tokens.clone()).session_store(sessions.clone())
    });
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, login: &Authorized| login.sign_in("7"));
    app
}

#[tokio::test]
async fn g08_sessions_of_another_key_or_client_are_not_listed() {
    let key = Key::generate().unwrap();
    for (later_key, later_client) in [(key.clone(), "other"), (Key::generate().unwrap(), "id")] {
        let (sessions, tokens) = (MemorySessionStore::new(), MemoryStore::new());
        let before = with_stores(&key, "id", &sessions, &tokens);
        let browser = before.browser();
        before.sign_in(&browser, "op").await;
        let after = with_stores(&later_key, later_client, &sessions, &tokens);
        let visit = after.visit(&browser);
        assert_eq!(visit.user().await.unwrap(), None, "{later_client}");
        let listed = after.dances.sessions(7).await.unwrap();
        assert_eq!(listed.len(), 0, "{later_client}");
    }
}

/// Answers a page that needs a login. Returns whether the browser is sent to it without a click.
async fn sends_to_login(site: &Site, browser: &Browser, required: &LoginRequired) -> bool {
    let visit = site.app.visit(browser);
    let response = oauth_dance::leaf::login_required(&visit, required).await;
    site.app.finish(&visit, browser);
    response.status() == 303
}

/// The accounts of the dances are those of two users of the application.
#[tokio::test]
async fn c07_a_page_that_needs_dances_of_two_users_does_not_go_round() {
    for room in ROOMS {
        for seconds in [0, 1] {
            let site = site_in(room, &["two"]);
            let browser = site.app.browser();
            let mut logins = 0;
            loop {
                let visit = site.app.visit(&browser);
                let mut missing = None;
                for dance in ["op", "two"] {
                    let token = visit.api(dance).unwrap().token().await;
                    missing = missing.or(token.err());
                }
                let missing = missing.expect("one of the two is missing");
                let required = missing.as_login_required().unwrap();
                if !sends_to_login(&site, &browser, required).await {
                    break;
                }
                logins += 1;
                assert!(logins < 4, "{room:?}: a login after another");
                let user = if required.dance() == "op" { "7" } else { "8" };
                site.sign_in_as(&browser, required.dance(), Some(user))
                    .await;
                site.app.clock.advance(Duration::from_secs(seconds));
            }
        }
    }
}

/// The receiver takes as long as it may, and the login does not help the page.
#[tokio::test]
async fn c07_a_page_does_not_go_round_while_a_receiver_of_the_login_is_slow() {
    for room in ROOMS {
        let site = site_in(room, &[]);
        let signal = site.app.signals.of(&OAUTH_LOGGED_IN);
        let clock = site.app.clock.clone();
        // As long as the deadline of receivers is by default.
        signal.connect(move |_: &Dance, _: &LoggedIn| clock.advance(Duration::from_secs(10)));
        let browser = site.app.browser();
        let mut logins = 0;
        loop {
            let visit = site.app.visit(&browser);
            let missing = visit.require_user().await.map(str::to_owned).unwrap_err();
            let required = missing.as_login_required().unwrap();
            if !sends_to_login(&site, &browser, required).await {
                break;
            }
            logins += 1;
            assert!(logins < 3, "{room:?}: a login after another");
            site.sign_in_as(&browser, "op", None).await;
        }
    }
}

/// A page does not depend on the note that a session was seen.
#[tokio::test(start_paused = true)]
async fn l08_pages_do_not_wait_for_a_store_that_takes_no_notes() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.app.clock.advance(Duration::from_secs(61));
    site.sessions.hang_on_notes();
    let before = tokio::time::Instant::now();
    for _ in 0..3 {
        assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
    }
    let waited = before.elapsed();
    assert!(
        waited < Duration::from_secs(5),
        "three pages took {waited:?}"
    );
}

const DANCES: [&str; 3] = ["op", "two", "three"];

/// Logs in so often, with as many dances in turn. Every login has to count.
async fn log_in_often(site: &Site, logins: usize, dances: usize, gap: u64, user: Option<&str>) {
    let browser = site.app.browser();
    for number in 0..logins {
        let dance = DANCES[number % dances];
        let case = format!("login {number}, {gap} seconds apart");
        site.sign_in_as(&browser, dance, user).await;
        let has_failed = browser.jar().iter().any(|it| it.name().ends_with("-ended"));
        assert!(!has_failed, "{case}: refused");
        assert!(site.has_token(&browser, dance).await, "{case}: no token");
        assert_eq!(site.sessions.kept.len(), 1, "{case}");
        site.app.clock.advance(Duration::from_secs(gap));
    }
}

/// Within the time for which a replaced sign-in is good, too.
#[tokio::test]
async fn g10_the_record_of_a_browser_does_not_grow_with_its_logins() {
    for gap in [1, 20, 29] {
        let site = site(&["two"]);
        log_in_often(&site, 40, 2, gap, Some("7")).await;
        let largest = site.sessions.largest();
        assert!(largest < 4096, "{gap} seconds apart: {largest} bytes");
    }
}

#[tokio::test]
async fn g10_logins_of_a_user_with_a_long_identifier_are_not_refused() {
    for length in [36, 100, 255] {
        let site = site(&["two", "three"]);
        let user = "u".repeat(length);
        log_in_often(&site, 30, 3, 2, Some(&user)).await;
    }
}

/// In a minute and over days.
#[tokio::test]
async fn g10_a_login_takes_as_many_calls_of_the_store_as_the_one_before() {
    for (gap, user) in [(31, Some("7")), (31, None), (3600, Some("7"))] {
        let site = site(&["two", "three"]);
        let browser = site.app.browser();
        for number in 0..40 {
            let dance = DANCES[number % 3];
            site.sign_in_as(&browser, dance, user).await;
            let before = site.sessions.calls();
            site.sign_in_as(&browser, dance, user).await;
            let (loads, changes) = site.sessions.calls();
            let calls = (loads - before.0, changes - before.1);
            assert!(calls.0 <= 4 && calls.1 <= 2, "login {number}: {calls:?}");
            site.app.clock.advance(Duration::from_secs(gap));
        }
        assert!(site.sessions.largest() < 8000);
        assert_eq!(site.sessions.kept.len(), 1);
        if user.is_none() {
            assert_eq!(site.tokens.len(), 3);
        }
    }
}
