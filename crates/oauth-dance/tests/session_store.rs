//! Sessions in a store when things happen at once: sign-ins, answers that are lost, a store that is full.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use oauth_dance::{
    Authorized, Clock as _, Credentials, Dance, DanceBuilder, LeftSession, ListedSession,
    LoggedOut, MemorySessionStore, MemoryStore, NewSession, OAUTH_AUTHORIZED, OAUTH_LOGGED_OUT,
    Provider, SessionKey, SessionStore, StoreError, StoredSession, Timestamp,
};
use oauth_dance_testkit::Browser;
use oauth_dance_testkit::browser::CookieJar;
use parking_lot::Mutex;

use self::support::{App, ORIGIN, app_with};

fn dance(name: &str) -> DanceBuilder {
    let provider = Provider::oauth2(name, "https://two.test/authorize", "https://two.test/token")
        .api_base("https://two.test/v1");
    Dance::builder(provider).credentials(Credentials::new("id", "secret"))
}

/// Dances of these names beside `op`, whose receivers sign in as they are told.
struct Site {
    app: App,
    next_user: Arc<Mutex<Option<String>>>,
    sessions: Forgetful,
    tokens: MemoryStore,
}

fn site(names: &[&str]) -> Site {
    let tokens = MemoryStore::new();
    let sessions = Forgetful {
        kept: MemorySessionStore::with_max_sessions(MAX_SESSIONS),
        loses_answers: Arc::default(),
    };
    let app = app_with(
        |dance| dance,
        |dances| {
            let dances = names.iter().fold(dances, |it, name| it.with(dance(name)));
            dances.store(tokens.clone()).session_store(sessions.clone())
        },
    );
    let next_user = Arc::new(Mutex::new(None::<String>));
    let user = Arc::clone(&next_user);
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(move |_: &Dance, login: &Authorized| {
        if let Some(user) = &*user.lock() {
            login.sign_in(user);
        }
    });
    Site {
        app,
        next_user,
        sessions,
        tokens,
    }
}

impl Site {
    async fn sign_in_as(&self, browser: &Browser, dance: &str, user: Option<&str>) {
        *self.next_user.lock() = user.map(str::to_owned);
        self.app.sign_in(browser, dance).await;
    }

    fn copied(&self, jar: CookieJar) -> Browser {
        let copy = self.app.browser();
        copy.set_jar(jar);
        copy
    }

    async fn user(&self, browser: &Browser) -> Option<String> {
        let visit = self.app.visit(browser);
        visit.user().await.unwrap().map(str::to_owned)
    }

    async fn is_signed_in(&self, browser: &Browser, dance: &str) -> bool {
        let visit = self.app.visit(browser);
        visit.owner(dance).await.unwrap().is_some()
    }

    async fn sessions_of(&self, user: u32) -> usize {
        self.app.dances.sessions(user).await.unwrap().len()
    }

    /// Finishes a login with each of these dances. All callbacks leave before one of them is answered. Returns the
    /// cookies of the browser after each answer.
    async fn at_once(&self, browser: &Browser, dances: &[&str]) -> Vec<CookieJar> {
        let mut callbacks = Vec::new();
        for dance in dances {
            callbacks.push(self.app.callback_of(browser, dance).await);
        }
        let before = browser.jar();
        let mut answers = Vec::new();
        for callback in callbacks {
            let tab = self.copied(before.clone());
            let answer = self.app.ask(&tab, Method::GET, &callback).await;
            assert_eq!(answer.status(), 303);
            answers.push(answer);
        }
        let mut jars = Vec::new();
        for answer in answers {
            browser.take_cookies(ORIGIN, answer.headers()).unwrap();
            jars.push(browser.jar());
        }
        jars
    }

    async fn sign_out_of_all(&self, browser: &Browser) {
        let visit = self.app.visit(browser);
        visit
            .sign_out(&browser.head(ORIGIN).unwrap())
            .await
            .unwrap();
        self.app.finish(&visit, browser);
    }

    /// Fills the store with sessions of others, which end at this time.
    async fn fill(&self, expires_at: Timestamp) {
        let now = self.app.clock.now();
        while self.sessions.kept.len() < MAX_SESSIONS {
            let new = NewSession {
                sealed: Vec::new(),
                user: None,
                made_at: now,
                seen_at: now,
                expires_at,
            };
            let key = SessionKey::new("elsewhere", self.sessions.kept.len().to_string());
            self.sessions.insert(&key, new).await.unwrap();
        }
    }
}

