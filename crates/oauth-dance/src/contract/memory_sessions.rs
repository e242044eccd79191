//! Sessions in this process's memory, bounded.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::contract::session_store::{
    LeftSession, ListedSession, MAX_LISTED, NewSession, SessionKey, SessionStore, StoredSession,
};
use crate::contract::token_store::StoreError;
use crate::values::time::Timestamp;

/// Keeps sessions in memory, for a single process and for tests. Clones share one map, and a restart
/// empties it.
///
/// The store holds at most [`MAX_SESSIONS`](Self::MAX_SESSIONS), superseded ones included. If it is full,
/// it refuses a new login with [`StoreUnavailable`](crate::LoginError::StoreUnavailable), and it never ends
/// a session of another browser.
#[derive(Debug, Clone, Default)]
pub struct MemorySessionStore {
    sessions: Arc<Mutex<Sessions>>,
}

type Sessions = HashMap<SessionKey, Record>;

#[derive(Debug)]
struct Record {
    session: StoredSession,
    user: Option<String>,
}

impl MemorySessionStore {
    /// The most records that are kept at one time.
    pub const MAX_SESSIONS: usize = 1_000_000;

    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of records, superseded ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.lock().len()
    }

    /// Returns whether the store is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn insert(sessions: &mut Sessions, key: &SessionKey, new: NewSession) -> Result<(), StoreError> {
    if sessions.len() >= MemorySessionStore::MAX_SESSIONS {
        let full = "it holds as many sessions as it may";
        return Err(StoreError::unavailable("keeping a session", full));
    }
    let session = StoredSession {
        sealed: new.sealed,
        is_live: true,
        made_at: new.made_at,
        seen_at: new.seen_at,
        expires_at: new.expires_at,
    };
    let user = new.user;
    sessions.insert(key.clone(), Record { session, user });
    Ok(())
}

fn is_live(sessions: &Sessions, key: &SessionKey) -> bool {
    sessions
        .get(key)
        .is_some_and(|record| record.session.is_live)
}

#[async_trait]
impl SessionStore for MemorySessionStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        let sessions = self.sessions.lock();
        Ok(sessions.get(key).map(|record| record.session.clone()))
    }

    async fn insert(&self, key: &SessionKey, session: NewSession) -> Result<(), StoreError> {
        insert(&mut self.sessions.lock(), key, session)
    }

    async fn change(
        &self,
        old: &[LeftSession],
        new: Option<(&SessionKey, NewSession)>,
    ) -> Result<bool, StoreError> {
        let mut sessions = self.sessions.lock();
        if !old.iter().all(|left| is_live(&sessions, &left.key)) {
            return Ok(false);
        }
        if let Some((key, session)) = new {
            insert(&mut sessions, key, session)?;
        }
        for left in old {
            match &left.superseded {
                None => {
                    sessions.remove(&left.key);
                }
                Some((sealed, expires_at)) => {
                    if let Some(record) = sessions.get_mut(&left.key) {
                        record.user = None;
                        record.session.is_live = false;
                        record.session.sealed.clone_from(sealed);
                        record.session.expires_at = *expires_at;
                    }
                }
            }
        }
        Ok(true)
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        if let Some(record) = self.sessions.lock().get_mut(key)
            && record.session.is_live
        {
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
            .iter()
            .filter(|(key, record)| key.site() == site && record.user.as_deref() == Some(user))
            .filter(|(_, record)| record.session.is_live && record.session.expires_at > now)
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

    async fn end_user(&self, site: &str, user: &str) -> Result<u64, StoreError> {
        let mut sessions = self.sessions.lock();
        let before = sessions.len();
        sessions.retain(|key, record| {
            !(key.site() == site && record.session.is_live && record.user.as_deref() == Some(user))
        });
        Ok((before - sessions.len()) as u64)
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut sessions = self.sessions.lock();
        let before = sessions.len();
        sessions.retain(|_, record| record.session.expires_at > now);
        Ok((before - sessions.len()) as u64)
    }
}
