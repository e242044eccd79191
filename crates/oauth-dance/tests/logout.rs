//! A logout forgets what it can, and an application hears of it whatever the storage does.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use http::header::SET_COOKIE;
use http::{HeaderValue, Method};
use oauth_dance::{
    Dance, Lease, LoggedOut, MemoryStorage, OAUTH_LOGGED_OUT, Revision, SealedToken, StorageError,
    StorageKey, StoredToken, TokenStorage,
};

use self::support::{App, app_with};

/// A storage that may fail to load, to delete, or both.
#[derive(Clone, Default)]
struct Broken {
    storage: Arc<MemoryStorage>,
    loads: Arc<AtomicBool>,
    deletes: Arc<AtomicBool>,
}

fn fails(broken: &AtomicBool) -> Result<(), StorageError> {
    if broken.load(Ordering::Relaxed) {
        return Err(StorageError::unavailable("asking", "it is down"));
    }
    Ok(())
}

#[async_trait]
impl TokenStorage for Broken {
    async fn load(&self, key: &StorageKey) -> Result<Option<StoredToken>, StorageError> {
        fails(&self.loads)?;
        self.storage.load(key).await
    }

    async fn save(&self, key: &StorageKey, sealed: SealedToken) -> Result<Revision, StorageError> {
        self.storage.save(key, sealed).await
    }

    async fn replace(
        &self,
        key: &StorageKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StorageError> {
        self.storage.replace(key, revision, sealed).await
    }

    async fn delete(&self, key: &StorageKey) -> Result<bool, StorageError> {
        fails(&self.deletes)?;
        self.storage.delete(key).await
    }

    async fn lease(&self, key: &StorageKey, lease: Lease<'_>) -> Result<bool, StorageError> {
        self.storage.lease(key, lease).await
    }

    async fn release(&self, key: &StorageKey, holder: &str) -> Result<(), StorageError> {
        self.storage.release(key, holder).await
    }
}

/// An application that ends its own session when a browser signs out.
fn app(storage: &Broken) -> App {
    let app = app_with(|dance| dance.store(storage.clone()), |dances| dances);
    let signal = app.signals.of(&OAUTH_LOGGED_OUT);
    signal.connect(|_: &Dance, logout: &LoggedOut| {
        assert_eq!(logout.request().uri.path(), "/logout/op");
        logout.set_cookie(HeaderValue::from_static("own=; Max-Age=0"));
    });
    app
}

#[tokio::test]
async fn i16_the_application_ends_its_session_also_when_the_storage_is_down() {
    for (down, status) in [(false, 303), (true, 503)] {
        let storage = Broken::default();
        let app = app(&storage);
        let mut browser = app.signed_in().await;
        storage.loads.store(down, Ordering::Relaxed);
        storage.deletes.store(down, Ordering::Relaxed);
        let answer = app.ask(&mut browser, Method::POST, "/logout/op").await;
        assert_eq!(answer.status(), status);
        let cookies = answer.headers().get_all(SET_COOKIE);
        assert!(cookies.iter().any(|cookie| cookie == "own=; Max-Age=0"));
        assert!(app.visit(&browser).owner("op").is_none());
    }
}

#[tokio::test]
async fn i16_a_token_that_cannot_be_loaded_is_deleted() {
    let storage = Broken::default();
    let app = app(&storage);
    let mut browser = app.signed_in().await;
    let owner = app.visit(&browser).owner("op").unwrap().clone();
    storage.loads.store(true, Ordering::Relaxed);
    let answer = app.ask(&mut browser, Method::POST, "/logout/op").await;
    assert_eq!(answer.status(), 303);
    let key = StorageKey::new("op", owner);
    assert!(storage.storage.load(&key).await.unwrap().is_none());
}
