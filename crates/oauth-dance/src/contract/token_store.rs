//! The contract with a token store: opaque sealed records under `(site, dance, owner, account)`.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::values::causes::causes;
use crate::values::login_error::{Failed, LoginError};
use crate::values::owner::Owner;
use crate::values::time::Timestamp;

/// Keeps sealed tokens, one record per [`StoreKey`].
///
/// A store never sees a token. The dance seals it first: encrypted, authenticated, and bound to its key,
/// so that a record copied to another row does not open. The dance then hands opaque bytes to the store.
/// All methods are required:
///
/// | verb | must |
/// |---|---|
/// | [`load`](Self::load) | return the newest record, or `None` |
/// | [`save`](Self::save) | put the record in place of any earlier one, atomically |
/// | [`replace`](Self::replace) | do the same, but only if the record still has the revision that was loaded |
/// | [`delete`](Self::delete) | delete the record and any lease on it |
/// | [`accounts`](Self::accounts) | list the accounts under which an owner has tokens, the newest first |
/// | [`purge`](Self::purge) | delete the records that have expired |
/// | [`lease`](Self::lease), [`release`](Self::release) | let one process at a time refresh a token |
///
/// `oauth_dance_suites::store_suite!` holds an implementation to this table.
#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    /// Returns the record under `key`, if there is one.
    ///
    /// # Errors
    ///
    /// - [`StoreError::unavailable`] if the store cannot be reached or fails.
    /// - [`StoreError::refused`] if the store does not keep tokens for such a key.
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError>;

    /// Keeps `sealed` under `key` in place of any earlier record, and ends any lease on it.
    ///
    /// # Errors
    ///
    /// - [`StoreError::unavailable`] if the store cannot be reached or fails.
    /// - [`StoreError::refused`] if the store does not keep this token.
    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError>;

    /// Keeps `sealed` if the record under `key` still has `revision`. Returns `None` if the record has
    /// changed or is gone: then nothing was written.
    ///
    /// A write ends any lease on the record. A token that a logout has deleted thus never comes back
    /// through a refresh that was on its way.
    ///
    /// # Errors
    ///
    /// - [`StoreError::unavailable`] if the store cannot be reached or fails.
    /// - [`StoreError::refused`] if the store does not keep this token.
    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError>;

    /// Deletes the record under `key`. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError>;

    /// Returns the accounts of the records whose keys differ from `key` in the account alone, at most
    /// [`MAX_ACCOUNTS`]: the one with the latest [`SealedToken::stored_at`] first, and of two with the same
    /// time the one that was saved last.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn accounts(&self, key: &StoreKey) -> Result<Vec<StoredAccount>, StoreError>;

    /// Deletes the records whose [`SealedToken::expires_at`] is not after `now`. Returns their number. The
    /// dance calls it now and then after a login.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// Takes a lease on the record under `key` for the one process that refreshes the token.
    ///
    /// Returns `true` if there is a record and no other holder has a lease on it. A lease ends by itself
    /// after `lease.lasts`. If the holder asks again, the lease is renewed.
    ///
    /// The store measures the time by a clock that all processes on it share: that of the database. The
    /// clocks of the processes may differ.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError>;

    /// Ends the lease of `holder`, if that holder still has it.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
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

    async fn accounts(&self, key: &StoreKey) -> Result<Vec<StoredAccount>, StoreError> {
        (**self).accounts(key).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        (**self).purge(now).await
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        (**self).lease(key, lease).await
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        (**self).release(key, holder).await
    }
}

/// The most accounts that [`TokenStore::accounts`] returns.
pub const MAX_ACCOUNTS: usize = 100;

/// An account of an owner, as a store lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccount {
    /// The account, as in [`StoreKey::account`].
    pub account: String,
    /// The [`SealedToken::stored_at`] of its record.
    pub stored_at: Timestamp,
}

/// Where a token is kept: the site, the name of the dance, the owner, and the account at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreKey {
    site: String,
    dance: String,
    owner: Owner,
    account: String,
}

