//! Sessions in a store when things happen at once: sign-ins, answers that are lost, a store that is full.

#[path = "support/session_site.rs"]
mod session_site;
mod support;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::VARY;
use oauth_dance::{Clock as _, Dance, LoggedOut, OAUTH_LOGGED_OUT};
use oauth_dance_testkit::browser::StoredCookie;
use parking_lot::Mutex;

use self::session_site::{Room, site, site_in};
use self::support::ORIGIN;

const ALL: [&str; 6] = ["op", "two", "three", "four", "five", "six"];

#[tokio::test]
async fn a09_as_many_callbacks_at_once_as_there_are_dances_all_sign_in() {
    let site = site(&ALL[1..]);
    let browser = site.app.browser();
    site.at_once(&browser, &ALL).await;
    for dance in ALL {
        assert!(site.is_signed_in(&browser, dance).await, "{dance}");
    }
}

#[tokio::test]
async fn i17_a_sign_out_ends_each_of_many_sessions_that_began_at_once() {
    let site = site(&ALL[1..]);
    let browser = site.app.browser();
    site.at_once(&browser, &ALL).await;
    let copy = browser.jar();
    site.sign_out_of_all(&browser).await;
    let stolen: Vec<_> = copy
        .iter()
        .filter(|it| it.name().contains("session"))
        .map(|it| (it.name().to_owned(), it.value().to_owned()))
        .collect();
    assert_eq!(stolen.len(), ALL.len());
    for (name, value) in &stolen {
        let thief = site.app.browser();
        thief.change_jar(|jar| jar.plant("app.test", name, value));
        for dance in ALL {
            assert!(!site.is_signed_in(&thief, dance).await, "{dance} by {name}");
        }
    }
}

#[tokio::test]
async fn a09_two_callbacks_of_one_dance_keep_the_sign_ins_with_others() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "two", Some("7")).await;
    *site.next_user.lock() = None;
    site.at_once(&browser, &["op", "op"]).await;
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
    assert_eq!(site.sessions_of(7).await, 1, "one is out of reach");
}

#[tokio::test]
async fn i17_a_sign_out_after_two_callbacks_of_one_dance_ends_all() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "two", Some("7")).await;
    let jars = site.at_once(&browser, &["op", "op"]).await;
    site.sign_out_of_all(&browser).await;
    for jar in jars {
        assert_eq!(site.user(&site.copied(jar)).await, None);
    }
    assert_eq!(site.sessions_of(7).await, 0);
}

#[tokio::test]
async fn i17_what_another_callback_has_brought_is_not_handed_to_an_old_cookie() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "two", None).await;
    let planted = site.copied(browser.jar());
    let callback = site.app.callback_of(&planted, "op").await;
    site.sign_in_as(&browser, "op", Some("7")).await;
    // The one who has planted the cookie signs in with a login of their own, a moment later.
    *site.next_user.lock() = None;
    let page = site.app.ask(&planted, Method::GET, &callback).await;
    assert_eq!(page.status(), 303);
    assert_eq!(site.user(&planted).await, None);
}

#[tokio::test]
async fn g10_cookies_of_sessions_that_have_ended_hide_no_living_one() {
    let site = site(&ALL[1..]);
    let browser = site.app.browser();
    for dance in ALL {
        site.sign_in_as(&browser, dance, Some("7")).await;
        assert_eq!(site.user(&browser).await.as_deref(), Some("7"), "{dance}");
        let cookies = browser.jar();
        let sessions = cookies.iter().filter(|it| it.name().contains("session"));
        // A few may be worth nothing.
        assert!(sessions.count() <= 4, "{dance}");
        assert_eq!(site.app.dances.end_sessions(7).await.unwrap(), 1);
    }
}

/// As many as a request may have, planted before the login.
#[tokio::test]
async fn g13_cookies_that_are_no_session_hide_none() {
    let site = site(&[]);
    let browser = site.app.browser();
    for number in 0..40 {
        let name = format!("__Host-od-session-{number}");
        browser.change_jar(|jar| jar.plant("app.test", &name, "x"));
    }
    site.sign_in_as(&browser, "op", Some("7")).await;
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
}

