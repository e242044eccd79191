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
/// A store never sees who signed in where: the session is sealed, and so is the cookie. Who reads the store cannot
/// make the cookie of a browser. The application's user stands beside the session, for the list.
///
/// | verb | must |
/// |---|---|
/// | [`load`](Self::load) | return the record |
/// | [`change`](Self::change) | insert, replace or delete a record, if it still is what was loaded |
/// | [`touch`](Self::touch) | note when a session was last seen |
/// | [`of_user`](Self::of_user) | list the sessions of a user |
/// | [`end_user`](Self::end_user) | end them all, but those that are named |
/// | [`purge`](Self::purge) | delete what has expired |
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// Returns the record under `key`, if there is one. A record that has expired may be returned.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError>;

    /// Keeps `after` under `key`, or deletes the record if `after` is `None`, in one atomic step.
    ///
    /// Returns `false`, and changes nothing, unless the record's sealed bytes are `before`. If `before` is
    /// `None`, there must be no record. Of two changes to one record that happen at once, at most one succeeds.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails, or if a new record has no room.
    async fn change(
        &self,
        key: &SessionKey,
        before: Option<&[u8]>,
        after: Option<NewSession>,
    ) -> Result<bool, StoreError>;

    /// Notes that the session under `key` was seen at `now`, unless it was seen later already. Changes nothing
    /// else, and makes no record.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError>;

    /// Returns the sessions of `user` at `site` which expire after `now`, the one that was last seen
    /// first, at most [`MAX_LISTED`] of them. Identifiers are compared byte by byte, here and in
    /// [`end_user`](Self::end_user).
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

    /// Deletes all sessions of `user` at `site`, except those under the keys of `except`, in one atomic step. Returns
    /// the number of those that were deleted. `except` may name sessions of others, and sessions that do not exist.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn end_user(
        &self,
        site: &str,
        user: &str,
        except: &[SessionKey],
    ) -> Result<u64, StoreError>;

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

    async fn change(
        &self,
        key: &SessionKey,
        before: Option<&[u8]>,
        after: Option<NewSession>,
    ) -> Result<bool, StoreError> {
        (**self).change(key, before, after).await
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

    async fn end_user(
        &self,
        site: &str,
        user: &str,
        except: &[SessionKey],
    ) -> Result<u64, StoreError> {
        (**self).end_user(site, user, except).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        (**self).purge(now).await
    }
}

/// The key of a session: the site, and an identifier that stays the same as long as the session lasts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey {
    site: String,
    id: String,
}

impl SessionKey {
    /// How many characters an identifier has.
    pub(crate) const ID_CHARS: usize = 20;

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

    /// Returns whether a text may be the identifier of a session.
    pub(crate) fn is_id(text: &str) -> bool {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        text.len() == Self::ID_CHARS && text.bytes().all(is_base64url)
    }

    /// Returns the identifier: 20 characters of base64url.
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

/// A record as a store loaded it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// The sealed session.
    pub sealed: Vec<u8>,
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
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A session in the list of a user.
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
