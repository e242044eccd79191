//! The contract with a token storage: opaque sealed records under `(provider, owner)`.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::values::failure::{Failed, LoginFailure};
use crate::values::owner::Owner;
use crate::values::time::Timestamp;

/// Keeps sealed tokens, one record per [`StorageKey`].
///
/// A storage never sees a token: the dance seals it first (authenticated, encrypted, and bound to its
/// key, so that a record copied to another row opens for nobody) and hands over opaque bytes. That
/// leaves a storage six verbs to get right, all of them required:
///
/// | verb | must |
/// |---|---|
/// | [`load`](Self::load) | answer the newest record, or `None` |
/// | [`save`](Self::save) | put the record in place of whatever was there, atomically |
/// | [`replace`](Self::replace) | the same, but only if the revision is still the one that was loaded |
/// | [`delete`](Self::delete) | forget the record and any lease on it |
/// | [`lease`](Self::lease), [`release`](Self::release) | let one process at a time refresh a token |
///
/// `oauth_dance_testkit::storage_suite!` holds an implementation to this table.
#[async_trait]
pub trait TokenStorage: Send + Sync + 'static {
    /// The record under `key`, if there is one.
    ///
    /// # Errors
    ///
    /// When the storage cannot be asked, or refuses.
    async fn load(&self, key: &StorageKey) -> Result<Option<StoredToken>, StorageError>;

    /// Stores `sealed` under `key` in place of any earlier record, and ends any lease on it.
    ///
    /// # Errors
    ///
    /// When the storage cannot be asked, or refuses (see [`StorageError::refused`]).
    async fn save(&self, key: &StorageKey, sealed: SealedToken) -> Result<Revision, StorageError>;

    /// Stores `sealed` only if the record under `key` still has `revision`; `None` means that it has
    /// changed or gone, and nothing was written. A write ends any lease on the record. A token deleted by
    /// a logout thus never comes back through a refresh that was on its way.
    ///
    /// # Errors
    ///
    /// When the storage cannot be asked, or refuses.
    async fn replace(
        &self,
        key: &StorageKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StorageError>;

    /// Deletes the record under `key`; answers whether there was one.
    ///
    /// # Errors
    ///
    /// When the storage cannot be asked.
    async fn delete(&self, key: &StorageKey) -> Result<bool, StorageError>;

    /// Tries to become the one who refreshes the token under `key`: true if there is a record and no
    /// other holder has a lease on it at `lease.now`. A lease is over at its `until`; its holder may
    /// ask again and thereby renews it.
    ///
    /// # Errors
    ///
    /// When the storage cannot be asked.
    async fn lease(&self, key: &StorageKey, lease: Lease<'_>) -> Result<bool, StorageError>;

    /// Ends the lease of `holder`, if it still has it.
    ///
    /// # Errors
    ///
    /// When the storage cannot be asked.
    async fn release(&self, key: &StorageKey, holder: &str) -> Result<(), StorageError>;
}

#[async_trait]
impl<T: TokenStorage + ?Sized> TokenStorage for Arc<T> {
    async fn load(&self, key: &StorageKey) -> Result<Option<StoredToken>, StorageError> {
        (**self).load(key).await
    }

    async fn save(&self, key: &StorageKey, sealed: SealedToken) -> Result<Revision, StorageError> {
        (**self).save(key, sealed).await
    }

    async fn replace(
        &self,
        key: &StorageKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StorageError> {
        (**self).replace(key, revision, sealed).await
    }

    async fn delete(&self, key: &StorageKey) -> Result<bool, StorageError> {
        (**self).delete(key).await
    }

    async fn lease(&self, key: &StorageKey, lease: Lease<'_>) -> Result<bool, StorageError> {
        (**self).lease(key, lease).await
    }

    async fn release(&self, key: &StorageKey, holder: &str) -> Result<(), StorageError> {
        (**self).release(key, holder).await
    }
}

/// Where a token is kept: the name of the dance and the owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StorageKey {
    dance: String,
    owner: Owner,
}

impl StorageKey {
    /// The key of `owner`'s token from the dance called `dance`.
    #[must_use]
    pub fn new(dance: impl Into<String>, owner: Owner) -> Self {
        Self {
            dance: dance.into(),
            owner,
        }
    }

    /// The name of the dance, as in its URLs; at most 64 bytes of ASCII.
    #[must_use]
    pub fn dance(&self) -> &str {
        &self.dance
    }

    /// The owner of the token.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }
}

/// A token as a storage keeps it: sealed, opaque, at most [`SealedToken::MAX_BYTES`] long.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedToken(Vec<u8>);

impl SealedToken {
    /// The longest record a storage is asked to keep: 64 KiB. The dance sees to it; a storage may rely
    /// on it.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Wraps the bytes read back from a storage. Whether they are authentic shows when they are opened.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to keep.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to keep.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for SealedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedToken({} bytes)", self.0.len())
    }
}

/// Which version of a record was read. Every write gives the record a revision it never had before,
/// even after it was deleted and stored anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Revision(i64);

impl Revision {
    /// A revision with this number; the numbers mean nothing but being different.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }
}

/// A record as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredToken {
    /// The sealed token.
    pub sealed: SealedToken,
    /// Its revision, to be named in [`TokenStorage::replace`].
    pub revision: Revision,
}

/// A claim on the refresh of one token.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// Who asks: a random text of at most 64 bytes, one per attempt.
    pub holder: &'a str,
    /// The time of asking.
    pub now: Timestamp,
    /// When the claim lapses by itself, so that a process that died holds nobody up for long.
    pub until: Timestamp,
}

/// Why a storage did not do what it was asked.
pub struct StorageError {
    refused: bool,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StorageError {
    /// The storage could not be reached or failed. The browser is told 503 and may try again.
    ///
    /// `message` says what was being done; it must hold no value that was bound to a statement.
    #[must_use]
    pub fn unavailable(
        message: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            refused: false,
            message: message.into(),
            source: Some(source.into()),
        }
    }

    /// The storage works but will not keep this token: no such user, too large, wrong kind of owner.
    #[must_use]
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            refused: true,
            message: message.into(),
            source: None,
        }
    }

    /// The same refusal with its cause, which must hold no value that was bound to a statement.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whether the storage refused, as opposed to failed.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.refused { "refused" } else { "failed" };
        write!(f, "the token storage {verb}: {}", self.message)
    }
}

/// Prints what `Display` prints, and the causes, because `?` in `main` shows `Debug`.
impl fmt::Debug for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl StdError for StorageError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<StorageError> for Failed {
    fn from(error: StorageError) -> Self {
        let failure = if error.is_refused() {
            LoginFailure::StorageRefused
        } else {
            LoginFailure::StorageUnavailable
        };
        Self::because(failure, error)
    }
}