/// A logout by a page that was opened before the last sign-in ends that sign-in too, and leaves those with other dances.
#[tokio::test]
async fn i16_a_sign_in_that_was_on_its_way_takes_its_token_along() {
    let site = site(&["two"]);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&heard);
    let signal = site.app.signals.of(&OAUTH_LOGGED_OUT);
    signal.connect(move |dance: &Dance, _: &LoggedOut| note.lock().push(dance.name().to_owned()));
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", None).await;
    let (before, another_tab) = (site.copied(browser.jar()), site.copied(browser.jar()));
    site.sign_in_as(&browser, "two", None).await;
    assert_eq!(site.tokens.len(), 2);
    site.app.ask(&before, Method::POST, "/logout/op").await;
    assert!(site.is_signed_in(&browser, "two").await);
    assert_eq!(site.tokens.len(), 1);
    assert_eq!(*heard.lock(), ["op"]);
    site.sign_out_of_all(&another_tab).await;
    assert!(!site.is_signed_in(&browser, "two").await);
    assert_eq!(site.tokens.len(), 0, "a token is left");
}

#[tokio::test]
async fn i17_a_sign_in_whose_answer_the_store_loses_signs_nobody_out() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.sessions.lose_answers();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.sessions.mend();
    site.app.clock.advance(Duration::from_secs(31));
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
    assert_eq!(site.sessions_of(7).await, 1);
}

#[tokio::test]
async fn a11_a_store_that_is_full_of_expired_sessions_takes_new_ones() {
    let site = site(&[]);
    let end = site.app.clock.now().plus(Duration::from_secs(60));
    site.fill(end).await;
    site.app.clock.advance(Duration::from_secs(60));
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
}

#[tokio::test]
async fn a_session_is_listed_for_as_long_as_the_user_is_signed_in() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.app.clock.advance(10 * DAY);
    // This keeps the session for further fourteen days, and not the user.
    site.sign_in_as(&browser, "two", None).await;
    assert_eq!(site.sessions_of(7).await, 1);
    site.app.clock.advance(4 * DAY);
    assert_eq!(site.user(&browser).await, None);
    assert_eq!(site.sessions_of(7).await, 0);

    site.sign_in_as(&browser, "op", Some("7")).await;
    site.app.clock.advance(DAY);
    assert_eq!(site.sessions_of(7).await, 1);
}

#[tokio::test]
async fn i16_a_store_that_is_full_hinders_no_logout() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "two", Some("7")).await;
    site.sign_in_as(&browser, "op", Some("7")).await;
    let copy = site.copied(browser.jar());
    site.fill(site.app.clock.now().plus(Duration::from_secs(600)))
        .await;
    let page = site.app.ask(&browser, Method::POST, "/logout/op").await;
    assert_eq!(page.status(), 303);
    assert!(site.is_signed_in(&browser, "two").await);
    assert!(!site.is_signed_in(&copy, "op").await);

    // A new login has no room, and says so.
    let another = site.app.browser();
    let callback = site.app.callback(&another).await;
    let page = site.app.ask(&another, Method::GET, &callback).await;
    assert_eq!(page.status(), 503);
}

#[tokio::test]
async fn i17_two_logouts_at_once_leave_nothing_of_what_they_end() {
    for reversed in [false, true] {
        let site = site(&["two", "three"]);
        let browser = site.app.browser();
        for dance in ["op", "two", "three"] {
            site.sign_in_as(&browser, dance, Some("7")).await;
        }
        let before = browser.jar();
        let mut answers = Vec::new();
        for dance in ["op", "two"] {
            let tab = site.copied(before.clone());
            let path = format!("/logout/{dance}");
            let answer = site.app.ask(&tab, Method::POST, &path).await;
            assert_eq!(answer.status(), 303);
            answers.push(answer);
        }
        if reversed {
            answers.reverse();
        }
        for answer in answers {
            browser.take_cookies(ORIGIN, answer.headers()).unwrap();
        }
        for dance in ["op", "two"] {
            assert!(!site.is_signed_in(&browser, dance).await, "{dance}");
        }
        site.sign_out_of_all(&browser).await;
        assert_eq!(site.sessions_of(7).await, 0);
    }
}

