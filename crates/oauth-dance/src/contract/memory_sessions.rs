//! Sessions in this process's memory, bounded.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::contract::session_store::{
    ListedSession, MAX_LISTED, NewSession, SessionKey, SessionStore, StoredSession,
};
use crate::contract::token_store::StoreError;
use crate::values::time::Timestamp;

/// Keeps sessions in memory, for a single process and for tests. Clones share one map, and a restart
/// empties it.
///
/// The store holds at most [`MAX_SESSIONS`](Self::MAX_SESSIONS), or as many as
/// [`with_max_sessions`](Self::with_max_sessions) says. If it is full of sessions that have not expired,
/// it refuses a new login with [`StoreUnavailable`](crate::LoginError::StoreUnavailable), and it never ends
/// a session of another browser.
#[derive(Debug, Clone)]
pub struct MemorySessionStore {
    sessions: Arc<Mutex<Sessions>>,
}

#[derive(Debug)]
struct Sessions {
    records: Records,
    max: usize,
    purged_at: Timestamp,
}

type Records = HashMap<SessionKey, Record>;

#[derive(Debug)]
struct Record {
    session: StoredSession,
    user: Option<String>,
}

impl Default for MemorySessionStore {
    fn default() -> Self {
        Self::with_max_sessions(Self::MAX_SESSIONS)
    }
}

impl MemorySessionStore {
    /// The most records that are kept at one time, unless told otherwise.
    pub const MAX_SESSIONS: usize = 1_000_000;

    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an empty store that holds at most `max` sessions.
    #[must_use]
    pub fn with_max_sessions(max: usize) -> Self {
        let sessions = Sessions {
            records: Records::new(),
            max,
            purged_at: Timestamp::default(),
        };
        Self {
            sessions: Arc::new(Mutex::new(sessions)),
        }
    }

    /// Returns the number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.lock().records.len()
    }

    /// Returns whether the store is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Sessions {
    /// Makes sure that one more session has room. What has expired gives way.
    fn make_room(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let max = self.max;
        let is_full = |records: &Records| records.len() >= max;
        // A store that is full of living sessions does not look at all of them at each login. The clock may have been
        // set back since it looked.
        if is_full(&self.records) && self.purged_at != now {
            self.purge(now);
        }
        if is_full(&self.records) {
            let full = "it holds as many sessions as it may";
            return Err(StoreError::unavailable("keeping a session", full));
        }
        Ok(())
    }

    fn insert(&mut self, key: &SessionKey, new: NewSession) {
        let session = StoredSession {
            sealed: new.sealed,
            made_at: new.made_at,
            seen_at: new.seen_at,
            expires_at: new.expires_at,
        };
        let user = new.user;
        self.records.insert(key.clone(), Record { session, user });
    }

    fn purge(&mut self, now: Timestamp) -> u64 {
        let before = self.records.len();
        self.records
            .retain(|_, record| record.session.expires_at > now);
        self.purged_at = now;
        (before - self.records.len()) as u64
    }
}

#[async_trait]
impl SessionStore for MemorySessionStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        let sessions = self.sessions.lock();
        Ok(sessions
            .records
            .get(key)
            .map(|record| record.session.clone()))
    }

    async fn change(
        &self,
        key: &SessionKey,
        before: Option<&[u8]>,
        after: Option<NewSession>,
    ) -> Result<bool, StoreError> {
        let mut sessions = self.sessions.lock();
        let found = sessions.records.get(key);
        if found.map(|record| &*record.session.sealed) != before {
            return Ok(false);
        }
        match after {
            None => _ = sessions.records.remove(key),
            Some(session) => {
                if before.is_none() {
                    sessions.make_room(session.seen_at)?;
                }
                sessions.insert(key, session);
            }
        }
        Ok(true)
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        if let Some(record) = self.sessions.lock().records.get_mut(key) {
            record.session.seen_at = record.session.seen_at.max(now);
        }
        Ok(())
    }

    async fn of_user(
        &self,
        site: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        let sessions = self.sessions.lock();
        let mut listed: Vec<ListedSession> = sessions
            .records
            .iter()
            .filter(|(key, record)| key.site() == site && record.user.as_deref() == Some(user))
            .filter(|(_, record)| record.session.expires_at > now)
            .map(|(key, record)| ListedSession {
                key: key.clone(),
                made_at: record.session.made_at,
                seen_at: record.session.seen_at,
                expires_at: record.session.expires_at,
            })
            .collect();
        listed.sort_by_key(|one| (Reverse(one.seen_at), one.key.clone()));
        listed.truncate(MAX_LISTED);
        Ok(listed)
    }

    async fn end_user(
        &self,
        site: &str,
        user: &str,
        except: &[SessionKey],
    ) -> Result<u64, StoreError> {
        let mut sessions = self.sessions.lock();
        let before = sessions.records.len();
        let ends = |key: &SessionKey, record: &Record| {
            key.site() == site && record.user.as_deref() == Some(user) && !except.contains(key)
        };
        sessions.records.retain(|key, record| !ends(key, record));
        Ok((before - sessions.records.len()) as u64)
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.sessions.lock().purge(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn insert(store: &MemorySessionStore, id: u32, now: u64, lasts: u64) -> bool {
        let now = Timestamp::from_unix_seconds(now);
        let session = NewSession {
            sealed: Vec::new(),
            user: None,
            made_at: now,
            seen_at: now,
            expires_at: now.plus(std::time::Duration::from_secs(lasts)),
        };
        let key = SessionKey::new("site", id.to_string());
        store.change(&key, None, Some(session)).await.is_ok()
    }

    #[tokio::test]
    async fn a11_a_store_looks_for_expired_sessions_when_it_is_full_and_once_a_second() {
        let store = MemorySessionStore::with_max_sessions(2);
        assert!(insert(&store, 1, 10, 5).await);
        // Expired, and in no way of the next one.
        assert!(insert(&store, 2, 20, 1).await);
        assert_eq!(store.len(), 2);
        assert!(insert(&store, 3, 20, 5).await);
        assert_eq!(store.len(), 2);
        // It has looked in this second.
        assert!(!insert(&store, 4, 20, 5).await);
        assert!(insert(&store, 4, 21, 5).await);
    }

    #[tokio::test]
    async fn a11_a_store_that_looked_when_the_clock_was_fast_looks_again() {
        let store = MemorySessionStore::with_max_sessions(1);
        store
            .purge(Timestamp::from_unix_seconds(3600))
            .await
            .unwrap();
        assert!(insert(&store, 1, 10, 5).await);
        assert!(!insert(&store, 2, 14, 5).await);
        assert!(insert(&store, 2, 15, 5).await);
    }

    #[tokio::test]
    async fn a11_a_store_that_is_full_looks_once_a_second_whatever_expires_meanwhile() {
        let store = MemorySessionStore::with_max_sessions(1);
        assert!(insert(&store, 1, 10, 10).await);
        assert!(insert(&store, 2, 20, 0).await);
        assert!(!insert(&store, 3, 20, 5).await);
        assert!(insert(&store, 3, 21, 5).await);
    }
}