/// A session store that does what it is told, and may lose the answer.
#[derive(Clone)]
struct Forgetful {
    kept: MemorySessionStore,
    loses_answers: Arc<AtomicBool>,
}

const MAX_SESSIONS: usize = 20;

#[async_trait]
impl SessionStore for Forgetful {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.kept.load(key).await
    }

    async fn insert(&self, key: &SessionKey, session: NewSession) -> Result<(), StoreError> {
        self.kept.insert(key, session).await?;
        self.answer(())
    }

    async fn change(
        &self,
        old: &[LeftSession],
        new: Option<(&SessionKey, NewSession)>,
    ) -> Result<bool, StoreError> {
        let changed = self.kept.change(old, new).await?;
        self.answer(changed)
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        self.kept.touch(key, now).await
    }

    async fn of_user(
        &self,
        site: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        self.kept.of_user(site, user, now).await
    }

    async fn end_user(&self, site: &str, user: &str) -> Result<u64, StoreError> {
        self.kept.end_user(site, user).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.kept.purge(now).await
    }
}

impl Forgetful {
    fn answer<T>(&self, answer: T) -> Result<T, StoreError> {
        if self.loses_answers.load(Ordering::Relaxed) {
            return Err(StoreError::unavailable("changing", "the answer was lost"));
        }
        Ok(answer)
    }
}

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

/// A logout by a page that was opened before the last sign-in ends that sign-in too.
#[tokio::test]
async fn i16_a_sign_in_that_ends_beside_another_takes_its_token_along() {
    let site = site(&["two"]);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&heard);
    let signal = site.app.signals.of(&OAUTH_LOGGED_OUT);
    signal.connect(move |dance: &Dance, _: &LoggedOut| note.lock().push(dance.name().to_owned()));
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", None).await;
    let before = site.copied(browser.jar());
    site.sign_in_as(&browser, "two", None).await;
    assert_eq!(site.tokens.len(), 2);
    site.app.ask(&before, Method::POST, "/logout/op").await;
    assert!(!site.is_signed_in(&browser, "two").await);
    assert_eq!(site.tokens.len(), 0, "a token is left");
    assert_eq!(*heard.lock(), ["op", "two"]);
}

#[tokio::test]
async fn i17_a_sign_in_whose_answer_the_store_loses_signs_nobody_out() {
    let site = site(&[]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.sessions.loses_answers.store(true, Ordering::Relaxed);
    site.sign_in_as(&browser, "op", Some("7")).await;
    site.sessions.loses_answers.store(false, Ordering::Relaxed);
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
async fn i17_an_old_cookie_is_exchanged_for_no_session_and_ends_none() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    site.sign_in_as(&browser, "two", Some("7")).await;
    let thief = site.copied(browser.jar());
    let callback = site.app.callback_of(&thief, "op").await;
    site.sign_in_as(&browser, "op", Some("7")).await;
    *site.next_user.lock() = None;
    site.app.ask(&thief, Method::GET, &callback).await;
    site.app.clock.advance(Duration::from_secs(31));
    assert_eq!(site.user(&thief).await, None);
    assert!(!site.is_signed_in(&thief, "two").await);
    assert_eq!(site.user(&browser).await.as_deref(), Some("7"));
    assert!(site.is_signed_in(&browser, "op").await);
}

#[tokio::test]
async fn i16_a_logout_whose_answer_the_store_loses_keeps_what_stays() {
    let site = site(&["two"]);
    let browser = site.app.browser();
    for dance in ["op", "two"] {
        site.sign_in_as(&browser, dance, Some("7")).await;
    }
    site.sessions.loses_answers.store(true, Ordering::Relaxed);
    site.app.ask(&browser, Method::POST, "/logout/op").await;
    site.sessions.loses_answers.store(false, Ordering::Relaxed);
    assert!(!site.is_signed_in(&browser, "op").await);
    assert!(site.is_signed_in(&browser, "two").await);
    assert_eq!(site.sessions_of(7).await, 1);
}
