//! Pending logins in this process's memory, bounded.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::contract::pending_store::PendingStore;
use crate::contract::token_store::StoreError;
use crate::values::time::Timestamp;

/// Keeps pending logins in memory, for a single process and for tests. Clones share one map.
///
/// The store holds at most [`MAX_LOGINS`](Self::MAX_LOGINS). If it is full, the logins that expire first
/// are dropped. A flood of begun logins thus neither exhausts the memory nor shuts out the newest visitor.
#[derive(Debug, Clone, Default)]
pub struct MemoryPendingStore {
    logins: Arc<Mutex<Logins>>,
}

/// By identifier: when the login expires, and the sealed login.
type Logins = HashMap<String, (Timestamp, Vec<u8>)>;

impl MemoryPendingStore {
    /// The most logins that wait at one time.
    pub const MAX_LOGINS: usize = 10_000;

    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of logins that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.logins.lock().len()
    }

    /// Returns whether no login waits.
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
    ) -> Result<(), StoreError> {
        let mut logins = self.logins.lock();
        if logins.len() >= Self::MAX_LOGINS {
            make_room(&mut logins);
        }
        logins.insert(id.to_owned(), (expires_at, sealed));
        Ok(())
    }

    async fn take(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.logins.lock().remove(id).map(|(_, sealed)| sealed))
    }
}

/// Drops the tenth that expires first. In batches, so that a full store does not sort at every insert.
fn make_room(logins: &mut Logins) {
    let mut expiries: Vec<Timestamp> = logins.values().map(|(expires_at, _)| *expires_at).collect();
    let to_drop = expiries.len() / 10 + 1;
    let (earlier, cutoff, _) = expiries.select_nth_unstable(to_drop - 1);
    let cutoff = *cutoff;
    // Of the logins that expire at the cutoff itself, only as many as are still wanted.
    let mut ties = to_drop - earlier.iter().filter(|expires| **expires < cutoff).count();
    logins.retain(|_, (expires_at, _)| match (*expires_at).cmp(&cutoff) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal if ties > 0 => {
            ties -= 1;
            false
        }
        Ordering::Equal => true,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a11_a_flood_is_bounded_and_the_first_to_expire_give_way() {
        // A hundred logins a second, so that the cut falls among logins that expire together.
        let expires_at = |number: usize| Timestamp::from_unix_seconds(number as u64 / 100);
        let store = MemoryPendingStore::new();
        for number in 0..=MemoryPendingStore::MAX_LOGINS {
            store
                .insert(&number.to_string(), Vec::new(), expires_at(number))
                .await
                .unwrap();
        }
        assert_eq!(store.len(), MemoryPendingStore::MAX_LOGINS * 9 / 10);

        let mut kept = Vec::new();
        for number in 0..=MemoryPendingStore::MAX_LOGINS {
            if store.take(&number.to_string()).await.unwrap().is_some() {
                kept.push(number);
            }
        }
        let (first_kept, dropped) = (kept[0], MemoryPendingStore::MAX_LOGINS / 10);
        assert!(
            expires_at(first_kept) >= expires_at(dropped),
            "{first_kept} was kept"
        );
        assert_eq!(kept.last(), Some(&MemoryPendingStore::MAX_LOGINS));
    }

    #[tokio::test]
    async fn a11_of_logins_that_expire_one_by_one_the_first_give_way() {
        let store = MemoryPendingStore::new();
        for number in 0..=MemoryPendingStore::MAX_LOGINS {
            let expires_at = Timestamp::from_unix_seconds(number as u64);
            store
                .insert(&number.to_string(), Vec::new(), expires_at)
                .await
                .unwrap();
        }
        let dropped = MemoryPendingStore::MAX_LOGINS / 10;
        assert_eq!(store.take(&dropped.to_string()).await.unwrap(), None);
        let kept = store.take(&(dropped + 1).to_string()).await.unwrap();
        assert!(kept.is_some());
    }

    #[tokio::test]
    async fn a11_of_logins_that_expire_together_a_tenth_gives_way() {
        let store = MemoryPendingStore::new();
        for number in 0..=MemoryPendingStore::MAX_LOGINS {
            store
                .insert(&number.to_string(), Vec::new(), Timestamp::default())
                .await
                .unwrap();
        }
        assert_eq!(store.len(), MemoryPendingStore::MAX_LOGINS * 9 / 10);
    }

    #[tokio::test]
    async fn a_login_is_taken_once() {
        let store = MemoryPendingStore::new();
        assert!(store.is_empty());
        store
            .insert("id", vec![1], Timestamp::default())
            .await
            .unwrap();
        assert!(!store.is_empty());
        assert_eq!(store.take("id").await.unwrap(), Some(vec![1]));
        assert_eq!(store.take("id").await.unwrap(), None);
    }
}
