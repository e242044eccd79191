//! The contract with a store of pending logins: sealed records that are taken out once.

use async_trait::async_trait;

use crate::contract::token_store::StoreError;
use crate::values::time::Timestamp;

/// Keeps pending logins on the server. By default they are kept in sealed cookies.
///
/// Only a store on the server can promise that a callback works once even if an attacker restores the
/// browser's cookies. Without one, the promise rests on the deletion of the cookie and on the provider's
/// single-use code.
///
/// The identifier is a hash of the `state` **and** of a secret in the browser's cookie. An attacker who
/// holds a callback URL alone can neither open nor use up the record.
#[async_trait]
pub trait PendingStore: Send + Sync + 'static {
    /// Keeps `sealed` under `id` until `expires_at`.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached, fails, or is full.
    async fn insert(
        &self,
        id: &str,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Takes the record out. Of two callers with one `id`, at most one gets it.
    ///
    /// # Errors
    ///
    /// [`StoreError::unavailable`] if the store cannot be reached or fails.
    async fn take(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError>;
}
