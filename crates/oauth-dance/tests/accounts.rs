//! Several accounts of one user at one provider, and records that expire with their browser.

mod support;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use oauth_dance::{
    Account, Authorized, ClientError, Clock as _, Dance, HttpClient, Limits, LoggedIn, MemoryStore,
    OAUTH_AUTHORIZED, OAUTH_LOGGED_IN, Owner, SealedToken, TokenStore,
};
use oauth_dance_suites::{FaultyStore, Verb};
use parking_lot::Mutex;

use self::support::{App, Op, app_of, app_with, provider};

/// A provider where the next person is `person`.
#[derive(Clone, Default)]
struct People {
    op: Op,
    person: Arc<Mutex<String>>,
}

#[async_trait]
impl HttpClient for People {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        if request.uri().path() != "/userinfo" {
            return self.op.send(request, limits).await;
        }
        let body = format!(r#"{{"sub":"{}"}}"#, self.person.lock());
        let mut response = Response::new(Bytes::from(body));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert("content-type", json);
        Ok(response)
    }
}

struct Site {
    app: App,
    people: People,
    store: MemoryStore,
    /// Whether each login has replaced a token.
    replaced: Arc<Mutex<Vec<bool>>>,
}

/// An application with one user, who signs in with whatever account the provider says.
fn site() -> Site {
    let store = MemoryStore::new();
    let site = site_on(&store);
    Site { store, ..site }
}

fn site_on(store: &(impl TokenStore + Clone)) -> Site {
    let people = People::default();
    let provider = provider().userinfo("https://op.test/userinfo", "sub");
    let dance = Dance::builder(provider);
    let dance = dance.credentials(oauth_dance::Credentials::new("id", "secret"));
    let key = oauth_dance::Key::generate().unwrap();
    let app = app_of(&key, dance, |dances| {
        dances.client(people.clone()).store(store.clone())
    });
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, login: &Authorized| login.store_for(7));
    let replaced = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&replaced);
    let signal = app.signals.of(&OAUTH_LOGGED_IN);
    signal
        .connect(move |_: &Dance, login: &LoggedIn| told.lock().push(login.has_replaced_a_token()));
    Site {
        app,
        people,
        store: MemoryStore::new(),
        replaced,
    }
}

impl Site {
    async fn sign_in(&self, browser: &oauth_dance_testkit::Browser, person: &str) {
        person.clone_into(&mut self.people.person.lock());
        self.app.sign_in(browser, "op").await;
        self.app.clock.advance(Duration::from_secs(1));
    }

    async fn accounts(&self) -> Vec<Account> {
        let dance = self.app.dances.get("op").unwrap();
        dance.accounts(&Owner::user(7)).await.unwrap()
    }

    async fn subject(&self, account: &Account) -> String {
        let dance = self.app.dances.get("op").unwrap();
        let identity = dance.api_of(account).identity().await.unwrap();
        identity.unwrap().subject().to_owned()
    }
}

#[tokio::test]
async fn i02_a_second_account_replaces_no_token() {
    let site = site();
    let (work, home) = (site.app.browser(), site.app.browser());
    site.sign_in(&work, "work").await;
    site.sign_in(&home, "home").await;
    assert_eq!(site.store.len(), 2);
    assert_eq!(*site.replaced.lock(), [false, false]);

    let accounts = site.accounts().await;
    let mut subjects = Vec::new();
    for account in &accounts {
        subjects.push(site.subject(account).await);
    }
    assert_eq!(subjects, ["home", "work"], "the newest first");
    // A server uses the newest account, and each browser its own.
    let dance = site.app.dances.get("op").unwrap();
    let newest = dance
        .api(&Owner::user(7))
        .identity()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(newest.subject(), "home");
    for (browser, subject) in [(&work, "work"), (&home, "home")] {
        let api = site.app.visit(browser).api("op").unwrap();
        assert_eq!(api.identity().await.unwrap().unwrap().subject(), subject);
    }

    // The same account again takes the place of its own token, and of no other.
    site.sign_in(&site.app.browser(), "work").await;
    assert_eq!(site.store.len(), 2);
    assert_eq!(*site.replaced.lock(), [false, false, true]);
    let again = site.accounts().await;
    assert_eq!(again[0].id(), accounts[1].id());
    assert_eq!(site.subject(&again[0]).await, "work");

    assert!(dance.forget_account(&again[0]).await.unwrap());
    assert!(!dance.forget_account(&again[0]).await.unwrap());
    assert_eq!(site.accounts().await.len(), 1);
    assert!(dance.forget(&Owner::user(7)).await.unwrap());
    assert!(site.store.is_empty());
}

