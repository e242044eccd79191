//! A logout ends what it can, tells every receiver, and waits for no provider.

mod support;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use oauth_dance::leaf::{self, Asked};
use oauth_dance::{
    Authorized, ClientError, Dance, HttpClient, Limits, ListedSession, LoggedOut, MemoryStore,
    NewSession, OAUTH_AUTHORIZED, OAUTH_LOGGED_OUT, OAUTH_TOKEN_REVOKED, Outcome, Owner, Quirks,
    SessionKey, SessionStore, SignOutError, StoreError, StoreKey, StoredSession, Timestamp,
    TokenRevoked, TokenStore as _,
};
use oauth_dance_suites::{FaultyStore, Verb};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::timeout;

use self::support::{App, Op, app_of, app_with, provider};

/// An application that ends its own session when a browser signs out.
fn app(store: &FaultyStore) -> App {
    let app = app_with(|dance| dance.store(store.clone()), |dances| dances);
    let signal = app.signals.of(&OAUTH_LOGGED_OUT);
    signal.connect(|_: &Dance, logout: &LoggedOut| {
        assert_eq!(logout.request().uri.path(), "/logout/op");
        logout.set_cookie(HeaderValue::from_static("own=; Max-Age=0"));
    });
    app
}

/// An application whose provider revokes tokens.
fn revoking(quirks: Quirks, store: Option<MemoryStore>) -> App {
    let provider = provider().revoke("https://op.test/revoke").quirks(quirks);
    let dance = Dance::builder(provider);
    let dance = dance.credentials(oauth_dance::Credentials::new("id", "secret"));
    let key = oauth_dance::Key::generate().unwrap();
    app_of(&key, dance, |dances| match store {
        Some(store) => dances.store(store),
        None => dances,
    })
}

