//! An application with several dances, and a session store that does what a test tells it to.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use oauth_dance::{
    Authorized, Clock as _, Credentials, Dance, DanceBuilder, DancesBuilder, ListedSession,
    MemorySessionStore, MemoryStore, NewSession, OAUTH_AUTHORIZED, Provider, SessionKey,
    SessionStore, StoreError, StoredSession, Timestamp,
};
use oauth_dance_testkit::browser::CookieJar;
use oauth_dance_testkit::{Browser, Page};
use parking_lot::Mutex;

use crate::support::{App, ORIGIN, app_with};

/// Longer than a sign-in is good after another one has taken its place.
pub(crate) const LATER: Duration = Duration::from_secs(31);

/// How many sessions the store has room for.
pub(crate) const MAX_SESSIONS: usize = 20;

/// The ways to keep sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    Cookies,
    Store,
}

pub(crate) const ROOMS: [Room; 2] = [Room::Cookies, Room::Store];

pub(crate) fn dance(name: &str) -> DanceBuilder {
    let provider = Provider::oauth2(name, "https://two.test/authorize", "https://two.test/token")
        .api_base("https://two.test/v1");
    Dance::builder(provider).credentials(Credentials::new("id", "secret"))
}

/// Dances whose receivers sign in as they are told.
pub(crate) struct Site {
    pub(crate) app: App,
    /// The user that the next login signs in, if any.
    pub(crate) next_user: Arc<Mutex<Option<String>>>,
    pub(crate) sessions: ToldSessions,
    pub(crate) tokens: MemoryStore,
}

/// Dances of these names beside `op`, with sessions in a store.
pub(crate) fn site(names: &[&str]) -> Site {
    site_in(Room::Store, names)
}

/// Dances of these names beside `op`.
pub(crate) fn site_in(room: Room, names: &[&str]) -> Site {
    let (sessions, tokens) = (ToldSessions::new(), MemoryStore::new());
    let change = |dances: DancesBuilder| {
        let dances = names.iter().fold(dances, |it, name| it.with(dance(name)));
        let dances = dances.store(tokens.clone());
        match room {
            Room::Cookies => dances,
            Room::Store => dances.session_store(sessions.clone()),
        }
    };
    let app = app_with(|dance| dance, change);
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
    pub(crate) fn sign_next_in_as(&self, user: Option<&str>) {
        *self.next_user.lock() = user.map(str::to_owned);
    }

    pub(crate) async fn sign_in_as(&self, browser: &Browser, dance: &str, user: Option<&str>) {
        self.sign_next_in_as(user);
        self.app.sign_in(browser, dance).await;
    }

    /// Another browser, with these cookies.
    pub(crate) fn copied(&self, jar: CookieJar) -> Browser {
        let copy = self.app.browser();
        copy.set_jar(jar);
        copy
    }

    pub(crate) async fn user(&self, browser: &Browser) -> Option<String> {
        let visit = self.app.visit(browser);
        visit.user().await.unwrap().map(str::to_owned)
    }

    pub(crate) async fn is_signed_in(&self, browser: &Browser, dance: &str) -> bool {
        let visit = self.app.visit(browser);
        visit.owner(dance).await.unwrap().is_some()
    }

    pub(crate) async fn has_token(&self, browser: &Browser, dance: &str) -> bool {
        let visit = self.app.visit(browser);
        visit.api(dance).unwrap().token().await.is_ok()
    }

    pub(crate) async fn sessions_of(&self, user: u32) -> usize {
        self.app.dances.sessions(user).await.unwrap().len()
    }

    /// Answers a callback.
    pub(crate) async fn answer(&self, browser: &Browser, callback: &str) -> Page {
        let answer = self.app.ask(browser, Method::GET, callback).await;
        assert_eq!(answer.status(), 303, "{}", answer.text());
        answer
    }

    /// Finishes a login with each of these dances. All callbacks leave before one of them is answered. Returns the
    /// cookies of the browser after each answer.
    pub(crate) async fn at_once(&self, browser: &Browser, dances: &[&str]) -> Vec<CookieJar> {
        let mut callbacks = Vec::new();
        for dance in dances {
            callbacks.push(self.app.callback_of(browser, dance).await);
        }
        let before = browser.jar();
        let mut answers = Vec::new();
        for callback in callbacks {
            let tab = self.copied(before.clone());
            answers.push(self.answer(&tab, &callback).await);
        }
        let mut jars = Vec::new();
        for answer in answers {
            browser.take_cookies(ORIGIN, answer.headers()).unwrap();
            jars.push(browser.jar());
        }
        jars
    }

    /// A login whose answer is lost on its way back.
    pub(crate) async fn lose_a_login(&self, browser: &Browser, dance: &str) {
        let callback = self.app.callback_of(browser, dance).await;
        let tab = self.copied(browser.jar());
        self.answer(&tab, &callback).await;
    }

    /// Asks for a logout of one dance.
    pub(crate) async fn log_out(&self, browser: &Browser, dance: &str) -> Page {
        let path = format!("/logout/{dance}");
        let answer = self.app.ask(browser, Method::POST, &path).await;
        assert_eq!(answer.status(), 303, "{}", answer.text());
        answer
    }

    pub(crate) async fn sign_out_of_all(&self, browser: &Browser) {
        let visit = self.app.visit(browser);
        visit.sign_out(&self.app.posted(browser)).await.unwrap();
        self.app.finish(&visit, browser);
    }

    /// Fills the store with sessions of others, which end at this time.
    pub(crate) async fn fill(&self, expires_at: Timestamp) {
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
            let kept = self.sessions.kept.change(&key, None, Some(new)).await;
            assert!(kept.unwrap());
        }
    }
}

