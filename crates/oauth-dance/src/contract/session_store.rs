//! The contract with a session store: sealed sessions, one record per browser and site.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::contract::token_store::StoreError;
use crate::values::time::Timestamp;

/// Keeps the sessions of browsers on the server. By default they are kept in sealed cookies.
///
/// With a session store a copied cookie is worthless after the logout, and an application can list the
/// sessions of a user and end them ([`Dances::sessions`](crate::Dances::sessions)).
///
/// A store never sees who signed in where, nor the identifier in a browser's cookie: the session is
/// sealed, and its key is a hash. The application's user stands beside it, for the list.
///
/// A record is *live* until a change supersedes or ends it. The content of a live record never changes:
/// each sign-in and sign-out puts a new record under a new key. A superseded record stays for a moment,
/// for requests that were on their way; it is never listed, and it never becomes live again.
///
/// | verb | must |
/// |---|---|
/// | [`load`](Self::load) | return the record, live or superseded |
/// | [`insert`](Self::insert) | keep a live record under a new key |
/// | [`change`](Self::change) | supersede or end live records and insert one, all of it or nothing |
/// | [`touch`](Self::touch) | note when a live session was last seen |
/// | [`of_user`](Self::of_user) | list the live sessions of a user |
/// | [`end_user`](Self::end_user) | end them all |
/// | [`purge`](Self::purge) | delete what has expired |
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// Returns the record under `key`, if there is one. A record that has expired may be returned.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError>;

    /// Keeps `session` under `key`, which no record has had before.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached, fails or is full.
    async fn insert(&self, key: &SessionKey, session: NewSession) -> Result<(), StoreError>;

    /// Takes leave of the records `old`, and keeps `new` in their place, in one atomic step.
    ///
    /// Returns `false`, and changes nothing, unless every record of `old` is live. Of two changes to one
    /// record that happen at once, at most one succeeds.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached, fails or is full.
    async fn change(
        &self,
        old: &[LeftSession],
        new: Option<(&SessionKey, NewSession)>,
    ) -> Result<bool, StoreError>;

    /// Notes that the live session under `key` was seen at `now`. Changes nothing else, and nothing at all
    /// if the session is not live.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError>;

    /// Returns the live sessions of `user` at `site` which expire after `now`, the one that was last seen
    /// first, at most [`MAX_LISTED`] of them.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn of_user(
        &self,
        site: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError>;

    /// Deletes all live sessions of `user` at `site`. Returns their number.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn end_user(&self, site: &str, user: &str) -> Result<u64, StoreError>;

    /// Deletes the records that have expired at `now`. Returns their number. The dance calls it now and
    /// then after a login.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError>;
}

/// The most sessions of one user that [`SessionStore::of_user`] returns.
pub const MAX_LISTED: usize = 1000;

#[async_trait]
impl<T: SessionStore + ?Sized> SessionStore for Arc<T> {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        (**self).load(key).await
    }

    async fn insert(&self, key: &SessionKey, session: NewSession) -> Result<(), StoreError> {
        (**self).insert(key, session).await
    }

    async fn change(
        &self,
        old: &[LeftSession],
        new: Option<(&SessionKey, NewSession)>,
    ) -> Result<bool, StoreError> {
        (**self).change(old, new).await
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        (**self).touch(key, now).await
    }

    async fn of_user(
        &self,
        site: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        (**self).of_user(site, user, now).await
    }

    async fn end_user(&self, site: &str, user: &str) -> Result<u64, StoreError> {
        (**self).end_user(site, user).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        (**self).purge(now).await
    }
}

/// The key of a session: the site, and a hash of the identifier that the browser's cookie carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey {
    site: String,
    id: String,
}

impl SessionKey {
    /// Makes the key of the session `id` at `site`.
    #[must_use]
    pub fn new(site: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            site: site.into(),
            id: id.into(),
        }
    }

    /// Returns the site: the origin of the application and the namespace of its cookies.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Returns the identifier: 43 characters of base64url.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// A session as a store keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The session, sealed: opaque, at most [`NewSession::MAX_BYTES`] long.
    pub sealed: Vec<u8>,
    /// The application's user, for the list: at most [`Owner::MAX_BYTES`](crate::Owner::MAX_BYTES) long.
    pub user: Option<String>,
    /// When the browser signed in first.
    pub made_at: Timestamp,
    /// When the browser was last seen.
    pub seen_at: Timestamp,
    /// When the session ends.
    pub expires_at: Timestamp,
}

impl NewSession {
    /// The longest sealed session that the dance asks a store to keep: 16 KiB.
    pub const MAX_BYTES: usize = 16 * 1024;
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession")
            .field("sealed_bytes", &self.sealed.len())
            .field("user", &self.user)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A record that [`SessionStore::change`] takes leave of.
#[derive(Clone)]
pub struct LeftSession {
    /// The key of the record.
    pub key: SessionKey,
    /// The sealed content that a superseded record has from now on, and when that expires. If it is
    /// `None`, the record is deleted.
    pub superseded: Option<(Vec<u8>, Timestamp)>,
}

impl fmt::Debug for LeftSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeftSession")
            .field("key", &self.key)
            .field("is_superseded", &self.superseded.is_some())
            .finish()
    }
}

/// A record as a store loaded it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// The sealed session.
    pub sealed: Vec<u8>,
    /// Whether the record is live. A superseded one is not.
    pub is_live: bool,
    /// When the browser signed in first.
    pub made_at: Timestamp,
    /// When the browser was last seen.
    pub seen_at: Timestamp,
    /// When the record expires.
    pub expires_at: Timestamp,
}

impl fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSession")
            .field("sealed_bytes", &self.sealed.len())
            .field("is_live", &self.is_live)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A live session in the list of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSession {
    /// The key of the record.
    pub key: SessionKey,
    /// When the browser signed in first.
    pub made_at: Timestamp,
    /// When the browser was last seen.
    pub seen_at: Timestamp,
    /// When the session ends.
    pub expires_at: Timestamp,
}
