//! A token storage that counts, shows what it keeps, and fails or waits when it is told to.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use oauth_dance::{
    Lease, MemoryStorage, Revision, SealedToken, StorageError, StorageKey, StoredToken,
    TokenStorage,
};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// What the storage keeps, by key.
pub(crate) type Stored = BTreeMap<StorageKey, Vec<u8>>;

/// What is wrong with the storage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Every call fails.
    Down,
    /// It works, and will not keep any token.
    Refuses,
}

/// The storage of the rig. Clones are the same storage.
#[derive(Clone)]
pub(crate) struct SpyStorage(Arc<Inner>);

struct Inner {
    storage: MemoryStorage,
    kept: Mutex<Stored>,
    trouble: Mutex<Option<Trouble>>,
    /// A replacement takes a permit to enter, and tells that it waits.
    door: Semaphore,
    waiting: Semaphore,
}

/// No more replacements are ever open at once.
const OPEN: usize = 1000;

impl SpyStorage {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            storage: MemoryStorage::new(),
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

    fn up(&self) -> Result<(), StorageError> {
        match *self.0.trouble.lock() {
            Some(Trouble::Down) => Err(StorageError::unavailable("asking", "told to be down")),
            _ => Ok(()),
        }
    }

    fn keeps(&self) -> Result<(), StorageError> {
        self.up()?;
        match *self.0.trouble.lock() {
            Some(Trouble::Refuses) => Err(StorageError::refused("told to refuse")),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl TokenStorage for SpyStorage {
    async fn load(&self, key: &StorageKey) -> Result<Option<StoredToken>, StorageError> {
        self.up()?;
        self.0.storage.load(key).await
    }

    async fn save(&self, key: &StorageKey, sealed: SealedToken) -> Result<Revision, StorageError> {
        self.keeps()?;
        let bytes = sealed.as_bytes().to_vec();
        self.0.kept.lock().insert(key.clone(), bytes);
        self.0.storage.save(key, sealed).await
    }

    async fn replace(
        &self,
        key: &StorageKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StorageError> {
        self.keeps()?;
        self.0.waiting.add_permits(1);
        let _entered = self.0.door.acquire().await.expect("never closed");
        let bytes = sealed.as_bytes().to_vec();
        let replaced = self.0.storage.replace(key, revision, sealed).await?;
        if replaced.is_some() {
            self.0.kept.lock().insert(key.clone(), bytes);
        }
        Ok(replaced)
    }

    async fn delete(&self, key: &StorageKey) -> Result<bool, StorageError> {
        self.up()?;
        self.0.kept.lock().remove(key);
        self.0.storage.delete(key).await
    }

    async fn lease(&self, key: &StorageKey, lease: Lease<'_>) -> Result<bool, StorageError> {
        self.up()?;
        self.0.storage.lease(key, lease).await
    }

    async fn release(&self, key: &StorageKey, holder: &str) -> Result<(), StorageError> {
        self.up()?;
        self.0.storage.release(key, holder).await
    }
}