/// Puts the session cookies of one browser into another, beside its own.
pub(crate) fn plant_session(to: &Browser, from: &Browser) {
    for cookie in from.jar().iter() {
        if cookie.name().contains("session") {
            to.change_jar(|jar| jar.plant("app.test", cookie.name(), cookie.value()));
        }
    }
}

/// A session store that does what it is told. Clones are the same store.
#[derive(Clone)]
pub(crate) struct ToldSessions {
    pub(crate) kept: MemorySessionStore,
    told: Arc<Told>,
}

#[derive(Default)]
struct Told {
    loses_answers: AtomicBool,
    damages_records: AtomicBool,
    goes_down: AtomicBool,
    is_down: AtomicBool,
    notes_hang: AtomicBool,
    changes_before_a_failure: Mutex<Option<usize>>,
    ended_before_a_change: Mutex<Option<String>>,
    loads: AtomicUsize,
    changes: AtomicUsize,
    largest: AtomicUsize,
}

impl ToldSessions {
    fn new() -> Self {
        Self {
            kept: MemorySessionStore::with_max_sessions(MAX_SESSIONS),
            told: Arc::default(),
        }
    }

    /// Makes changes from now on, and loses the answers to them.
    pub(crate) fn lose_answers(&self) {
        self.told.loses_answers.store(true, Ordering::Relaxed);
    }

    /// Makes the next change, loses the answer, and is down from then on.
    pub(crate) fn go_down_after_a_change(&self) {
        self.told.goes_down.store(true, Ordering::Relaxed);
        self.lose_answers();
    }

    /// Keeps records from now on, and nothing in them that can be read.
    pub(crate) fn damage_records(&self) {
        self.told.damages_records.store(true, Ordering::Relaxed);
    }

    /// Works again.
    pub(crate) fn mend(&self) {
        for told in [
            &self.told.loses_answers,
            &self.told.damages_records,
            &self.told.goes_down,
            &self.told.is_down,
        ] {
            told.store(false, Ordering::Relaxed);
        }
    }

    /// Makes this many changes, and fails the one after them.
    pub(crate) fn fail_after(&self, changes: usize) {
        *self.told.changes_before_a_failure.lock() = Some(changes);
    }

    /// Ends all sessions of this user right before the next change is made.
    pub(crate) fn end_before_a_change(&self, user: &str) {
        *self.told.ended_before_a_change.lock() = Some(user.to_owned());
    }

    /// Does not return any more from a note that a session was seen.
    pub(crate) fn hang_on_notes(&self) {
        self.told.notes_hang.store(true, Ordering::Relaxed);
    }

    /// Returns how many sessions were loaded, and how many changes were asked for.
    pub(crate) fn calls(&self) -> (usize, usize) {
        let [loads, changes] =
            [&self.told.loads, &self.told.changes].map(|it| it.load(Ordering::Relaxed));
        (loads, changes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Returns the size of the largest record that was written.
    pub(crate) fn largest(&self) -> usize {
        self.told.largest.load(Ordering::Relaxed)
    }

    fn is_failure_due(&self) -> bool {
        let mut left = self.told.changes_before_a_failure.lock();
        let is_due = *left == Some(0);
        *left = left.and_then(|left| left.checked_sub(1));
        is_due
    }
}

#[async_trait]
impl SessionStore for ToldSessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.told.loads.fetch_add(1, Ordering::Relaxed);
        if self.told.is_down.load(Ordering::Relaxed) {
            return Err(StoreError::unavailable("loading", "down"));
        }
        self.kept.load(key).await
    }

    async fn change(
        &self,
        key: &SessionKey,
        before: Option<&[u8]>,
        mut after: Option<NewSession>,
    ) -> Result<bool, StoreError> {
        self.told.changes.fetch_add(1, Ordering::Relaxed);
        if self.is_failure_due() || self.told.is_down.load(Ordering::Relaxed) {
            return Err(StoreError::unavailable("changing", "down"));
        }
        let ended = self.told.ended_before_a_change.lock().take();
        if let Some(user) = ended {
            assert_eq!(self.kept.end_user(key.site(), &user, &[]).await?, 1);
        }
        if let Some(new) = &mut after {
            let size = new.sealed.len();
            self.told.largest.fetch_max(size, Ordering::Relaxed);
            if self.told.damages_records.load(Ordering::Relaxed) {
                new.sealed.reverse();
            }
        }
        let changed = self.kept.change(key, before, after).await?;
        if self.told.loses_answers.load(Ordering::Relaxed) {
            let goes_down = self.told.goes_down.load(Ordering::Relaxed);
            self.told.is_down.store(goes_down, Ordering::Relaxed);
            return Err(StoreError::unavailable("changing", "the answer was lost"));
        }
        Ok(changed)
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        if self.told.notes_hang.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
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

    async fn end_user(
        &self,
        site: &str,
        user: &str,
        except: &[SessionKey],
    ) -> Result<u64, StoreError> {
        self.kept.end_user(site, user, except).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.kept.purge(now).await
    }
}