#[tokio::test]
async fn i17_a_sign_out_ends_a_sign_in_of_another_user_that_is_on_its_way() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let before = site.copied(browser.jar());
    site.sign_in_as(&browser, "op", Some("8")).await;
    assert_eq!(
        site.user(&before).await,
        None,
        "an old cookie is good for nothing"
    );
    site.sign_out_of_all(&before).await;
    assert_eq!(site.user(&browser).await, None);
    assert_eq!(site.sessions_of(8).await, 0);
}

#[tokio::test]
async fn i17_a_cookie_that_has_lapsed_is_exchanged_for_no_session_and_ends_none() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let thief = site.copied(browser.jar());
    for dance in ["two", "op"] {
        site.sign_in_as(&browser, dance, Some("7")).await;
    }
    site.app.clock.advance(Duration::from_secs(31));
    for user in [None, Some("8")] {
        *site.next_user.lock() = user.map(str::to_owned);
        let thief = site.copied(thief.jar());
        let callback = site.app.callback_of(&thief, "op").await;
        site.app.ask(&thief, Method::GET, &callback).await;
        assert_eq!(site.user(&thief).await.as_deref(), user);
        assert!(!site.is_signed_in(&thief, "two").await);
        site.sign_out_of_all(&thief).await;
        assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
        assert!(site.is_signed_in(&browser, "op").await);
        assert!(site.is_signed_in(&browser, "two").await);
    }
}

/// The one of the dance that the browser is signed in with sets its cookie anew.
#[tokio::test]
async fn a09_no_callback_deletes_the_cookie_that_another_sets_anew() {
    for dances in [["op", "two"], ["two", "op"]] {
        let site = site(&["two"]);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "op", Some("7")).await;
        site.at_once(&browser, &dances).await;
        site.app.clock.advance(Duration::from_secs(31));
        for dance in dances {
            assert!(
                site.is_signed_in(&browser, dance).await,
                "{dances:?} {dance}"
            );
        }
    }
}

#[tokio::test]
async fn i17_a_sign_out_with_the_cookies_from_before_many_callbacks_ends_all_of_them() {
    for signed_in_before in [false, true] {
        let site = site(&["two", "three"]);
        let browser = site.app.browser();
        if signed_in_before {
            site.sign_in_as(&browser, "three", Some("7")).await;
        } else {
            // A login that was begun.
            site.app.callback_of(&browser, "three").await;
        }
        let before = site.copied(browser.jar());
        *site.next_user.lock() = Some("7".to_owned());
        site.at_once(&browser, &["op", "two", "op"]).await;
        site.sign_out_of_all(&before).await;
        for dance in ["op", "two", "three"] {
            assert!(!site.is_signed_in(&browser, dance).await, "{dance}");
        }
        assert_eq!(site.sessions_of(7).await, 0);
    }
}

#[tokio::test]
async fn a09_callbacks_at_once_in_a_browser_without_a_session_are_one_session() {
    for dances in [["op", "op"], ["op", "two"]] {
        let site = site(&["two"]);
        let browser = site.app.browser();
        *site.next_user.lock() = Some("7".to_owned());
        site.at_once(&browser, &dances).await;
        assert_eq!(site.sessions_of(7).await, 1, "{dances:?}");
        site.sign_out_of_all(&browser).await;
        assert_eq!(site.sessions_of(7).await, 0, "{dances:?}");
    }
}

#[tokio::test]
async fn i16_of_two_sign_ins_with_one_dance_no_token_is_left_after_the_sign_out() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.at_once(&browser, &["op", "op"]).await;
    assert_eq!(site.tokens.len(), 2);
    site.sign_out_of_all(&browser).await;
    assert_eq!(site.tokens.len(), 0);
}