/// Lets the background work of this thread's runtime run until it waits for time.
async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn i16_the_application_ends_its_session_also_when_the_store_is_down() {
    for (down, status) in [(false, 303), (true, 503)] {
        let store = FaultyStore::default();
        let app = app(&store);
        let browser = app.signed_in().await;
        if down {
            store.fail([Verb::Load, Verb::Delete]);
        }
        let answer = app.ask(&browser, Method::POST, "/logout/op").await;
        assert_eq!(answer.status(), status);
        let cookies = answer.headers().get_all(SET_COOKIE);
        assert!(cookies.iter().any(|cookie| cookie == "own=; Max-Age=0"));
        assert!(app.visit(&browser).owner("op").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn i16_a_token_that_cannot_be_loaded_is_deleted() {
    let store = FaultyStore::default();
    let app = app(&store);
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    let owner = visit.owner("op").await.unwrap().unwrap().clone();
    store.fail([Verb::Load]);
    let answer = app.ask(&browser, Method::POST, "/logout/op").await;
    assert_eq!(answer.status(), 303);
    let key = StoreKey::new("op", owner);
    assert!(store.inner().load(&key).await.unwrap().is_none());
}

#[tokio::test]
async fn i16_the_cookies_go_even_if_they_cannot_be_read() {
    let app = app(&FaultyStore::default());
    let browser = app.browser();
    browser.change_jar(|jar| {
        jar.plant("app.test", "__Host-od-session-op", "damaged");
        jar.plant("app.test", "__Host-od-token-0", "1.damaged");
    });
    let answer = app.ask(&browser, Method::POST, "/logout/op").await;
    assert_eq!(answer.status(), 303);
    assert_eq!(browser.cookie("__Host-od-session-op"), None);
    assert_eq!(browser.cookie("__Host-od-token-0"), None);
    let cookies = answer.headers().get_all(SET_COOKIE);
    assert!(cookies.iter().any(|cookie| cookie == "own=; Max-Age=0"));
}

#[tokio::test(start_paused = true)]
async fn h02_h03_every_receiver_of_a_logout_runs_whatever_the_others_do() {
    /// What the first of two receivers does, and the status that says so.
    const CASES: [(&str, u16); 4] = [
        ("ends", 303),
        ("fails", 500),
        ("panics", 500),
        ("hangs", 500),
    ];
    for (case, status) in CASES {
        let app = app_with(|dance| dance, |dances| dances);
        let signal = app.signals.of(&OAUTH_LOGGED_OUT);
        signal.connect(move |_: &Dance, _: &LoggedOut| async move {
            match case {
                "fails" => Err("no"),
                "panics" => panic!("a receiver panics"),
                "hangs" => pending().await,
                _ => Ok(()),
            }
        });
        let heard = Arc::new(Notify::new());
        let tell = Arc::clone(&heard);
        signal.connect(move |_: &Dance, _: &LoggedOut| tell.notify_one());

        let browser = app.signed_in().await;
        let answer = app.ask(&browser, Method::POST, "/logout/op").await;
        assert_eq!(answer.status(), status, "{case}");
        assert!(
            app.visit(&browser).owner("op").await.unwrap().is_none(),
            "{case}"
        );
        let ran = timeout(Duration::from_secs(60), heard.notified()).await;
        assert!(ran.is_ok(), "{case}");
    }
}

/// A provider that never answers a revocation.
struct Hung(Op);

#[async_trait]
impl HttpClient for Hung {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let is_revocation = request.uri().path() == "/revoke";
        let answer = self.0.send(request, limits).await;
        if is_revocation {
            pending::<()>().await;
        }
        answer
    }
}

#[tokio::test(start_paused = true)]
async fn i16_no_browser_waits_for_a_revocation() {
    let op = Op::default();
    let provider = provider().revoke("https://op.test/revoke");
    let dance = Dance::builder(provider);
    let dance = dance.credentials(oauth_dance::Credentials::new("id", "secret"));
    let key = oauth_dance::Key::generate().unwrap();
    let app = app_of(&key, dance, |dances| dances.client(Hung(op.clone())));
    let browser = app.signed_in().await;
    let before = tokio::time::Instant::now();
    let answer = app.ask(&browser, Method::POST, "/logout/op").await;
    assert_eq!(answer.status(), 303);
    assert_eq!(before.elapsed(), Duration::ZERO);
    settle().await;
    assert_eq!(op.revoked().len(), 1);
}

/// The browser leaves at every await of the logout in turn: all of it happens nevertheless.
#[tokio::test]
async fn l01_a_browser_that_leaves_stops_no_logout() {
    use std::task::{Context, Waker};
    for polls in 1..8 {
        let store = MemoryStore::new();
        let app = revoking(Quirks::none(), Some(store.clone()));
        let heard = Arc::new(Mutex::new(Vec::new()));
        for name in ["first", "second"] {
            let told = Arc::clone(&heard);
            let signal = app.signals.of(&OAUTH_LOGGED_OUT);
            signal.connect(move |_: &Dance, _: &LoggedOut| {
                let told = Arc::clone(&told);
                async move {
                    tokio::task::yield_now().await;
                    told.lock().push(name);
                }
            });
        }
        let browser = app.signed_in().await;
        let mut leaving = Box::pin(app.ask(&browser, Method::POST, "/logout/op"));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            if leaving.as_mut().poll(&mut context).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(leaving);
        settle().await;
        assert!(store.is_empty(), "{polls}");
        assert_eq!(*heard.lock(), ["first", "second"], "{polls}");
        assert_eq!(app.op.revoked().len(), 1, "{polls}");
    }
}

#[tokio::test]
async fn r37_a_logout_ends_the_browsers_own_token_and_no_other() {
    /// Whose token, whether a store keeps it, whether it is deleted and revoked.
    const CASES: [(Option<u32>, bool, bool); 4] = [
        (None, true, true),
        (None, false, true),
        // Their phone and their jobs use it.
        (Some(7), true, false),
        // It is in this browser and nowhere else.
        (Some(7), false, true),
    ];
    for (user, has_store, ends) in CASES {
        let store = MemoryStore::new();
        let app = revoking(Quirks::none(), has_store.then(|| store.clone()));
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, login: &Authorized| {
            if let Some(user) = user {
                login.sign_in(user);
            }
        });
        let owners = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&owners);
        let signal = app.signals.of(&OAUTH_TOKEN_REVOKED);
        signal.connect(move |_: &Dance, revoked: &TokenRevoked| {
            heard.lock().push(revoked.owner().cloned());
        });
        let browser = app.signed_in().await;
        let visit = app.visit(&browser);
        let owner = visit.owner("op").await.unwrap().cloned();
        app.ask(&browser, Method::POST, "/logout/op").await;
        settle().await;
        let case = format!("{user:?} {has_store}");
        assert!(
            app.visit(&browser).owner("op").await.unwrap().is_none(),
            "{case}"
        );
        assert_eq!(browser.cookie("__Host-od-token-0"), None, "{case}");
        assert_eq!(store.len(), usize::from(has_store && !ends), "{case}");
        assert_eq!(app.op.revoked().len(), usize::from(ends), "{case}");
        let expected: Vec<_> = ends.then_some(owner).into_iter().collect();
        assert_eq!(*owners.lock(), expected, "{case}");
    }
}

