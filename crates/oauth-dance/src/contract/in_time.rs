//! Every call of a store ends: at a deadline, if it does not end by itself.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::contract::pending_store::PendingStore;
use crate::contract::session_store::{
    ListedSession, NewSession, SessionKey, SessionStore, StoredSession,
};
use crate::contract::token_store::{
    Lease, Revision, SealedToken, StoreError, StoreKey, StoredAccount, StoredToken, TokenStore,
};
use crate::values::time::Timestamp;

/// A store whose calls fail at a deadline. The work of the call is dropped then; whether the store has done it
/// is not known.
pub(crate) struct InTime<S: ?Sized> {
    deadline: Duration,
    store: Arc<S>,
}

impl<S: ?Sized> InTime<S> {
    pub(crate) fn new(store: Arc<S>, deadline: Duration) -> Self {
        Self { deadline, store }
    }

    async fn wait<T>(
        &self,
        what: &'static str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        tokio::time::timeout(self.deadline, call)
            .await
            .unwrap_or_else(|_| {
                let cause = "it did not answer within `DancesBuilder::store_deadline`";
                Err(StoreError::unavailable(what, cause))
            })
    }
}

#[async_trait]
impl TokenStore for InTime<dyn TokenStore> {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        self.wait("loading a token", self.store.load(key)).await
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        self.wait("saving a token", self.store.save(key, sealed))
            .await
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        let replace = self.store.replace(key, revision, sealed);
        self.wait("replacing a token", replace).await
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.wait("deleting a token", self.store.delete(key)).await
    }

    async fn accounts(&self, key: &StoreKey) -> Result<Vec<StoredAccount>, StoreError> {
        self.wait("listing accounts", self.store.accounts(key))
            .await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.wait("purging tokens", self.store.purge(now)).await
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        self.wait("leasing a token", self.store.lease(key, lease))
            .await
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        self.wait("releasing a token", self.store.release(key, holder))
            .await
    }
}

#[async_trait]
impl PendingStore for InTime<dyn PendingStore> {
    async fn insert(
        &self,
        id: &str,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = self.store.insert(id, sealed, expires_at);
        self.wait("keeping a pending login", insert).await
    }

    async fn take(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait("taking a pending login", self.store.take(id))
            .await
    }
}

#[async_trait]
impl SessionStore for InTime<dyn SessionStore> {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.wait("loading a session", self.store.load(key)).await
    }

    async fn change(
        &self,
        key: &SessionKey,
        before: Option<&[u8]>,
        after: Option<NewSession>,
    ) -> Result<bool, StoreError> {
        let change = self.store.change(key, before, after);
        self.wait("changing a session", change).await
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        self.wait("noting a session", self.store.touch(key, now))
            .await
    }

    async fn of_user(
        &self,
        site: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        let list = self.store.of_user(site, user, now);
        self.wait("listing sessions", list).await
    }

    async fn end_user(
        &self,
        site: &str,
        user: &str,
        except: &[SessionKey],
    ) -> Result<u64, StoreError> {
        self.wait("ending sessions", self.store.end_user(site, user, except))
            .await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.wait("purging sessions", self.store.purge(now)).await
    }
}
