//! Sessions when callbacks and sign-outs are answered at once, their answers cross, or an answer is lost.

#[path = "support/session_site.rs"]
mod session_site;
mod support;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use oauth_dance::{Dance, LoggedOut, OAUTH_LOGGED_OUT};
use oauth_dance_testkit::{Browser, Page};
use parking_lot::Mutex;

use self::session_site::{LATER, ROOMS, Site, plant_session, site, site_in};
use self::support::ORIGIN;

/// Gives a browser answers in the order in which they come, or in reverse.
fn take(browser: &Browser, mut answers: Vec<Page>, reversed: bool) {
    if reversed {
        answers.reverse();
    }
    for answer in answers {
        browser.take_cookies(ORIGIN, answer.headers()).unwrap();
    }
}

#[tokio::test]
async fn a09_a_user_whose_answers_crossed_is_listed() {
    let site = site(&[]);
    let browser = site.app.browser();
    let first = site.app.callback(&browser).await;
    let second = site.app.callback(&browser).await;
    let (one, two) = (site.copied(browser.jar()), site.copied(browser.jar()));
    site.sign_next_in_as(Some("7"));
    let as_seven = site.answer(&one, &first).await;
    site.sign_next_in_as(None);
    let as_none = site.answer(&two, &second).await;
    take(&browser, vec![as_seven, as_none], true);
    site.app.clock.advance(LATER);
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
    assert_eq!(site.sessions_of(7).await, 1);
}

/// A browser with three sign-ins logs in with one of them again, and with a fourth dance.
#[tokio::test]
async fn a09_callbacks_at_once_keep_the_sign_ins_and_their_tokens() {
    const ALL: [&str; 4] = ["op", "two", "three", "four"];
    for user in [Some("7"), None] {
        for dances in [["op", "four"], ["four", "op"]] {
            let site = site(&ALL[1..]);
            let browser = site.app.browser();
            for dance in &ALL[..3] {
                site.sign_in_as(&browser, dance, user).await;
            }
            site.at_once(&browser, &dances).await;
            site.app.clock.advance(LATER);
            for dance in ALL {
                let case = format!("{user:?} {dances:?}: {dance}");
                assert!(site.is_signed_in(&browser, dance).await, "{case}");
                assert!(site.has_token(&browser, dance).await, "{case}");
            }
            let copy = site.copied(browser.jar());
            site.sign_out_of_all(&browser).await;
            assert_eq!(site.sessions.kept.len(), 0);
            for dance in ALL {
                assert!(!site.is_signed_in(&copy, dance).await, "{dance}");
            }
        }
    }
}

/// The answer to a callback of the user before comes last.
#[tokio::test]
async fn i02_a_browser_stays_signed_in_as_the_user_who_has_just_signed_in() {
    let site = site(&["two", "three", "four"]);
    let browser = site.app.browser();
    for dance in ["op", "two", "three"] {
        site.sign_in_as(&browser, dance, Some("7")).await;
    }
    let four = site.app.callback_of(&browser, "four").await;
    let op = site.app.callback_of(&browser, "op").await;
    let (one, two) = (site.copied(browser.jar()), site.copied(browser.jar()));
    let four = site.answer(&one, &four).await;
    site.sign_next_in_as(Some("8"));
    let op = site.answer(&two, &op).await;
    take(&browser, vec![op, four], false);
    assert_eq!(site.user(&browser).await.as_deref(), Some("8"));
}

/// Beside its own sign-in the browser has a planted one. The callback that is answered last sets its cookie anew.
#[tokio::test]
async fn i02_another_user_signs_in_with_two_dances_at_once_beside_a_planted_session() {
    let site = site(&["two", "three"]);
    let (browser, another) = (site.app.browser(), site.app.browser());
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.sign_in_as(&another, "two", Some("8")).await;
    plant_session(&browser, &another);
    let three = site.app.callback_of(&browser, "three").await;
    let op = site.app.callback_of(&browser, "op").await;
    let (one, two) = (site.copied(browser.jar()), site.copied(browser.jar()));
    site.sign_next_in_as(Some("9"));
    let three = site.answer(&one, &three).await;
    let op = site.answer(&two, &op).await;
    take(&browser, vec![three, op], true);
    site.app.clock.advance(LATER);
    for dance in ["op", "three"] {
        assert!(site.is_signed_in(&browser, dance).await, "{dance}");
    }
    assert!(!site.is_signed_in(&browser, "two").await);
}