#[tokio::test]
async fn a09_a_login_after_one_whose_answer_was_lost_signs_in() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "two", Some("7")).await;
    site.lose_a_login(&browser, "op").await;
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.app.clock.advance(Duration::from_secs(31));
    for dance in ["op", "two"] {
        assert!(site.is_signed_in(&browser, dance).await, "{dance}");
    }
    assert_eq!(site.sessions_of(7).await, 1);
}

#[tokio::test]
async fn a09_a_login_right_after_a_sign_out_of_another_dance_signs_in() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    for dance in ["two", "op"] {
        site.sign_in_as(&browser, dance, Some("7")).await;
    }
    let tab = site.copied(browser.jar());
    site.app.ask(&browser, Method::POST, "/logout/op").await;
    // Also by a page that has not heard of the sign-out.
    for browser in [&browser, &tab] {
        site.sign_in_as(browser, "two", Some("8")).await;
        assert_eq!(site.user(browser).await.as_deref(), Some("8"));
        assert!(!site.is_signed_in(browser, "op").await);
    }
    assert_eq!(site.sessions_of(7).await, 0);
}

/// One that another browser of the attacker holds, or one that was planted.
#[tokio::test]
async fn i01_what_names_the_browser_alone_sees_nothing_and_ends_nothing_old() {
    let site = site(&["two"]);
    let attacker = site.app.browser();
    site.app.callback_of(&attacker, "op").await;
    let victim = site.copied(attacker.jar());
    site.sign_in_as(&victim, "op", Some("7")).await;
    assert_eq!(site.user(&attacker).await, None);
    site.app.clock.advance(Duration::from_secs(31));
    for user in [None, Some("8")] {
        let attacker = site.copied(attacker.jar());
        site.sign_in_as(&attacker, "two", user).await;
        assert_eq!(site.user(&attacker).await.as_deref(), user);
        assert!(!site.is_signed_in(&attacker, "op").await);
        site.sign_out_of_all(&attacker).await;
        assert_eq!(site.user(&victim).await.as_deref(), Some("7"));
    }
}

#[tokio::test]
async fn i02_another_user_ends_what_a_second_session_of_the_browser_had() {
    let site = site(&["two"]);
    let (browser, another) = (site.app.browser(), site.app.browser());
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.sign_in_as(&another, "two", Some("8")).await;
    for cookie in another.jar().iter() {
        browser.change_jar(|jar| jar.plant("app.test", cookie.name(), cookie.value()));
    }
    site.sign_in_as(&browser, "op", Some("9")).await;
    assert_eq!(site.user(&browser).await.as_deref(), Some("9"));
    for user in [7, 8] {
        assert_eq!(site.sessions_of(user).await, 0, "{user}");
    }
    site.app.ask(&browser, Method::POST, "/logout/op").await;
    assert_eq!(site.user(&browser).await, None);
}

/// Somebody may have found a cookie that the browser has lost.
#[tokio::test]
async fn i01_a_lost_cookie_ends_after_the_next_sign_in_with_its_dance_and_no_other() {
    let site = site(&["two", "three"]);
    let browser = site.app.browser();
    site.at_once(&browser, &["op", "two", "three"]).await;
    let lost = ["op", "two"].map(|dance| {
        let name = format!("__Host-od-session-{dance}");
        let value = browser.cookie(&name).unwrap();
        browser.change_jar(|jar| jar.delete(&name));
        let finder = site.app.browser();
        finder.change_jar(|jar| jar.plant("app.test", &name, &value));
        finder
    });
    site.app.clock.advance(Duration::from_secs(31));
    for (finder, dance) in lost.iter().zip(["op", "two"]) {
        assert!(site.is_signed_in(finder, dance).await, "{dance}");
    }
    site.sign_in_as(&browser, "op", None).await;
    site.app.clock.advance(Duration::from_secs(31));
    let [of_op, of_two] = &lost;
    assert!(!site.is_signed_in(of_op, "op").await);
    assert!(site.is_signed_in(of_two, "two").await);
}

