//! The sign-ins of browsers and the user of each, with sessions in cookies and in a store.

#[path = "support/session_site.rs"]
mod session_site;
mod support;

use http::Method;
use http::header::VARY;
use oauth_dance::{
    Authorized, Clock as _, Dance, LoggedOut, MemorySessionStore, MemoryStore, OAUTH_AUTHORIZED,
    OAUTH_LOGGED_OUT, Owner, SessionStore as _,
};
use oauth_dance_testkit::Browser;
use oauth_dance_testkit::browser::CookieJar;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use self::session_site::{ROOMS, Room, Site, dance, site_in};
use self::support::{ORIGIN, app_with};

fn site(room: Room) -> Site {
    site_in(room, &["two", "three"])
}

async fn signed_in_with(site: &Site, browser: &Browser) -> Vec<&'static str> {
    let mut names = Vec::new();
    for name in ["op", "two", "three"] {
        if site.is_signed_in(browser, name).await {
            names.push(name);
        }
    }
    names
}

#[tokio::test]
async fn s06_a_receiver_signs_the_browser_in_as_a_user() {
    for room in ROOMS {
        let site = site(room);
        let browser = site.app.browser();
        assert_eq!(site.user(&browser).await, None, "{room:?}");
        site.sign_in_as(&browser, "op", Some("7")).await;
        assert_eq!(site.user(&browser).await.as_deref(), Some("7"), "{room:?}");
        let visit = site.app.visit(&browser);
        let owner = visit.owner("op").await.unwrap();
        assert_eq!(owner, Some(&Owner::user(7)), "{room:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_stored_for_a_user_signs_nobody_in_as_one() {
    let site = site(Room::Cookies);
    let signal = site.app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, login: &Authorized| login.store_for(7));
    let browser = site.app.signed_in().await;
    assert_eq!(site.user(&browser).await, None);
    let visit = site.app.visit(&browser);
    assert_eq!(visit.owner("op").await.unwrap(), Some(&Owner::user(7)));
}

#[tokio::test]
async fn i02_a_user_without_an_identifier_is_not_signed_in() {
    for room in ROOMS {
        let site = site(room);
        *site.next_user.lock() = Some(" ".to_owned());
        let signal = site.app.signals.of(&OAUTH_AUTHORIZED);
        // The token has an owner, the user has no identifier.
        signal.connect(|_: &Dance, login: &Authorized| login.store_for(7));
        let browser = site.app.browser();
        let callback = site.app.callback(&browser).await;
        site.app.ask(&browser, Method::GET, &callback).await;
        assert_eq!(signed_in_with(&site, &browser).await, [""; 0], "{room:?}");
        assert!(site.tokens.is_empty(), "{room:?}");
    }
}

#[tokio::test]
async fn i02_another_user_ends_the_sign_ins_of_the_first() {
    for room in ROOMS {
        let site = site(room);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "op", Some("1")).await;
        site.sign_in_as(&browser, "two", None).await;
        site.sign_in_as(&browser, "three", Some("2")).await;
        assert_eq!(site.user(&browser).await.as_deref(), Some("2"), "{room:?}");
        assert_eq!(
            signed_in_with(&site, &browser).await,
            ["two", "three"],
            "{room:?}"
        );
    }
}

#[tokio::test]
async fn the_user_leaves_with_the_dance_that_signed_them_in() {
    for room in ROOMS {
        let site = site(room);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "op", Some("7")).await;
        site.sign_in_as(&browser, "two", None).await;
        site.log_out(&browser, "two").await;
        assert_eq!(site.user(&browser).await.as_deref(), Some("7"), "{room:?}");
        site.sign_in_as(&browser, "two", None).await;
        site.log_out(&browser, "op").await;
        assert_eq!(site.user(&browser).await, None, "{room:?}");
        assert_eq!(signed_in_with(&site, &browser).await, ["two"], "{room:?}");
    }
}