#[tokio::test]
async fn i17_two_logouts_at_once_leave_the_third_sign_in() {
    for room in ROOMS {
        for reversed in [false, true] {
            let site = site_in(room, &["two", "three"]);
            let browser = site.app.browser();
            for dance in ["op", "three", "two"] {
                site.sign_in_as(&browser, dance, Some("7")).await;
                site.app.clock.advance(Duration::from_secs(60));
            }
            let before = browser.jar();
            let mut answers = Vec::new();
            for dance in ["op", "two"] {
                let tab = site.copied(before.clone());
                answers.push(site.log_out(&tab, dance).await);
            }
            take(&browser, answers, reversed);
            let case = format!("{room:?}, reversed: {reversed}");
            assert!(site.is_signed_in(&browser, "three").await, "{case}");
            site.sign_out_of_all(&browser).await;
            assert_eq!(site.sessions.kept.len(), 0, "{case}");
        }
    }
}

/// In both orders of the work, and of the answers.
#[tokio::test]
async fn i17_a_logout_and_a_login_at_once_both_count() {
    for room in ROOMS {
        for login_first in [false, true] {
            for reversed in [false, true] {
                for login in ["two", "three"] {
                    let site = site_in(room, &["two", "three"]);
                    let case = format!(
                        "{room:?}, login first {login_first}, reversed {reversed}, {login}"
                    );
                    log_out_and_in(&site, login, login_first, reversed, &case).await;
                }
            }
        }
    }
}

async fn log_out_and_in(site: &Site, login: &str, login_first: bool, reversed: bool, case: &str) {
    let browser = site.app.browser();
    for dance in ["op", "two"] {
        site.sign_in_as(&browser, dance, None).await;
        site.app.clock.advance(Duration::from_secs(60));
    }
    let callback = site.app.callback_of(&browser, login).await;
    let (one, two) = (site.copied(browser.jar()), site.copied(browser.jar()));
    let mut answers = Vec::new();
    if login_first {
        answers.push(site.answer(&one, &callback).await);
        answers.push(site.log_out(&two, "op").await);
    } else {
        answers.push(site.log_out(&two, "op").await);
        answers.push(site.answer(&one, &callback).await);
    }
    take(&browser, answers, reversed);
    assert!(!site.is_signed_in(&browser, "op").await, "{case}");
    for dance in ["two", login] {
        assert!(site.has_token(&browser, dance).await, "{case}: {dance}");
    }
    site.sign_out_of_all(&browser).await;
    assert_eq!(site.tokens.len(), 0, "{case}");
}

#[tokio::test]
async fn a09_callbacks_at_once_after_the_session_has_ended_are_one_session() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.lose_a_login(&browser, "op").await;
    site.app.clock.advance(LATER);
    site.app.dances.end_sessions(7).await.unwrap();
    site.at_once(&browser, &["op", "op"]).await;
    assert_eq!(site.sessions_of(7).await, 1);
    site.sign_out_of_all(&browser).await;
    assert_eq!(site.sessions_of(7).await, 0);
}

#[tokio::test]
async fn i17_a_sign_out_after_a_lost_answer_and_callbacks_at_once_ends_what_cookies_reach() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.lose_a_login(&browser, "op").await;
    site.app.clock.advance(LATER);
    let jars = site.at_once(&browser, &["op", "op"]).await;
    site.sign_out_of_all(&browser).await;
    for jar in jars {
        assert_eq!(site.user(&site.copied(jar)).await, None);
    }
    // No cookie names what the lost answer began. The list has it, and ends it.
    assert_eq!(site.sessions_of(7).await, 1);
    assert_eq!(site.app.dances.end_sessions(7).await.unwrap(), 1);
    assert_eq!(site.sessions_of(7).await, 0);
}

#[tokio::test]
async fn a09_a_lost_answer_signs_the_browser_out_of_nothing() {
    let site = site(&["two", "three"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "two", Some("7")).await;
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.lose_a_login(&browser, "three").await;
    site.app.clock.advance(LATER);
    for dance in ["two", "op"] {
        assert!(site.is_signed_in(&browser, dance).await, "{dance}");
    }
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
    site.sign_out_of_all(&browser).await;
    assert_eq!(site.sessions_of(7).await, 0);
}

/// The person logs in once more with the dance whose answer was lost.
#[tokio::test]
async fn a09_a_login_after_a_lost_answer_keeps_the_user_of_another_dance() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.lose_a_login(&browser, "two").await;
    site.app.clock.advance(LATER);
    site.sign_in_as(&browser, "two", None).await;
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
    assert_eq!(site.sessions_of(7).await, 1);
}

