//! `oauth_logged_in` comes after the login was stored: it may leave effects, and cannot undo anything.

mod support;

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LANGUAGE, CONTENT_LENGTH, LOCATION, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Method};
use oauth_dance::{
    Authorized, BeforeLogin, Dance, LoggedIn, LoginFailure, MemoryStore, OAUTH_AUTHORIZED,
    OAUTH_BEFORE_LOGIN, OAUTH_ERROR, OAUTH_LOGGED_IN, Outcome, Owner,
};
use parking_lot::Mutex;

use self::support::{app, app_with};

#[tokio::test]
async fn it_is_sent_when_the_token_is_stored_for_the_owner_that_was_chosen() {
    let store = MemoryStore::new();
    let app = app_with(|dance| dance, |dances| dances.store(store.clone()));
    let chooses = |_: &Dance, login: &Authorized| login.store_for(7);
    app.signals.of(&OAUTH_AUTHORIZED).connect(chooses);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&seen);
    let sees = move |dance: &Dance, login: &LoggedIn| {
        let stored = store.len();
        to.lock()
            .push((dance.name().to_owned(), login.owner().clone(), stored));
    };
    app.signals.of(&OAUTH_LOGGED_IN).connect(sees);
    app.signed_in().await;
    assert_eq!(*seen.lock(), [("op".to_owned(), Owner::user(7), 1)]);
}

#[tokio::test]
async fn it_names_the_user_whom_a_receiver_has_signed_in() {
    for (sign_in, expected) in [(true, Some("7")), (false, None)] {
        let app = app();
        let chooses = move |_: &Dance, login: &Authorized| match sign_in {
            true => login.sign_in(7),
            false => login.store_for(7),
        };
        app.signals.of(&OAUTH_AUTHORIZED).connect(chooses);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&seen);
        let sees =
            move |_: &Dance, login: &LoggedIn| to.lock().push(login.user().map(str::to_owned));
        app.signals.of(&OAUTH_LOGGED_IN).connect(sees);
        app.signed_in().await;
        assert_eq!(*seen.lock(), [expected.map(str::to_owned)]);
    }
}

#[tokio::test]
async fn what_its_receivers_leave_reaches_the_browser() {
    let app = app();
    let name = HeaderName::from_static("x-welcome");
    let leaves = move |_: &Dance, login: &LoggedIn| {
        login.flash("hello");
        login.set_cookie(HeaderValue::from_static("app-session=7"));
        login.header(name.clone(), HeaderValue::from_static("ada"));
    };
    app.signals.of(&OAUTH_LOGGED_IN).connect(leaves);
    let browser = app.browser();
    let callback = app.callback(&browser).await;
    let done = app.ask(&browser, Method::GET, &callback).await;
    assert_eq!(done.headers()["x-welcome"], "ada");
    assert_eq!(browser.cookie("app-session").as_deref(), Some("7"));
    let flashes = app.visit(&browser).take_flashes();
    assert_eq!(flashes.first().map(oauth_dance::Flash::text), Some("hello"));
}

