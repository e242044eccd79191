//! Pending logins in this process's memory, bounded.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::pending::PendingStore;
use crate::storage::StorageError;
use crate::time::Timestamp;

/// Keeps pending logins in memory; clones share them. For one process, tests included.
///
/// It holds at most [`MAX_LOGINS`](Self::MAX_LOGINS); when it is full, those that expire first give
/// way, so that a flood of begun logins bounds memory and not the newest visitor.
#[derive(Debug, Clone, Default)]
pub struct MemoryPendingStore {
    logins: Arc<Mutex<Logins>>,
}

/// By identifier: when the login expires, and the sealed login.
type Logins = HashMap<String, (Timestamp, Vec<u8>)>;

impl MemoryPendingStore {
    /// How many logins wait at most.
    pub const MAX_LOGINS: usize = 10_000;

    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many logins wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.logins.lock().len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[async_trait]
impl PendingStore for MemoryPendingStore {
    async fn insert(
        &self,
        id: &str,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), StorageError> {
        let mut logins = self.logins.lock();
        if logins.len() >= Self::MAX_LOGINS {
            make_room(&mut logins);
        }
        logins.insert(id.to_owned(), (expires_at, sealed));
        Ok(())
    }

    async fn take(&self, id: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.logins.lock().remove(id).map(|(_, sealed)| sealed))
    }
}

/// Drops the tenth that expires first. In batches, so that a full store does not sort at every insert.
fn make_room(logins: &mut Logins) {
    let mut expiries: Vec<Timestamp> = logins.values().map(|(expires_at, _)| *expires_at).collect();
    let tenth = expiries.len() / 10;
    let (_, cutoff, _) = expiries.select_nth_unstable(tenth);
    let cutoff = *cutoff;
    let mut to_drop = tenth + 1;
    logins.retain(|_, (expires_at, _)| {
        let drop = to_drop > 0 && *expires_at <= cutoff;
        to_drop -= usize::from(drop);
        !drop
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a11_a_flood_is_bounded_and_the_newest_stays() {
        let store = MemoryPendingStore::new();
        for number in 0..=MemoryPendingStore::MAX_LOGINS as u64 {
            let expires_at = Timestamp::from_unix_seconds(number / 100);
            store
                .insert(&number.to_string(), Vec::new(), expires_at)
                .await
                .unwrap();
        }
        assert!(store.len() <= MemoryPendingStore::MAX_LOGINS);
        let newest = MemoryPendingStore::MAX_LOGINS.to_string();
        assert!(store.take(&newest).await.unwrap().is_some());
        assert!(store.take("0").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_login_is_taken_once() {
        let store = MemoryPendingStore::new();
        store
            .insert("id", vec![1], Timestamp::default())
            .await
            .unwrap();
        assert_eq!(store.take("id").await.unwrap(), Some(vec![1]));
        assert_eq!(store.take("id").await.unwrap(), None);
    }
}
