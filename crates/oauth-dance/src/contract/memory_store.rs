//! A store in this process's memory, for tests, demonstrations and single-process tools.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::contract::token_store::{
    Lease, MAX_ACCOUNTS, Revision, SealedToken, StoreError, StoreKey, StoredAccount, StoredToken,
    TokenStore,
};
use crate::values::time::Timestamp;

/// Keeps sealed tokens in memory. Clones share one map, and a restart empties it.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    records: Arc<Mutex<Records>>,
}

#[derive(Debug, Default)]
struct Records {
    by_key: HashMap<StoreKey, Record>,
    last_revision: i64,
}

#[derive(Debug)]
struct Record {
    stored: StoredToken,
    lease: Option<(String, Option<Instant>)>,
}

impl MemoryStore {
    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of tokens in the store.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.lock().by_key.len()
    }

    /// Returns whether the store is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Records {
    fn write(&mut self, key: &StoreKey, sealed: SealedToken) -> Revision {
        // The counter belongs to the whole map, so a record stored anew after a deletion never
        // repeats a revision.
        self.last_revision += 1;
        let revision = Revision::new(self.last_revision);
        let record = Record {
            stored: StoredToken { sealed, revision },
            lease: None,
        };
        self.by_key.insert(key.clone(), record);
        revision
    }
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        let records = self.records.lock();
        Ok(records.by_key.get(key).map(|record| record.stored.clone()))
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        Ok(self.records.lock().write(key, sealed))
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        let mut records = self.records.lock();
        let unchanged = records
            .by_key
            .get(key)
            .is_some_and(|record| record.stored.revision == revision);
        Ok(unchanged.then(|| records.write(key, sealed)))
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        Ok(self.records.lock().by_key.remove(key).is_some())
    }

    async fn accounts(&self, key: &StoreKey) -> Result<Vec<StoredAccount>, StoreError> {
        let records = self.records.lock();
        let mut found: Vec<(Timestamp, Revision, &str)> = records
            .by_key
            .iter()
            .filter(|(it, _)| it.site() == key.site() && it.dance() == key.dance())
            .filter(|(it, _)| it.owner() == key.owner())
            .map(|(it, record)| {
                let StoredToken { sealed, revision } = &record.stored;
                (sealed.stored_at(), *revision, it.account())
            })
            .collect();
        found.sort_unstable_by(|one, other| other.cmp(one));
        let accounts = found.into_iter().take(MAX_ACCOUNTS);
        Ok(accounts
            .map(|(stored_at, _, account)| StoredAccount {
                account: account.to_owned(),
                stored_at,
            })
            .collect())
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let by_key = &mut self.records.lock().by_key;
        let before = by_key.len();
        by_key.retain(|_, record| {
            let expires_at = record.stored.sealed.expires_at();
            expires_at.is_none_or(|expires_at| expires_at > now)
        });
        Ok((before - by_key.len()) as u64)
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        let mut records = self.records.lock();
        let Some(record) = records.by_key.get_mut(key) else {
            return Ok(false);
        };
        let now = Instant::now();
        let taken = record.lease.as_ref().is_some_and(|(holder, until)| {
            holder != lease.holder && until.is_none_or(|until| until > now)
        });
        if !taken {
            // A time beyond the clock's range never comes.
            let until = now.checked_add(lease.lasts);
            record.lease = Some((lease.holder.to_owned(), until));
        }
        Ok(!taken)
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        if let Some(record) = self.records.lock().by_key.get_mut(key)
            && record
                .lease
                .as_ref()
                .is_some_and(|(held_by, _)| held_by == holder)
        {
            record.lease = None;
        }
        Ok(())
    }
}
