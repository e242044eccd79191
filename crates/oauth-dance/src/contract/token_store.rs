//! The contract with a token store: opaque sealed records under `(provider, owner)`.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::values::login_error::{Failed, LoginError};
use crate::values::owner::Owner;
use crate::values::time::Timestamp;

/// Keeps sealed tokens, one record per [`StoreKey`].
///
/// A store never sees a token: the dance seals it first (authenticated, encrypted, and bound to its
/// key, so that a record copied to another row opens for nobody) and hands over opaque bytes. That
/// leaves a store six verbs to get right, all of them required:
///
/// | verb | must |
/// |---|---|
/// | [`load`](Self::load) | answer the newest record, or `None` |
/// | [`save`](Self::save) | put the record in place of whatever was there, atomically |
/// | [`replace`](Self::replace) | the same, but only if the revision is still the one that was loaded |
/// | [`delete`](Self::delete) | forget the record and any lease on it |
/// | [`lease`](Self::lease), [`release`](Self::release) | let one process at a time refresh a token |
///
/// `oauth_dance_testkit::store_suite!` holds an implementation to this table.
#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    /// The record under `key`, if there is one.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked, or refuses.
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError>;

    /// Stores `sealed` under `key` in place of any earlier record, and ends any lease on it.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked, or refuses (see [`StoreError::refused`]).
    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError>;

    /// Stores `sealed` only if the record under `key` still has `revision`; `None` means that it has
    /// changed or gone, and nothing was written. A write ends any lease on the record. A token deleted by
    /// a logout thus never comes back through a refresh that was on its way.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked, or refuses.
    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError>;

    /// Deletes the record under `key`; answers whether there was one.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked.
    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError>;

    /// Tries to become the one who refreshes the token under `key`: true if there is a record and no
    /// other holder has a lease on it at `lease.now`. A lease is over at its `until`; its holder may
    /// ask again and thereby renews it.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked.
    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError>;

    /// Ends the lease of `holder`, if it still has it.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked.
    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError>;
}

#[async_trait]
impl<T: TokenStore + ?Sized> TokenStore for Arc<T> {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        (**self).load(key).await
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        (**self).save(key, sealed).await
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        (**self).replace(key, revision, sealed).await
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        (**self).delete(key).await
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        (**self).lease(key, lease).await
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        (**self).release(key, holder).await
    }
}

/// Where a token is kept: the name of the dance and the owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreKey {
    dance: String,
    owner: Owner,
}

impl StoreKey {
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

/// A token as a store keeps it: sealed, opaque, at most [`SealedToken::MAX_BYTES`] long.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedToken(Vec<u8>);

impl SealedToken {
    /// The longest record a store is asked to keep: 64 KiB. The dance sees to it; a store may rely
    /// on it.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Wraps the bytes read back from a store. Whether they are authentic shows when they are opened.
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
    /// Its revision, to be named in [`TokenStore::replace`].
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

/// Why a store did not do what it was asked.
pub struct StoreError {
    refused: bool,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// The store could not be reached or failed. The browser is told 503 and may try again.
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

    /// The store works but will not keep this token: no such user, too large, wrong kind of owner.
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

    /// Whether the store refused, as opposed to failed.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.refused { "refused" } else { "failed" };
        write!(f, "the token store {verb}: {}", self.message)
    }
}

/// Prints what `Display` prints, and the causes, because `?` in `main` shows `Debug`.
impl fmt::Debug for StoreError {
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

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        let failure = if error.is_refused() {
            LoginError::StoreRefused
        } else {
            LoginError::StoreUnavailable
        };
        Self::because(failure, error)
    }
}