/// The store makes the change, loses the answer, and is down for a moment longer.
#[tokio::test]
async fn l08_a_login_that_fails_after_its_change_signs_the_browser_out_of_nothing() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "two", Some("7")).await;
    let callback = site.app.callback_of(&browser, "op").await;
    site.sessions.go_down_after_a_change();
    let page = site.app.ask(&browser, Method::GET, &callback).await;
    assert_eq!(page.status(), 503);
    site.sessions.mend();
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
    site.app.clock.advance(LATER);
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
}

#[tokio::test]
async fn i17_a_lost_answer_to_a_logout_of_one_dance_leaves_the_other() {
    for room in ROOMS {
        let site = site_in(room, &["two"]);
        let browser = site.app.browser();
        for dance in ["op", "two"] {
            site.sign_in_as(&browser, dance, Some("7")).await;
        }
        let tab = site.copied(browser.jar());
        site.log_out(&tab, "op").await;
        assert!(site.is_signed_in(&browser, "two").await, "{room:?}");
        site.app.clock.advance(LATER);
        site.sign_out_of_all(&browser).await;
        assert_eq!(site.sessions.kept.len(), 0, "{room:?}");
    }
}

#[tokio::test]
async fn i17_a_logout_of_nothing_leaves_requests_on_their_way_signed_in() {
    for room in ROOMS {
        let site = site_in(room, &["two"]);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "two", Some("7")).await;
        let on_its_way = site.copied(browser.jar());
        site.log_out(&browser, "op").await;
        for browser in [&browser, &on_its_way] {
            assert_eq!(site.user(browser).await.as_deref(), Some("7"), "{room:?}");
        }
    }
}

/// The browser keeps the cookie of one, and goes on.
#[tokio::test]
async fn i16_of_two_callbacks_at_once_no_token_is_left_after_further_logins() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.at_once(&browser, &["op", "op"]).await;
    for _ in 0..3 {
        site.app.clock.advance(Duration::from_secs(60));
        site.sign_in_as(&browser, "op", None).await;
    }
    assert_eq!(site.tokens.len(), 1);
    site.sign_out_of_all(&browser).await;
    assert_eq!(site.tokens.len(), 0);
}

type Users = Arc<Mutex<Vec<Option<String>>>>;

/// The users whom the receivers of logouts are told.
fn users_logged_out(site: &Site) -> Users {
    let heard = Users::default();
    let note = Arc::clone(&heard);
    let signal = site.app.signals.of(&OAUTH_LOGGED_OUT);
    signal.connect(move |_: &Dance, it: &LoggedOut| note.lock().push(it.user().map(str::to_owned)));
    heard
}

#[tokio::test]
async fn i16_a_sign_out_after_callbacks_at_once_names_the_user_whom_the_browser_saw() {
    for room in ROOMS {
        let site = site_in(room, &[]);
        let heard = users_logged_out(&site);
        let browser = site.app.browser();
        let first = site.app.callback(&browser).await;
        let second = site.app.callback(&browser).await;
        let (one, two) = (site.copied(browser.jar()), site.copied(browser.jar()));
        site.sign_next_in_as(None);
        let as_none = site.answer(&one, &first).await;
        site.sign_next_in_as(Some("7"));
        let as_seven = site.answer(&two, &second).await;
        take(&browser, vec![as_none, as_seven], false);
        assert_eq!(site.user(&browser).await.as_deref(), Some("7"), "{room:?}");
        site.sign_out_of_all(&browser).await;
        assert_eq!(*heard.lock(), [Some("7".to_owned())], "{room:?}");
    }
}

#[tokio::test]
async fn i16_a_logout_soon_after_a_second_login_names_the_user_of_the_second() {
    for room in ROOMS {
        let site = site_in(room, &[]);
        let heard = users_logged_out(&site);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "op", None).await;
        site.sign_in_as(&browser, "op", Some("7")).await;
        site.log_out(&browser, "op").await;
        assert_eq!(*heard.lock(), [Some("7".to_owned())], "{room:?}");
    }
}