#[tokio::test]
async fn r37_an_application_takes_back_what_a_user_has_granted() {
    let store = MemoryStore::new();
    let app = revoking(Quirks::none(), Some(store.clone()));
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, login: &Authorized| login.store_for(7));
    app.signed_in().await;
    let dance = app.dances.get("op").unwrap();
    assert!(!dance.forget(&Owner::user(8)).await.unwrap());
    assert!(dance.forget(&Owner::user(7)).await.unwrap());
    assert!(store.is_empty());
    assert_eq!(app.op.revoked(), ["refresh-1"]);
    assert!(!dance.forget(&Owner::user(7)).await.unwrap());
}

#[tokio::test]
async fn i16_a_token_that_cannot_be_deleted_is_not_said_to_be() {
    for verb in [Verb::Accounts, Verb::Load, Verb::Delete] {
        let store: FaultyStore = FaultyStore::default();
        let app = app_with(|dance| dance.store(store.clone()), |dances| dances);
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(|_: &Dance, login: &Authorized| login.store_for(7));
        app.signed_in().await;
        store.fail([verb]);
        let dance = app.dances.get("op").unwrap();
        assert!(dance.forget(&Owner::user(7)).await.is_err(), "{verb:?}");
    }
}

#[tokio::test]
async fn h12_a_discarded_token_is_revoked_if_a_receiver_says_so() {
    for (revoke, revocations) in [(false, 0), (true, 1)] {
        let app = revoking(Quirks::none(), None);
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, _: &Authorized| {
            let outcome = Outcome::discard();
            Some(if revoke {
                outcome.and_revoke()
            } else {
                outcome
            })
        });
        // One that only discards does not take the other's word back.
        signal.connect(|_: &Dance, _: &Authorized| Some(Outcome::discard()));
        app.signed_in().await;
        settle().await;
        assert_eq!(app.op.revoked().len(), revocations, "{revoke}");
    }
}

#[tokio::test]
async fn a_lost_or_replaced_token_is_revoked_only_where_that_ends_it_alone() {
    for alone in [false, true] {
        let quirks = || {
            let quirks = Quirks::none();
            if alone {
                quirks.revocation_ends_one_token()
            } else {
                quirks
            }
        };
        // Replaced by the next login of the same browser.
        let store = MemoryStore::new();
        let app = revoking(quirks(), Some(store.clone()));
        let browser = app.signed_in().await;
        app.sign_in(&browser, "op").await;
        settle().await;
        assert_eq!(store.len(), 1, "{alone}");
        let replaced: &[&str] = if alone { &["refresh-1"] } else { &[] };
        assert_eq!(app.op.revoked(), replaced, "{alone}");

        // Lost to an owner that cannot be stored.
        let app = revoking(quirks(), Some(store.clone()));
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(|_: &Dance, login: &Authorized| login.store_for(""));
        app.signed_in().await;
        settle().await;
        assert_eq!(app.op.revoked(), replaced, "{alone}");

        // Lost because the provider does not say whose it is.
        let provider = provider().revoke("https://op.test/revoke").quirks(quirks());
        let dance = Dance::builder(provider.userinfo("https://op.test/userinfo", "sub"));
        let dance = dance.credentials(oauth_dance::Credentials::new("id", "secret"));
        let key = oauth_dance::Key::generate().unwrap();
        let app = app_of(&key, dance, |dances| dances);
        let browser = app.browser();
        let callback = app.callback(&browser).await;
        let answer = app.ask(&browser, Method::GET, &callback).await;
        assert_eq!(answer.status(), 502);
        settle().await;
        assert_eq!(app.op.revoked(), replaced, "{alone}");
    }
}

/// A provider that has one token for a user and a client: every login brings the same one.
struct OneToken(Op);