/// Both callbacks leave before either is answered. Their answers arrive in both orders.
#[tokio::test]
async fn a09_two_callbacks_at_once_both_sign_in() {
    for room in ROOMS {
        for signed_in_before in [false, true] {
            for first_answer in [0, 1] {
                let case = format!("{room:?} {signed_in_before} {first_answer}");
                let site = site(room);
                let browser = site.app.browser();
                if signed_in_before {
                    site.sign_in_as(&browser, "three", None).await;
                }
                let mut answers = Vec::new();
                let callbacks = [
                    site.app.callback_of(&browser, "op").await,
                    site.app.callback_of(&browser, "two").await,
                ];
                for callback in callbacks {
                    let at_that_time = site.copied(browser.jar());
                    answers.push(site.app.ask(&at_that_time, Method::GET, &callback).await);
                }
                for index in [first_answer, 1 - first_answer] {
                    browser
                        .take_cookies(ORIGIN, answers[index].headers())
                        .unwrap();
                }
                let mut expected = vec!["op", "two"];
                expected.extend(signed_in_before.then_some("three"));
                assert_eq!(signed_in_with(&site, &browser).await, expected, "{case}");

                // The next sign-in or sign-out puts together what the two have left.
                site.log_out(&browser, "two").await;
                expected.remove(1);
                assert_eq!(signed_in_with(&site, &browser).await, expected, "{case}");
                if room == Room::Store {
                    site.app.clock.advance(Duration::from_secs(31));
                    assert_eq!(signed_in_with(&site, &browser).await, expected, "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn i01_a_planted_identifier_is_worth_nothing_after_the_login() {
    for room in ROOMS {
        let site = site(room);
        // The attacker signs in, and plants that session in the browser of the victim.
        let attacker = site.app.browser();
        site.sign_in_as(&attacker, "op", None).await;
        let victim = site.copied(attacker.jar());
        site.sign_in_as(&victim, "two", Some("victim")).await;
        assert_eq!(
            site.user(&victim).await.as_deref(),
            Some("victim"),
            "{room:?}"
        );
        // At once, while superseded identifiers are still good for what they were good for, and later.
        for seconds in [0, 31] {
            site.app.clock.advance(Duration::from_secs(seconds));
            assert_eq!(site.user(&attacker).await, None, "{room:?} {seconds}");
            let dances = signed_in_with(&site, &attacker).await;
            assert!(!dances.contains(&"two"), "{room:?} {seconds}: {dances:?}");
        }
        // Nor can the attacker exchange it for one that is better.
        let attacker = site.copied(attacker.jar());
        site.log_out(&attacker, "three").await;
        assert_eq!(site.user(&attacker).await, None, "{room:?}");
    }
}

#[tokio::test]
async fn i01_a_request_on_its_way_is_answered_with_the_identifier_it_had() {
    let site = site(Room::Store);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let on_its_way = site.copied(browser.jar());
    site.sign_in_as(&browser, "op", Some("7")).await;
    assert_eq!(site.user(&on_its_way).await.as_deref(), Some("7"));
    assert_eq!(signed_in_with(&site, &on_its_way).await, ["op"]);
    site.app.clock.advance(Duration::from_secs(31));
    assert_eq!(site.user(&on_its_way).await, None);
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
}

#[tokio::test]
async fn i17_nothing_is_left_of_a_session_after_its_sign_out() {
    let site = site(Room::Store);
    let browser = site.app.browser();
    let mut jars = Vec::new();
    for dance in ["op", "two", "three"] {
        site.sign_in_as(&browser, dance, Some("7")).await;
        jars.push(browser.jar());
    }
    for dance in ["op", "two", "three"] {
        site.log_out(&browser, dance).await;
        jars.push(browser.jar());
    }
    for (index, jar) in jars.into_iter().enumerate() {
        let copy = site.copied(jar);
        assert_eq!(site.user(&copy).await, None, "{index}");
        assert_eq!(signed_in_with(&site, &copy).await, [""; 0], "{index}");
    }
}

/// A page that was opened before the last sign-in signs out: the sign-in must not outlive it.
#[tokio::test]
async fn i17_a_sign_in_on_its_way_does_not_survive_a_sign_out() {
    let site = site(Room::Store);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let before = site.copied(browser.jar());
    // Their responses are still on their way when the other tab signs out.
    site.sign_in_as(&browser, "two", None).await;
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.log_out(&before, "op").await;
    assert_eq!(site.user(&browser).await, None);
    assert_eq!(signed_in_with(&site, &browser).await, ["two"]);
}

/// A callback that had read the session before a sign-out ended it.
#[tokio::test]
async fn i17_a_callback_during_a_sign_out_brings_nothing_back() {
    for room in ROOMS {
        let site = site(room);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "op", Some("7")).await;
        let callback = site.app.callback_of(&browser, "two").await;
        let on_its_way = site.copied(browser.jar());
        site.log_out(&browser, "op").await;
        *site.next_user.lock() = None;
        let answer = site.app.ask(&on_its_way, Method::GET, &callback).await;
        browser.take_cookies(ORIGIN, answer.headers()).unwrap();
        assert_eq!(site.user(&browser).await, None, "{room:?}");
        assert_eq!(signed_in_with(&site, &browser).await, ["two"], "{room:?}");
    }
}

#[tokio::test]
async fn the_sessions_of_a_user_are_listed_and_ended() {
    let site = site(Room::Store);
    let (phone, laptop, other) = (site.app.browser(), site.app.browser(), site.app.browser());
    site.sign_in_as(&phone, "op", Some("7")).await;
    let made = site.app.clock.now();
    site.app.clock.advance(Duration::from_secs(600));
    site.sign_in_as(&laptop, "op", Some("7")).await;
    site.sign_in_as(&other, "op", Some("8")).await;
    site.app.clock.advance(Duration::from_secs(600));
    // Seen, and signed in with a second dance: the session is the same.
    site.sign_in_as(&phone, "two", None).await;

    let listed = site.app.dances.sessions(7).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].made_at(), made);
    assert!(
        listed
            .iter()
            .all(|it| it.expires_at() > site.app.clock.now())
    );
    assert_eq!(listed[0].seen_at(), site.app.clock.now());
    assert!(listed[1].seen_at() < listed[0].seen_at());

    let phone_session = listed[0].id().to_owned();
    let ended = site.app.dances.end_session(8, &phone_session).await;
    assert!(!ended.unwrap(), "another user's session");
    assert!(
        site.app
            .dances
            .end_session(7, &phone_session)
            .await
            .unwrap()
    );
    assert_eq!(site.user(&phone).await, None);
    assert_eq!(site.user(&laptop).await.as_deref(), Some("7"));
    assert_eq!(site.app.dances.end_sessions(7).await.unwrap(), 1);
    assert_eq!(site.user(&laptop).await, None);
    assert_eq!(site.user(&other).await.as_deref(), Some("8"));
}

#[tokio::test]
async fn a_list_marks_the_session_of_the_browser_that_asks() {
    let site = site(Room::Store);
    let (phone, laptop) = (site.app.browser(), site.app.browser());
    site.sign_in_as(&phone, "op", Some("7")).await;
    site.sign_in_as(&laptop, "op", Some("7")).await;
    site.sign_in_as(&laptop, "two", Some("7")).await;
    let listed = site.app.dances.sessions(7).await.unwrap();
    assert_eq!(listed.len(), 2);
    for browser in [&phone, &laptop] {
        let visit = site.app.visit(browser);
        let marked = listed.iter().filter(|session| session.is_of(&visit));
        assert_eq!(marked.count(), 1);
    }
    let stranger = site.app.visit(&site.app.browser());
    assert!(listed.iter().all(|session| !session.is_of(&stranger)));
    let visit = site.app.visit(&phone);
    let marked = listed.iter().find(|session| session.is_of(&visit)).unwrap();
    let ended = site.app.dances.end_session(7, marked.id()).await.unwrap();
    assert!(ended);
    assert_eq!(site.user(&phone).await, None);
    assert_eq!(site.user(&laptop).await.as_deref(), Some("7"));
}

#[tokio::test]
async fn a_page_that_marks_its_own_session_in_a_list_varies() {
    let site = site(Room::Store);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    let listed = site.app.dances.sessions(7).await.unwrap();
    let visit = site.app.visit(&browser);
    assert!(listed[0].is_of(&visit));
    assert_eq!(site.app.finish(&visit, &browser)[VARY], "cookie");
}

#[tokio::test]
async fn a_page_visit_notes_that_a_session_was_seen() {
    let site = site(Room::Store);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.app.clock.advance(Duration::from_secs(60));
    site.user(&browser).await;
    let listed = site.app.dances.sessions(7).await.unwrap();
    assert_eq!(listed[0].seen_at(), site.app.clock.now());
}

#[tokio::test]
async fn sessions_in_cookies_cannot_be_listed() {
    let site = site(Room::Cookies);
    let error = site.app.dances.sessions(7).await.unwrap_err();
    assert!(error.is_refused());
    assert!(site.app.dances.end_sessions(7).await.is_err());
}

#[tokio::test]
async fn a_session_ends_when_its_lifetime_is_over() {
    for room in ROOMS {
        let site = site(room);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "op", Some("7")).await;
        site.app.clock.advance(Duration::from_secs(14 * 24 * 3600));
        assert_eq!(site.user(&browser).await, None, "{room:?}");
    }
}

#[tokio::test]
async fn a_handler_signs_its_browser_out_of_everything() {
    for room in ROOMS {
        let site = site(room);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "op", None).await;
        site.sign_in_as(&browser, "two", Some("7")).await;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&heard);
        let signal = site.app.signals.of(&OAUTH_LOGGED_OUT);
        signal.connect(move |dance: &Dance, logout: &LoggedOut| {
            logout.flash(dance.name());
            let told_user = logout.user().map(str::to_owned);
            told.lock()
                .push((dance.name().to_owned(), logout.owner().is_some(), told_user));
        });

        let request = site.app.posted(&browser);
        let visit = site.app.dances.visit(&request);
        assert_eq!(visit.user().await.unwrap(), Some("7"));
        visit.sign_out(&request).await.unwrap();
        assert_eq!(
            visit.user().await.unwrap(),
            None,
            "{room:?}: in this visit too"
        );
        site.app.finish(&visit, &browser);

        assert_eq!(signed_in_with(&site, &browser).await, [""; 0], "{room:?}");
        let expected = [
            ("op".to_owned(), true, None),
            ("two".to_owned(), true, Some("7".to_owned())),
            ("three".to_owned(), false, None),
        ];
        assert_eq!(*heard.lock(), expected, "{room:?}");
        let flashes = site.app.visit(&browser).take_flashes();
        assert_eq!(flashes.len(), 3, "{room:?}");
        // The token of the browser is gone, that of the user is not.
        assert_eq!(site.tokens.len(), 1, "{room:?}");
        // What was superseded a moment ago is of no use, and is purged later.
        site.app.clock.advance(Duration::from_secs(31));
        site.sessions.purge(site.app.clock.now()).await.unwrap();
        assert!(site.sessions.is_empty(), "{room:?}");
    }
}

