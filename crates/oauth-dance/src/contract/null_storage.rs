//! A storage that keeps nothing, for applications that need the login and not the token.

use async_trait::async_trait;

use crate::contract::token_storage::{
    Lease, Revision, SealedToken, StorageError, StorageKey, StoredToken, TokenStorage,
};

/// Forgets every token at once.
///
/// The signals still carry the token, so a receiver may use it while the login lasts; afterwards
/// nobody can. For "who is this?" without "act for them".
#[derive(Debug, Clone, Copy, Default)]
pub struct NullStorage;

#[async_trait]
impl TokenStorage for NullStorage {
    async fn load(&self, _: &StorageKey) -> Result<Option<StoredToken>, StorageError> {
        Ok(None)
    }

    async fn save(&self, _: &StorageKey, _: SealedToken) -> Result<Revision, StorageError> {
        Ok(Revision::new(0))
    }

    async fn replace(
        &self,
        _: &StorageKey,
        _: Revision,
        _: SealedToken,
    ) -> Result<Option<Revision>, StorageError> {
        Ok(None)
    }

    async fn delete(&self, _: &StorageKey) -> Result<bool, StorageError> {
        Ok(false)
    }

    async fn lease(&self, _: &StorageKey, _: Lease<'_>) -> Result<bool, StorageError> {
        Ok(false)
    }

    async fn release(&self, _: &StorageKey, _: &str) -> Result<(), StorageError> {
        Ok(())
    }
}