#[async_trait]
impl HttpClient for OneToken {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let asks_for_token = request.uri().path() == "/token";
        let mut response = self.0.send(request, limits).await?;
        if asks_for_token {
            let body = br#"{"access_token":"the-token","token_type":"bearer"}"#;
            *response.body_mut() = Bytes::from_static(body);
        }
        Ok(response)
    }
}

#[tokio::test]
async fn a_token_that_takes_its_own_place_is_not_revoked() {
    for user in [Some(7), None] {
        let op = Op::default();
        let quirks = Quirks::none().revocation_ends_one_token();
        let provider = provider().revoke("https://op.test/revoke").quirks(quirks);
        let dance = Dance::builder(provider);
        let dance = dance.credentials(oauth_dance::Credentials::new("id", "secret"));
        let key = oauth_dance::Key::generate().unwrap();
        let app = app_of(&key, dance, |dances| {
            let client = OneToken(op.clone());
            dances.client(client).store(MemoryStore::new())
        });
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, login: &Authorized| {
            if let Some(user) = user {
                login.sign_in(user);
            }
        });
        let browser = app.signed_in().await;
        app.sign_in(&browser, "op").await;
        settle().await;
        assert_eq!(op.revoked(), [""; 0], "{user:?}");
    }
}

/// A store that keeps no session.
struct NoSessions;

#[async_trait]
impl SessionStore for NoSessions {
    async fn load(&self, _: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        Ok(None)
    }

    async fn change(
        &self,
        _: &SessionKey,
        _: Option<&[u8]>,
        _: Option<NewSession>,
    ) -> Result<bool, StoreError> {
        Err(StoreError::unavailable("keeping a session", "it is full"))
    }