#[tokio::test]
async fn i17_a_sign_out_of_all_leaves_no_cookie() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.at_once(&browser, &["op", "two"]).await;
    // The cookie of a login that was begun, and the one that names the browser until it has a session.
    let another = site.app.browser();
    site.app.callback_of(&another, "op").await;
    for cookie in another
        .jar()
        .iter()
        .filter(|it| it.name().contains("browser"))
    {
        browser.change_jar(|jar| jar.plant("app.test", cookie.name(), cookie.value()));
    }
    site.sign_out_of_all(&browser).await;
    let jar = browser.jar();
    let left: Vec<&str> = jar.iter().map(StoredCookie::name).collect();
    assert_eq!(left, [""; 0]);
}

/// However many the user has: a list has a thousand at most.
#[tokio::test]
async fn a_session_is_ended_without_the_others() {
    let site = site(&[]);
    for _ in 0..10 {
        site.sign_in_as(&site.app.browser(), "op", Some("7")).await;
    }
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("8")).await;
    let of_another = site.app.dances.sessions(8).await.unwrap();
    let of_user = site.app.dances.sessions(7).await.unwrap();
    let before = site.sessions.calls();
    let end = async |id: &str| site.app.dances.end_session(7, id).await.unwrap();
    assert!(end(of_user[9].id()).await);
    let after = site.sessions.calls();
    assert!(after.0 - before.0 <= 2, "{} loads", after.0 - before.0);
    for id in [
        of_user[9].id(),
        of_another[0].id(),
        "",
        "\0",
        &"i".repeat(20),
    ] {
        assert!(!end(id).await, "{id:?}");
    }
    assert_eq!(site.sessions_of(7).await, 9);
}

/// It comes from a form, and each store has its own ways with texts.
#[tokio::test]
async fn a_text_that_is_no_identifier_reaches_no_store() {
    let site = site(&[]);
    let before = site.sessions.calls();
    let text = "i".repeat(20);
    for id in [
        "",
        "seven",
        &text[1..],
        &["i", &*text].concat(),
        &"/".repeat(20),
        &"\u{e9}".repeat(10),
    ] {
        let ended = site.app.dances.end_session(7, id).await.unwrap();
        assert!(!ended, "{id:?}");
        assert_eq!(site.sessions.calls(), before, "{id:?}");
    }
    assert!(!site.app.dances.end_session(7, &text).await.unwrap());
    assert_ne!(site.sessions.calls(), before);
}

/// The page may show then what it shows to everybody, and a cache may keep it.
#[tokio::test]
async fn l08_a_page_whose_session_store_fails_varies() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.sessions.go_down_after_a_change();
    let callback = site.app.callback_of(&browser, "op").await;
    site.app.ask(&browser, Method::GET, &callback).await;
    let visit = site.app.visit(&browser);
    assert!(visit.user().await.is_err());
    assert_eq!(site.app.finish(&visit, &browser)[VARY], "cookie");
}

#[tokio::test]
async fn a_browser_ends_all_other_sessions_of_its_user_at_once() {
    let site = site(&["two"]);
    let signed_in = async |user| {
        let browser = site.app.browser();
        site.sign_in_as(&browser, "op", Some(user)).await;
        browser
    };
    let (this, other, of_another) = (
        signed_in("7").await,
        signed_in("7").await,
        signed_in("8").await,
    );
    // A second sign-in, of the same session.
    site.sign_in_as(&this, "two", Some("7")).await;
    let ended = site.app.visit(&this).end_other_sessions().await.unwrap();
    assert_eq!(ended, 1);
    assert_eq!(site.user(&this).await.as_deref(), Some("7"));
    assert_eq!(site.user(&other).await, None);
    assert_eq!(site.user(&of_another).await.as_deref(), Some("8"));
}

#[tokio::test]
async fn a_browser_without_a_user_ends_no_session() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let visit = site.app.visit(&site.app.browser());
    assert_eq!(visit.end_other_sessions().await.unwrap(), 0);
    assert_eq!(site.sessions_of(7).await, 1);
}

#[tokio::test]
async fn sessions_in_cookies_cannot_be_ended_from_another_browser() {
    let site = site_in(Room::Cookies, &["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let error = site.app.visit(&browser).end_other_sessions().await;
    assert!(error.unwrap_err().is_refused());
}
