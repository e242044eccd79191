//! The contract with a store of pending logins: sealed records that are taken out once.

use async_trait::async_trait;

use crate::contract::token_store::StoreError;
use crate::values::time::Timestamp;

/// Keeps pending logins on the server, where the default keeps them in sealed cookies.
///
/// Only a server-side store can promise that a callback works once even if somebody restores the
/// browser's cookies; the sealed cookie rests on its deletion and on the provider's single-use code.
///
/// The identifier is a hash over the `state` **and** a secret in the browser's cookie, so a stranger
/// who holds a callback URL can neither open nor use up the record.
#[async_trait]
pub trait PendingStore: Send + Sync + 'static {
    /// Keeps `sealed` under `id` until `expires_at`.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked, or is full.
    async fn insert(
        &self,
        id: &str,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Takes the record out: of two callers with one `id`, at most one gets it.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked.
    async fn take(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError>;
}