    async fn touch(&self, _: &SessionKey, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn of_user(
        &self,
        _: &str,
        _: &str,
        _: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        Ok(Vec::new())
    }

    async fn end_user(&self, _: &str, _: &str, _: &[SessionKey]) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn purge(&self, _: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// The token is stored, and then the session is not: what stays stored is not revoked, and what goes is, once.
#[tokio::test]
async fn f09_a_session_that_cannot_be_kept_revokes_no_token_that_stays() {
    for (user, stays) in [(None, false), (Some(7), true)] {
        let store = MemoryStore::new();
        let provider = provider()
            .revoke("https://op.test/revoke")
            .quirks(Quirks::none().revocation_ends_one_token());
        let dance = Dance::builder(provider);
        let dance = dance.credentials(oauth_dance::Credentials::new("id", "secret"));
        let key = oauth_dance::Key::generate().unwrap();
        let kept_in = store.clone();
        let app = app_of(&key, dance, |dances| {
            dances.store(kept_in).session_store(NoSessions)
        });
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, login: &Authorized| {
            if let Some(user) = user {
                login.sign_in(user);
            }
        });
        let browser = app.browser();
        let callback = app.callback(&browser).await;
        let answer = app.ask(&browser, Method::GET, &callback).await;
        settle().await;
        assert_eq!(answer.status(), 503, "{user:?}");
        assert_eq!(store.len(), usize::from(stays), "{user:?}");
        assert_eq!(app.op.revoked().len(), usize::from(!stays), "{user:?}");
    }
}

#[tokio::test]
async fn r37_a_page_that_has_refreshed_a_token_takes_the_new_one_back() {
    let app = revoking(Quirks::none(), None);
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    visit.api("op").unwrap().refresh().await.unwrap();
    let request = app.posted(&browser);
    visit.sign_out(&request).await.unwrap();
    app.finish(&visit, &browser);
    settle().await;
    assert_eq!(app.op.revoked(), ["refresh-2"]);
}

/// A login that is not stored leaves the earlier sign-in, and its token may be the same one.
#[tokio::test]
async fn a_lost_token_is_revoked_unless_the_browser_goes_on_with_it() {
    for one_token in [true, false] {
        let op = Op::default();
        let quirks = Quirks::none().revocation_ends_one_token();
        let provider = provider().revoke("https://op.test/revoke").quirks(quirks);
        let dance = Dance::builder(provider);
        let dance = dance.credentials(oauth_dance::Credentials::new("id", "secret"));
        let key = oauth_dance::Key::generate().unwrap();
        let app = app_of(&key, dance, |dances| {
            let dances = dances.store(MemoryStore::new());
            match one_token {
                true => dances.client(OneToken(op.clone())),
                false => dances.client(op.clone()),
            }
        });
        let browser = app.signed_in().await;
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(|_: &Dance, login: &Authorized| login.store_for(""));
        app.sign_in(&browser, "op").await;
        settle().await;
        let lost: &[&str] = if one_token { &[] } else { &["refresh-2"] };
        assert_eq!(op.revoked(), lost);
        assert!(app.visit(&browser).api("op").unwrap().token().await.is_ok());
    }
}

/// Such a cookie comes from a planter, or from an older version with more of them.
#[tokio::test]
async fn i16_a_cookie_beyond_the_last_slot_is_deleted_too() {
    let app = revoking(Quirks::none(), None);
    let browser = app.signed_in().await;
    let value = browser.cookie("__Host-od-token-0").unwrap();
    let beyond = format!("__Host-od-token-8={value}; Path=/; Secure; HttpOnly");
    let planted = http::HeaderMap::from_iter([(SET_COOKIE, beyond.parse().unwrap())]);
    browser.take_cookies(support::ORIGIN, &planted).unwrap();
    assert!(browser.cookie("__Host-od-token-8").is_some());
    app.ask(&browser, Method::POST, "/logout/op").await;
    assert_eq!(browser.cookie("__Host-od-token-8"), None);
}

#[tokio::test]
async fn i16_the_error_of_a_sign_out_has_its_cause() {
    let store: FaultyStore = FaultyStore::default();
    let app = app_with(|dance| dance.store(store.clone()), |dances| dances);
    let browser = app.signed_in().await;
    store.fail([Verb::Delete]);
    let request = app.posted(&browser);
    let error = app.visit(&browser).sign_out(&request).await.unwrap_err();
    let cause = error.cause().unwrap().to_string();
    assert!(cause.starts_with("the store failed"), "{cause}");
}

/// What a page of the application's own is asked with, and the status of its refusal, if it is refused.
const ASKED_WITH: [(&str, &str, &str, Option<u16>); 10] = [
    ("POST", "sec-fetch-site", "same-origin", None),
    ("POST", "sec-fetch-site", "none", None),
    ("POST", "origin", support::ORIGIN, None),
    ("POST", "x-of-a-program", "without either header", None),
    ("DELETE", "sec-fetch-site", "same-origin", None),
    ("POST", "sec-fetch-site", "cross-site", Some(403)),
    ("POST", "sec-fetch-site", "same-site", Some(403)),
    ("POST", "origin", "https://evil.test", Some(403)),
    ("GET", "sec-fetch-site", "same-origin", Some(405)),
    ("HEAD", "sec-fetch-site", "cross-site", Some(405)),
];

fn asked_with(method: &str, header: &str, value: &str) -> Parts {
    let request = Request::builder()
        .method(method)
        .uri("/")
        .header(header, value);
    request.body(()).unwrap().into_parts().0
}

#[tokio::test]
async fn i12_a_page_of_ones_own_signs_out_who_asks_on_a_page_of_the_application() {
    for (method, header, value, refusal) in ASKED_WITH {
        let app = app_with(|dance| dance, |dances| dances);
        let visit = app.visit(&app.signed_in().await);
        let done = visit.sign_out(&asked_with(method, header, value)).await;
        let status = done.as_ref().err().map(|error| error.status().as_u16());
        assert_eq!(status, refusal, "{method} {header}: {value}");
    }
}

#[tokio::test]
async fn i12_a_sign_out_that_is_refused_changes_nothing() {
    let app = app_with(|dance| dance, |dances| dances);
    let told = Arc::new(Mutex::new(0));
    let tell = Arc::clone(&told);
    let signal = app.signals.of(&OAUTH_LOGGED_OUT);
    signal.connect(move |_: &Dance, _: &LoggedOut| *tell.lock() += 1);
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    let request = asked_with("POST", "sec-fetch-site", "cross-site");
    assert!(visit.sign_out(&request).await.is_err());
    assert!(visit.owner("op").await.unwrap().is_some());
    let headers = app.finish(&visit, &browser);
    assert!(!headers.contains_key(SET_COOKIE), "{headers:?}");
    assert_eq!(*told.lock(), 0);
}

#[test]
fn i12_a_page_that_refuses_a_sign_out_says_which_method_it_takes() {
    let refused = |error| leaf::not_signed_out(Asked::default(), &error);
    assert_eq!(refused(SignOutError::CrossSite).status(), 403);
    let response = refused(SignOutError::SafeMethod);
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "POST");
}
