//! Every method of every contract hangs in turn, at every page: each call ends, and the next request works.

mod support;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use oauth_dance::{
    Authorized, ClientError, Clock as _, Dance, HttpClient, Lease, Limits, ListedSession,
    MemoryPendingStore, MemorySessionStore, MemoryStore, NewSession, OAUTH_AUTHORIZED, Owner,
    PendingStore, Revision, SealedToken, SessionKey, SessionStore, StoreError, StoreKey,
    StoredAccount, StoredSession, StoredToken, Timestamp, TokenStore,
};
use parking_lot::Mutex;

use self::support::{App, Op, app_with};

/// Every method of the contracts that other crates implement.
const METHODS: [&str; 17] = [
    "client: send",
    "pending: insert",
    "pending: take",
    "session: change",
    "session: end_user",
    "session: load",
    "session: of_user",
    "session: purge",
    "session: touch",
    "token: accounts",
    "token: delete",
    "token: lease",
    "token: load",
    "token: purge",
    "token: release",
    "token: replace",
    "token: save",
];

/// Stores and a client, one of whose methods never returns.
#[derive(Clone, Default)]
struct Hung {
    method: Arc<Mutex<Option<&'static str>>>,
    /// Whether it panics instead.
    panics: Arc<Mutex<bool>>,
    /// The methods that were called.
    called: Arc<Mutex<Vec<&'static str>>>,
    op: Op,
    tokens: MemoryStore,
    pendings: MemoryPendingStore,
    sessions: MemorySessionStore,
}

impl Hung {
    async fn called(&self, method: &'static str) {
        assert!(METHODS.contains(&method), "{method}");
        self.called.lock().push(method);
        if *self.method.lock() == Some(method) {
            assert!(!*self.panics.lock(), "as the test wants");
            pending::<()>().await;
        }
    }
}

#[async_trait]
impl HttpClient for Hung {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        self.called("client: send").await;
        self.op.send(request, limits).await
    }
}

#[async_trait]
impl PendingStore for Hung {
    async fn insert(&self, id: &str, sealed: Vec<u8>, until: Timestamp) -> Result<(), StoreError> {
        self.called("pending: insert").await;
        self.pendings.insert(id, sealed, until).await
    }

    async fn take(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.called("pending: take").await;
        self.pendings.take(id).await
    }
}

#[async_trait]
impl SessionStore for Hung {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.called("session: load").await;
        self.sessions.load(key).await
    }

    async fn change(
        &self,
        key: &SessionKey,
        before: Option<&[u8]>,
        after: Option<NewSession>,
    ) -> Result<bool, StoreError> {
        self.called("session: change").await;
        self.sessions.change(key, before, after).await
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        self.called("session: touch").await;
        self.sessions.touch(key, now).await
    }

    async fn of_user(
        &self,
        site: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        self.called("session: of_user").await;
        self.sessions.of_user(site, user, now).await
    }

    async fn end_user(
        &self,
        site: &str,
        user: &str,
        except: &[SessionKey],
    ) -> Result<u64, StoreError> {
        self.called("session: end_user").await;
        self.sessions.end_user(site, user, except).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.called("session: purge").await;
        self.sessions.purge(now).await
    }
}

#[async_trait]
impl TokenStore for Hung {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        self.called("token: load").await;
        self.tokens.load(key).await
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        self.called("token: save").await;
        self.tokens.save(key, sealed).await
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        self.called("token: replace").await;
        self.tokens.replace(key, revision, sealed).await
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.called("token: delete").await;
        self.tokens.delete(key).await
    }

    async fn accounts(&self, key: &StoreKey) -> Result<Vec<StoredAccount>, StoreError> {
        self.called("token: accounts").await;
        self.tokens.accounts(key).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.called("token: purge").await;
        self.tokens.purge(now).await
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        self.called("token: lease").await;
        self.tokens.lease(key, lease).await
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        self.called("token: release").await;
        self.tokens.release(key, holder).await
    }
}

fn app(hung: &Hung) -> App {
    let app = app_with(
        |dance| dance,
        |dances| {
            dances
                .client(hung.clone())
                .store(hung.clone())
                .pending_store(hung.clone())
                .session_store(hung.clone())
        },
    );
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, login: &Authorized| login.sign_in(7));
    app
}