#[tokio::test]
async fn r37_what_a_user_has_granted_is_taken_back_of_every_account() {
    let site = site();
    // More than one list holds.
    for number in 0..=oauth_dance::MAX_ACCOUNTS {
        let browser = site.app.browser();
        site.sign_in(&browser, &number.to_string()).await;
    }
    let dance = site.app.dances.get("op").unwrap();
    assert!(dance.forget(&Owner::user(7)).await.unwrap());
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn r37_an_account_that_fails_keeps_no_other() {
    let store = FaultyStore::new(MemoryStore::new());
    let site = site_on(&store);
    let browser = site.app.browser();
    for person in ["one", "two", "three"] {
        site.sign_in(&browser, person).await;
    }
    let dance = site.app.dances.get("op").unwrap();
    let lists = || store.calls(Verb::Accounts);
    let before = lists();
    store.fail_next(Verb::Delete, 1);
    assert!(dance.forget(&Owner::user(7)).await.is_err());
    assert_eq!(lists() - before, 1, "it does not go round");
    assert_eq!(site.accounts().await.len(), 1);
    // Deleted, and not revoked.
    store.fail_next(Verb::Load, 1);
    assert!(dance.forget(&Owner::user(7)).await.is_err());
    assert_eq!(site.accounts().await.len(), 0);

    site.sign_in(&browser, "four").await;
    let before = lists();
    assert!(dance.forget(&Owner::user(7)).await.unwrap());
    assert_eq!(lists() - before, 1);
}

#[tokio::test]
async fn a_browser_that_signs_in_again_replaces_its_own_token() {
    let app = app_with(|dance| dance, |dances| dances.store(MemoryStore::new()));
    let replaced = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&replaced);
    let signal = app.signals.of(&OAUTH_LOGGED_IN);
    signal
        .connect(move |_: &Dance, login: &LoggedIn| told.lock().push(login.has_replaced_a_token()));
    let browser = app.signed_in().await;
    app.sign_in(&browser, "op").await;
    assert_eq!(*replaced.lock(), [false, true]);
}

#[tokio::test]
async fn an_owner_without_an_account_has_to_sign_in() {
    let site = site();
    let dance = site.app.dances.get("op").unwrap();
    assert!(site.accounts().await.is_empty());
    let error = dance.api(&Owner::user(7)).token().await.unwrap_err();
    assert!(error.as_login_required().is_some());
}

#[tokio::test]
async fn what_belongs_to_a_browser_is_purged_with_its_session() {
    let store = MemoryStore::new();
    let app = support::app_with(|dance| dance, |dances| dances.store(store.clone()));
    app.signed_in().await;
    app.signed_in().await;
    assert_eq!(store.len(), 2);
    app.clock.advance(Duration::from_secs(14 * 24 * 3600));
    app.signed_in().await;
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.len(), 1);
}

/// A browser signs in with one account at a time, so its record is found without one.
#[tokio::test]
async fn a_browsers_own_token_is_stored_under_no_account() {
    let store = FaultyStore::new(MemoryStore::new());
    let people = People::default();
    "work".clone_into(&mut people.person.lock());
    let provider = provider().userinfo("https://op.test/userinfo", "sub");
    let dance = Dance::builder(provider);
    let dance = dance.credentials(oauth_dance::Credentials::new("id", "secret"));
    let key = oauth_dance::Key::generate().unwrap();
    let app = app_of(&key, dance, |dances| {
        dances.client(people.clone()).store(store.clone())
    });
    app.signed_in().await;
    let stored = store.stored();
    let accounts: Vec<&str> = stored.keys().map(oauth_dance::StoreKey::account).collect();
    assert_eq!(accounts, [""]);
}

#[tokio::test]
async fn an_account_has_an_identifier_of_its_own_and_the_time_of_its_login() {
    let site = site();
    let browser = site.app.browser();
    let first = site.app.clock.now();
    site.sign_in(&browser, "work").await;
    let second = site.app.clock.now();
    site.sign_in(&browser, "home").await;
    let accounts = site.accounts().await;
    let stored: Vec<_> = accounts.iter().map(Account::stored_at).collect();
    assert_eq!(stored, [second, first]);
    assert!(accounts.iter().all(|account| account.id().len() == 43));
    assert_ne!(accounts[0].id(), accounts[1].id());
}

#[tokio::test]
async fn the_stores_are_purged_once_in_ten_minutes() {
    let store = FaultyStore::new(MemoryStore::new());
    let app = app_with(|dance| dance, |dances| dances.store(store.clone()));
    for (wait, purges) in [(0, 1), (0, 1), (599, 1), (1, 2)] {
        app.clock.advance(Duration::from_secs(wait));
        app.signed_in().await;
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
        assert_eq!(store.calls(Verb::Purge), purges, "{wait}");
    }
}

/// A provider whose token answer has a member of this many characters.
#[derive(Clone, Default)]
struct Long(Arc<Mutex<usize>>);

#[async_trait]
impl HttpClient for Long {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ClientError> {
        let long = "x".repeat(*self.0.lock());
        let body = format!(r#"{{"access_token":"at","token_type":"bearer","long":"{long}"}}"#);
        let mut response = Response::new(Bytes::from(body));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert("content-type", json);
        Ok(response)
    }
}

#[tokio::test]
async fn d23_a_record_is_as_long_as_a_store_may_be_asked_to_keep() {
    let (store, long) = (FaultyStore::new(MemoryStore::new()), Long::default());
    let app = app_with(
        |dance| dance,
        |dances| dances.client(long.clone()).store(store.clone()),
    );
    // The longest member that is kept, and the shortest that is not.
    let (mut kept, mut refused) = (0, 2 * SealedToken::MAX_BYTES);
    while kept + 1 < refused {
        let length = usize::midpoint(kept, refused);
        *long.0.lock() = length;
        let browser = app.signed_in().await;
        match app.visit(&browser).owner("op").await.unwrap() {
            Some(_) => kept = length,
            None => refused = length,
        }
    }
    let stored = store.stored();
    let longest = stored.values().map(Vec::len).max();
    assert_eq!(longest, Some(SealedToken::MAX_BYTES));
}