#[tokio::test]
async fn h03_a_receiver_that_fails_undoes_nothing() {
    let app = app();
    let signal = app.signals.of(&OAUTH_LOGGED_IN);
    signal.connect(|_: &Dance, _: &LoggedIn| -> Result<(), &'static str> { Err("no") });
    signal.connect(|_: &Dance, _: &LoggedIn| -> () { panic!("told to panic") });
    signal.connect(|_: &Dance, login: &LoggedIn| login.flash("still here"));
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    assert!(visit.owner("op").await.unwrap().is_some());
    assert_eq!(visit.take_flashes()[0].text(), "still here");
}

#[tokio::test(start_paused = true)]
async fn h04_a_receiver_that_is_too_slow_undoes_nothing() {
    let app = app_with(
        |dance| dance,
        |dances| dances.receiver_deadline(Duration::from_secs(1)),
    );
    let slow = async |_: &Dance, _: &LoggedIn| std::future::pending::<()>().await;
    app.signals.of(&OAUTH_LOGGED_IN).connect(slow);
    let browser = app.signed_in().await;
    assert!(app.visit(&browser).owner("op").await.unwrap().is_some());
}

#[tokio::test]
async fn h02_a_discarded_login_is_not_told_of() {
    let app = app();
    let sent = Arc::new(Mutex::new(0));
    let to = Arc::clone(&sent);
    let counts = move |_: &Dance, _: &LoggedIn| *to.lock() += 1;
    app.signals.of(&OAUTH_LOGGED_IN).connect(counts);
    let discards = |_: &Dance, _: &Authorized| Some(Outcome::discard());
    app.signals.of(&OAUTH_AUTHORIZED).connect(discards);
    let browser = app.signed_in().await;
    assert!(app.visit(&browser).owner("op").await.unwrap().is_none());
    assert_eq!(*sent.lock(), 0);
}

/// Browsers refuse a response with two places to go to, or of another length than it says.
#[tokio::test]
async fn h02_a_header_of_a_receiver_does_not_stop_the_browser() {
    let app = app();
    app.signals
        .of(&OAUTH_LOGGED_IN)
        .connect(|_: &Dance, login: &LoggedIn| {
            login.header(LOCATION, HeaderValue::from_static("/elsewhere"));
            login.header(CONTENT_LENGTH, HeaderValue::from_static("9"));
            login.header(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            login.header(CONTENT_LANGUAGE, HeaderValue::from_static("en"));
        });
    let browser = app.browser();
    let callback = app.callback(&browser).await;
    let done = app.ask(&browser, Method::GET, &callback).await;
    let places: Vec<_> = done.headers().get_all(LOCATION).iter().collect();
    assert_eq!(places, ["https://app.test/#"]);
    assert!(!done.headers().contains_key(CONTENT_LENGTH));
    assert!(!done.headers().contains_key(TRANSFER_ENCODING));
    assert_eq!(done.headers()[CONTENT_LANGUAGE], "en");
}

/// An application that wrote its session in `oauth_authorized` would stay signed in here.
#[tokio::test]
async fn h02_a_session_written_here_survives_no_later_refusal() {
    let app = app();
    let session = |_: &Dance, login: &LoggedIn| {
        login.set_cookie(HeaderValue::from_static("app-session=7"));
    };
    app.signals.of(&OAUTH_LOGGED_IN).connect(session);
    let refuses = |_: &Dance, _: &Authorized| -> Result<(), &'static str> { Err("no") };
    app.signals.of(&OAUTH_AUTHORIZED).connect(refuses);
    let browser = app.browser();
    let callback = app.callback(&browser).await;
    app.ask(&browser, Method::GET, &callback).await;
    assert_eq!(browser.cookie("app-session"), None);
}

#[tokio::test]
async fn it_has_the_api_and_what_was_remembered() {
    let app = app();
    app.signals.of(&oauth_dance::OAUTH_BEFORE_LOGIN).connect(
        |_: &Dance, login: &oauth_dance::BeforeLogin| {
            assert!(login.remember("campaign", "spring"));
        },
    );
    let seen = Arc::new(Mutex::new(None));
    let to = Arc::clone(&seen);
    let calls = move |_: &Dance, login: &LoggedIn| {
        let (login, to) = (login.clone(), Arc::clone(&to));
        async move {
            let user = login.api().get("/user").await.map(|user| user.status());
            let remembered = login.remembered("campaign").map(str::to_owned);
            *to.lock() = Some((user.ok(), remembered, login.next().path().to_owned()));
        }
    };
    app.signals.of(&OAUTH_LOGGED_IN).connect(calls);
    app.signed_in().await;
    let expected = (
        Some(http::StatusCode::OK),
        Some("spring".to_owned()),
        "/".to_owned(),
    );
    assert_eq!(seen.lock().take(), Some(expected));
}

#[tokio::test]
async fn h12_a_later_receiver_knows_that_the_token_is_discarded() {
    let app = app();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    for discards in [false, true, false] {
        let to = Arc::clone(&seen);
        signal.connect(move |_: &Dance, login: &Authorized| {
            to.lock().push(login.is_discarded());
            discards.then(Outcome::discard)
        });
    }
    app.signed_in().await;
    assert_eq!(*seen.lock(), [false, false, true]);
}

#[tokio::test]
async fn a_receiver_before_the_login_knows_where_it_leads() {
    let app = app();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&seen);
    let sees = move |_: &Dance, login: &BeforeLogin| {
        let next = login.next().map(|next| next.as_str().to_owned());
        to.lock().push(next);
    };
    app.signals.of(&OAUTH_BEFORE_LOGIN).connect(sees);
    let browser = app.browser();
    for path in ["/login/op?next=/me", "/login/op"] {
        app.ask(&browser, Method::GET, path).await;
    }
    assert_eq!(*seen.lock(), [Some("/me".to_owned()), None]);
}

#[tokio::test]
async fn the_receivers_of_a_failure_are_given_its_cause() {
    let app = app();
    let fails = |_: &Dance, _: &Authorized| -> Result<(), std::io::Error> {
        Err(std::io::Error::other("the disk is full"))
    };
    app.signals.of(&OAUTH_AUTHORIZED).connect(fails);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&seen);
    let sees = move |_: &Dance, failure: &LoginFailure| {
        to.lock().push(failure.cause().map(ToString::to_string));
    };
    app.signals.of(&OAUTH_ERROR).connect(sees);
    let browser = app.browser();
    let callback = app.callback(&browser).await;
    app.ask(&browser, Method::GET, &callback).await;
    assert_eq!(*seen.lock(), [Some("the disk is full".to_owned())]);
}

#[tokio::test]
async fn k01_a_login_that_is_printed_names_its_dance_and_shows_no_secret() {
    let app = app();
    let printed = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&printed);
    let prints = move |_: &Dance, login: &Authorized| to.lock().push(format!("{login:?}"));
    app.signals.of(&OAUTH_AUTHORIZED).connect(prints);
    let to = Arc::clone(&printed);
    let prints = move |_: &Dance, login: &LoggedIn| to.lock().push(format!("{login:?}"));
    app.signals.of(&OAUTH_LOGGED_IN).connect(prints);
    app.signed_in().await;
    let printed = printed.lock();
    assert!(printed[0].contains(r#"Browser { method: GET, path: "/login/op/authorized", .. }"#));
    for (printed, name) in printed.iter().zip(["Authorized", "LoggedIn"]) {
        assert!(printed.starts_with(name), "{printed}");
        assert!(printed.contains(r#"dance: Dance("op")"#), "{printed}");
        assert!(!printed.contains("access-1"), "{printed}");
    }
}
