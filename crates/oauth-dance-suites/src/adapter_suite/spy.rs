//! A token store that counts, shows what it keeps, and fails or waits when it is told to.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use oauth_dance::{
    Lease, MemoryStore, Revision, SealedToken, StoreError, StoreKey, StoredToken, TokenStore,
};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// What the store keeps, by key.
pub(crate) type Stored = BTreeMap<StoreKey, Vec<u8>>;

/// What is wrong with the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Every call fails.
    Down,
    /// It works, and will not keep any token.
    Refuses,
}

/// The store of the rig. Clones are the same store.
#[derive(Clone)]
pub(crate) struct SpyStore(Arc<Inner>);

struct Inner {
    store: MemoryStore,
    kept: Mutex<Stored>,
    trouble: Mutex<Option<Trouble>>,
    /// A replacement takes a permit to enter, and tells that it waits.
    door: Semaphore,
    waiting: Semaphore,
}

/// No more replacements are ever open at once.
const OPEN: usize = 1000;

impl SpyStore {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            store: MemoryStore::new(),
            kept: Mutex::default(),
            trouble: Mutex::default(),
            door: Semaphore::new(OPEN),
            waiting: Semaphore::new(0),
        }))
    }

    /// A copy of everything it keeps.
    pub(crate) fn stored(&self) -> Stored {
        self.0.kept.lock().clone()
    }

    /// Makes trouble from now on, or none.
    pub(crate) fn trouble(&self, trouble: Option<Trouble>) {
        *self.0.trouble.lock() = trouble;
    }

    /// Holds up every replacement from now on, until the door is opened.
    pub(crate) fn close_door(&self) {
        self.0.door.forget_permits(OPEN);
    }

    /// Waits until a replacement stands at the closed door.
    pub(crate) async fn somebody_at_the_door(&self) {
        let waiting = self.0.waiting.acquire().await;
        waiting.expect("never closed").forget();
    }

    /// Lets the replacements in.
    pub(crate) fn open_door(&self) {
        self.0.door.add_permits(OPEN);
    }

    fn up(&self) -> Result<(), StoreError> {
        match *self.0.trouble.lock() {
            Some(Trouble::Down) => Err(StoreError::unavailable("asking", "told to be down")),
            _ => Ok(()),
        }
    }

    fn keeps(&self) -> Result<(), StoreError> {
        self.up()?;
        match *self.0.trouble.lock() {
            Some(Trouble::Refuses) => Err(StoreError::refused("told to refuse")),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl TokenStore for SpyStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        self.up()?;
        self.0.store.load(key).await
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        self.keeps()?;
        let bytes = sealed.as_bytes().to_vec();
        self.0.kept.lock().insert(key.clone(), bytes);
        self.0.store.save(key, sealed).await
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        self.keeps()?;
        self.0.waiting.add_permits(1);
        let _entered = self.0.door.acquire().await.expect("never closed");
        let bytes = sealed.as_bytes().to_vec();
        let replaced = self.0.store.replace(key, revision, sealed).await?;
        if replaced.is_some() {
            self.0.kept.lock().insert(key.clone(), bytes);
        }
        Ok(replaced)
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.up()?;
        self.0.kept.lock().remove(key);
        self.0.store.delete(key).await
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        self.up()?;
        self.0.store.lease(key, lease).await
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        self.up()?;
        self.0.store.release(key, holder).await
    }
}