#[tokio::test]
async fn the_oldest_sign_in_in_cookies_gives_way() {
    let site = site(Room::Cookies);
    let browser = site.app.browser();
    let user = "u".repeat(Owner::MAX_BYTES);
    for dance in ["op", "two", "three"] {
        site.sign_in_as(&browser, dance, Some(&user)).await;
        site.app.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(signed_in_with(&site, &browser).await, ["three"]);
    assert_eq!(site.user(&browser).await, Some(user));
}

/// Whatever the dances are called.
#[tokio::test]
async fn g10_the_sign_in_that_was_made_first_gives_way_first() {
    for room in ROOMS {
        let mut dances = ["a", "b", "c", "d", "e", "f", "g", "h"];
        for _ in 0..2 {
            dances.reverse();
            let store = MemorySessionStore::new();
            let app = app_with(
                |dance| dance,
                |it| {
                    let it = dances
                        .iter()
                        .fold(it, |it, dance| it.with(self::dance(dance)));
                    match room {
                        Room::Cookies => it,
                        Room::Store => it.session_store(store),
                    }
                },
            );
            let browser = app.browser();
            for dance in dances {
                app.sign_in(&browser, dance).await;
                app.clock.advance(Duration::from_secs(1));
            }
            let visit = app.visit(&browser);
            let mut left = Vec::new();
            for dance in dances {
                if visit.owner(dance).await.unwrap().is_some() {
                    left.push(dance);
                }
            }
            assert!((2..=6).contains(&left.len()), "{room:?}: {left:?}");
            assert!(dances.ends_with(&left), "{room:?}: {left:?} are left");
        }
    }
}

fn session_cookies(browser: &Browser) -> Vec<String> {
    let jar = browser.jar();
    let names = jar.iter().filter_map(|cookie| {
        let name = cookie.name().strip_prefix("__Host-od-session-")?;
        Some(name.to_owned())
    });
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn i02_cookies_of_sign_ins_that_no_longer_count_are_deleted() {
    let site = site(Room::Cookies);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.sign_in_as(&browser, "two", Some("7")).await;
    assert_eq!(session_cookies(&browser), ["op", "two"]);
    site.sign_in_as(&browser, "three", Some("8")).await;
    assert_eq!(session_cookies(&browser), ["three"], "another user");

    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", None).await;
    site.app.clock.advance(Duration::from_secs(14 * 24 * 3600));
    site.sign_in_as(&browser, "two", None).await;
    assert_eq!(session_cookies(&browser), ["two"], "expired in this second");

    let browser = site.app.browser();
    let damaged = |jar: &mut CookieJar| jar.plant("app.test", "__Host-od-session-three", "damaged");
    browser.change_jar(damaged);
    site.sign_in_as(&browser, "op", None).await;
    assert_eq!(session_cookies(&browser), ["op"], "damaged");
}

#[tokio::test]
async fn i17_a_sign_out_takes_the_token_of_its_own_dance() {
    for room in ROOMS {
        let site = site(room);
        let browser = site.app.browser();
        site.sign_in_as(&browser, "op", None).await;
        site.sign_in_as(&browser, "two", None).await;
        assert_eq!(site.tokens.len(), 2);
        site.log_out(&browser, "op").await;
        assert_eq!(site.tokens.len(), 1, "{room:?}");
        let visit = site.app.visit(&browser);
        assert!(visit.api("two").unwrap().token().await.is_ok(), "{room:?}");
        assert!(visit.api("op").unwrap().token().await.is_err(), "{room:?}");
    }
}

/// The cookies of a browser have room for a few sign-ins. The others are ended in the store too.
#[tokio::test]
async fn g10_the_oldest_sign_in_in_a_store_gives_way() {
    let names: Vec<String> = (0..40).map(|number| format!("d{number}")).collect();
    let sessions = MemorySessionStore::new();
    let app = app_with(
        |dance| dance,
        |dances| {
            let all = names
                .iter()
                .fold(dances, |dances, name| dances.with(dance(name)));
            all.store(MemoryStore::new())
                .session_store(sessions.clone())
        },
    );
    let user = "u".repeat(255);
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    let signed_in = user.clone();
    signal.connect(move |_: &Dance, login: &Authorized| login.sign_in(&signed_in));
    let browser = app.browser();
    for name in &names {
        app.sign_in(&browser, name).await;
        app.clock.advance(Duration::from_secs(1));
    }
    let visit = app.visit(&browser);
    let mut there = 0;
    for name in &names {
        there += usize::from(visit.owner(name).await.unwrap().is_some());
    }
    assert!((3..=6).contains(&there), "{there}");
    assert_eq!(visit.user().await.unwrap(), Some(&*user));
    let listed = app.dances.sessions(&user).await.unwrap();
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn a_store_of_sessions_alone_is_rid_of_what_has_expired() {
    let sessions = MemorySessionStore::new();
    let app = app_with(
        |dance| dance,
        |dances| dances.session_store(sessions.clone()),
    );
    app.signed_in().await;
    assert_eq!(sessions.len(), 1);
    app.clock.advance(Duration::from_secs(15 * 24 * 3600));
    app.signed_in().await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sessions.len(), 1);
}
