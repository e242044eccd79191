//! A store that keeps nothing, for applications that need the login and not the token.

use async_trait::async_trait;

use crate::contract::token_store::{
    Lease, Revision, SealedToken, StoreError, StoreKey, StoredAccount, StoredToken, TokenStore,
};
use crate::values::time::Timestamp;

/// Drops every token at once.
///
/// The signals still carry the token, so a receiver may use it while the login lasts. After the login the
/// token is gone. This store is for applications that ask who the user is and do not act for the user.
#[derive(Debug, Clone, Copy, Default)]
pub struct NullStore;

#[async_trait]
impl TokenStore for NullStore {
    async fn load(&self, _: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        Ok(None)
    }

    async fn save(&self, _: &StoreKey, _: SealedToken) -> Result<Revision, StoreError> {
        Ok(Revision::new(0))
    }

    async fn replace(
        &self,
        _: &StoreKey,
        _: Revision,
        _: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        Ok(None)
    }

    async fn delete(&self, _: &StoreKey) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn accounts(&self, _: &StoreKey) -> Result<Vec<StoredAccount>, StoreError> {
        Ok(Vec::new())
    }

    async fn purge(&self, _: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn lease(&self, _: &StoreKey, _: Lease<'_>) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn release(&self, _: &StoreKey, _: &str) -> Result<(), StoreError> {
        Ok(())
    }
}