impl StoreKey {
    /// Makes the key of `owner`'s token from the dance called `dance`.
    #[must_use]
    pub fn new(dance: impl Into<String>, owner: Owner) -> Self {
        Self {
            site: String::new(),
            dance: dance.into(),
            owner,
            account: String::new(),
        }
    }

    /// Sets the site. By default it is empty.
    #[must_use]
    pub fn at_site(mut self, site: impl Into<String>) -> Self {
        self.site = site.into();
        self
    }

    /// Sets the account at the provider. By default it is empty.
    #[must_use]
    pub fn of_account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Returns the site: the origin of the application and the namespace of its cookies, so that two
    /// applications on one store do not meet. At most 320 bytes of ASCII.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Returns the account at the provider: empty, or 43 characters of base64url, since one user may have
    /// several accounts there. It is a hash of issuer and subject.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the name of the dance, as in its URLs: at most 64 bytes of ASCII.
    #[must_use]
    pub fn dance(&self) -> &str {
        &self.dance
    }

    /// Returns the owner of the token.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }
}

/// A token as a store keeps it: sealed, opaque, at most [`SealedToken::MAX_BYTES`] long.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedToken {
    bytes: Vec<u8>,
    stored_at: Timestamp,
    expires_at: Option<Timestamp>,
}

impl SealedToken {
    /// The longest record that the dance asks a store to keep: 64 KiB. A store may rely on it.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Wraps the bytes read back from a store. They are authenticated later, when the token is decrypted.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            stored_at: Timestamp::default(),
            expires_at: None,
        }
    }

    /// Sets when the login was that brought the token. By default it is 1970.
    #[must_use]
    pub fn stored_since(mut self, time: Timestamp) -> Self {
        self.stored_at = time;
        self
    }

    /// Sets when the record expires. By default it does not.
    #[must_use]
    pub fn until(mut self, time: Option<Timestamp>) -> Self {
        self.expires_at = time;
        self
    }

    /// Returns when the login was that brought the token. A refresh does not change it.
    #[must_use]
    pub fn stored_at(&self) -> Timestamp {
        self.stored_at
    }

    /// Returns when the record expires: with the session, if it belongs to a browser.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Returns the bytes to keep.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes to keep.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl fmt::Debug for SealedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedToken({} bytes)", self.bytes.len())
    }
}

/// The version of a record. Every write gives the record a revision that it never had before, even if the
/// record was deleted in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Revision(i64);

impl Revision {
    /// Makes a revision of this number. The numbers have no order and no other meaning than to be
    /// different.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }
}

/// A record as a store loaded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredToken {
    /// The sealed token.
    pub sealed: SealedToken,
    /// Its revision, for [`TokenStore::replace`].
    pub revision: Revision,
}

/// A claim on the refresh of one token.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// The holder: a random text of at most 64 bytes, one per attempt.
    pub holder: &'a str,
    /// How long the claim lasts, so that a process that died does not block the others for long. A store
    /// may round it up to the next second. A claim of no length ends at once.
    pub lasts: Duration,
}

/// Why a store did not do what the dance asked for.
pub struct StoreError {
    refused: bool,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// Makes the error of a store that failed or could not be reached. The browser gets 503 and may try
    /// again.
    ///
    /// `message` says what was being done. It must not hold a value that was bound to a statement.
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

    /// Makes the error of a store that works but refuses what it was asked for: no such user, a token that is too
    /// large, the wrong kind of owner.
    #[must_use]
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            refused: true,
            message: message.into(),
            source: None,
        }
    }

    /// Adds the cause. The cause must not hold a value that was bound to a statement.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns whether the store refused, as opposed to failed.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.refused { "refused" } else { "failed" };
        write!(f, "the store {verb}: {}", self.message)
    }
}

/// Prints what `Display` prints, and the causes, because `?` in `main` shows `Debug`.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        for cause in causes(self.source()) {
            write!(f, ": {cause}")?;
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