/// Everything that a browser and an application do. What fails may fail: it has to end.
async fn everything(app: &App) {
    let browser = app.browser();
    let begun = app.ask(&browser, Method::GET, "/login/op").await;
    let state = begun.location().and_then(|to| {
        let (_, state) = to.query_pairs().find(|(name, _)| name == "state")?;
        Some(state.into_owned())
    });
    let state = state.unwrap_or_else(|| "x".repeat(43));
    let callback = format!("/login/op/authorized?code=code&state={state}");
    app.ask(&browser, Method::GET, &callback).await;

    // Long enough that the session is noted again.
    app.clock.advance(Duration::from_secs(600));
    let visit = app.visit(&browser);
    let _ = visit.user().await;
    let api = visit.api("op").unwrap();
    let _ = api.token().await;
    let _ = api.refresh().await;
    let _ = api.get("x").await;
    app.finish(&visit, &browser);

    let dance = app.dances.get("op").unwrap();
    let _ = app.dances.sessions(7).await;
    let _ = dance.accounts(&Owner::user(7)).await;
    app.ask(&browser, Method::POST, "/logout/op").await;
    let _ = dance.forget(&Owner::user(7)).await;
    let _ = app.dances.end_sessions(7).await;
    // What runs in the background.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a27_every_method_is_called_on_the_way() {
    let hung = Hung::default();
    everything(&app(&hung)).await;
    let mut called = hung.called.lock().clone();
    called.sort_unstable();
    called.dedup();
    assert_eq!(called, METHODS);
}

#[tokio::test(start_paused = true)]
async fn a27_whatever_hangs_the_request_ends_and_the_next_one_works() {
    for method in METHODS {
        let hung = Hung::default();
        let app = app(&hung);
        *hung.method.lock() = Some(method);
        let all = tokio::time::timeout(Duration::from_secs(600), everything(&app));
        assert!(all.await.is_ok(), "{method} hangs on");
        assert!(hung.called.lock().contains(&method), "{method}");

        *hung.method.lock() = None;
        // A refresh that was left hanging is waited for no longer than its lease.
        app.clock.advance(Duration::from_secs(3600));
        tokio::time::advance(Duration::from_secs(3600)).await;
        let browser = app.signed_in().await;
        let visit = app.visit(&browser);
        assert_eq!(visit.user().await.unwrap(), Some("7"), "{method}");
        let api = visit.api("op").unwrap();
        let now = app.clock.now();
        assert!(
            !api.token().await.unwrap().is_expired(now, Duration::ZERO),
            "{method}"
        );
        assert!(api.refresh().await.is_ok(), "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn f08_a_refresh_that_panics_fails_its_callers_and_the_next_one_works() {
    for method in ["client: send", "token: lease", "token: replace"] {
        let hung = Hung::default();
        let app = app(&hung);
        let browser = app.signed_in().await;
        *hung.method.lock() = Some(method);
        *hung.panics.lock() = true;
        let visit = app.visit(&browser);
        let api = visit.api("op").unwrap();
        let (one, other) = tokio::join!(api.refresh(), api.refresh());
        assert!(one.is_err() && other.is_err(), "{method}");
        *hung.method.lock() = None;
        app.clock.advance(Duration::from_secs(120));
        tokio::time::advance(Duration::from_secs(120)).await;
        assert!(api.refresh().await.is_ok(), "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn f08_a_refresh_that_panics_is_not_tried_again_at_once() {
    let hung = Hung::default();
    let app = app(&hung);
    let browser = app.signed_in().await;
    *hung.method.lock() = Some("client: send");
    *hung.panics.lock() = true;
    let api = app.visit(&browser).api("op").unwrap();
    hung.called.lock().clear();
    for _ in 0..3 {
        assert!(api.refresh().await.is_err());
    }
    let called = hung.called.lock();
    let asked = called.iter().filter(|method| **method == "client: send");
    assert_eq!(asked.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn f08_a_refresh_that_panics_holds_up_no_later_one() {
    for method in ["client: send", "token: replace"] {
        let hung = Hung::default();
        let app = app(&hung);
        let browser = app.signed_in().await;
        let api = app.visit(&browser).api("op").unwrap();
        *hung.method.lock() = Some(method);
        *hung.panics.lock() = true;
        assert!(api.refresh().await.is_err(), "{method}");
        *hung.method.lock() = None;
        app.clock.advance(Duration::from_secs(2));
        let before = tokio::time::Instant::now();
        assert!(api.refresh().await.is_ok(), "{method}");
        assert_eq!(before.elapsed(), Duration::ZERO, "{method}");
    }
}
