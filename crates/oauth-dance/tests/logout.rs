//! A logout forgets what it can, and an application hears of it whatever the store does.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use http::header::SET_COOKIE;
use http::{HeaderValue, Method};
use oauth_dance::{
    Dance, Lease, LoggedOut, MemoryStore, OAUTH_LOGGED_OUT, Revision, SealedToken, StoreError,
    StoreKey, StoredToken, TokenStore,
};

use self::support::{App, app_with};

/// A store that may fail to load, to delete, or both.
#[derive(Clone, Default)]
struct Broken {
    store: Arc<MemoryStore>,
    loads: Arc<AtomicBool>,
    deletes: Arc<AtomicBool>,
}

fn fails(broken: &AtomicBool) -> Result<(), StoreError> {
    if broken.load(Ordering::Relaxed) {
        return Err(StoreError::unavailable("asking", "it is down"));
    }
    Ok(())
}

#[async_trait]
impl TokenStore for Broken {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        fails(&self.loads)?;
        self.store.load(key).await
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        self.store.save(key, sealed).await
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        self.store.replace(key, revision, sealed).await
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        fails(&self.deletes)?;
        self.store.delete(key).await
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        self.store.lease(key, lease).await
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        self.store.release(key, holder).await
    }
}

/// An application that ends its own session when a browser signs out.
fn app(store: &Broken) -> App {
    let app = app_with(|dance| dance.store(store.clone()), |dances| dances);
    let signal = app.signals.of(&OAUTH_LOGGED_OUT);
    signal.connect(|_: &Dance, logout: &LoggedOut| {
        assert_eq!(logout.request().uri.path(), "/logout/op");
        logout.set_cookie(HeaderValue::from_static("own=; Max-Age=0"));
    });
    app
}

#[tokio::test]
async fn i16_the_application_ends_its_session_also_when_the_store_is_down() {
    for (down, status) in [(false, 303), (true, 503)] {
        let store = Broken::default();
        let app = app(&store);
        let mut browser = app.signed_in().await;
        store.loads.store(down, Ordering::Relaxed);
        store.deletes.store(down, Ordering::Relaxed);
        let answer = app.ask(&mut browser, Method::POST, "/logout/op").await;
        assert_eq!(answer.status(), status);
        let cookies = answer.headers().get_all(SET_COOKIE);
        assert!(cookies.iter().any(|cookie| cookie == "own=; Max-Age=0"));
        assert!(app.visit(&browser).owner("op").is_none());
    }
}

#[tokio::test]
async fn i16_a_token_that_cannot_be_loaded_is_deleted() {
    let store = Broken::default();
    let app = app(&store);
    let mut browser = app.signed_in().await;
    let owner = app.visit(&browser).owner("op").unwrap().clone();
    store.loads.store(true, Ordering::Relaxed);
    let answer = app.ask(&mut browser, Method::POST, "/logout/op").await;
    assert_eq!(answer.status(), 303);
    let key = StoreKey::new("op", owner);
    assert!(store.store.load(&key).await.unwrap().is_none());
}
