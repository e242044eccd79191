//! The store suite passes the store in memory, and fails stores that are wrong.

use std::time::Duration;

use async_trait::async_trait;
use oauth_dance::{
    Lease, MemoryStore, NullStore, Owner, Revision, SealedToken, StoreError, StoreKey,
    StoredAccount, StoredToken, Timestamp, TokenStore,
};
use oauth_dance_suites::store_suite;

store_suite!(memory, async || MemoryStore::new());

/// What a careless store gets wrong.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    FoldsCase,
    ForgetsTheKindOfOwner,
    RepeatsRevisions,
    ReplacesAnyRevision,
    ReplacesInTwoSteps,
    SavesWhatItShouldReplace,
    LeasesForever,
    LeasesToEverybody,
    ForgetsTheSite,
    ForgetsTheAccount,
    ListsTheOldestFirst,
    PurgesEarly,
}

struct Wrong {
    mistake: Mistake,
    inner: MemoryStore,
}

fn wrong(mistake: Mistake) -> Wrong {
    Wrong {
        mistake,
        inner: MemoryStore::new(),
    }
}

impl Wrong {
    fn key(&self, key: &StoreKey) -> StoreKey {
        match self.mistake {
            Mistake::FoldsCase => {
                StoreKey::new(key.dance(), Owner::User(key.owner().id().to_lowercase()))
            }
            Mistake::ForgetsTheKindOfOwner => {
                StoreKey::new(key.dance(), Owner::User(key.owner().id().to_owned()))
            }
            Mistake::ForgetsTheSite => key.clone().at_site(""),
            Mistake::ForgetsTheAccount => key.clone().of_account(""),
            _ => key.clone(),
        }
    }

    /// Revisions that count the bytes, as if a length were a version.
    fn shown(&self, revision: Revision, bytes: usize) -> Revision {
        match self.mistake {
            Mistake::RepeatsRevisions => Revision::new(i64::try_from(bytes).unwrap()),
            _ => revision,
        }
    }
}

#[async_trait]
impl TokenStore for Wrong {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        let stored = self.inner.load(&self.key(key)).await?;
        Ok(stored.map(|stored| StoredToken {
            revision: self.shown(stored.revision, stored.sealed.as_bytes().len()),
            ..stored
        }))
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        let bytes = sealed.as_bytes().len();
        let revision = self.inner.save(&self.key(key), sealed).await?;
        Ok(self.shown(revision, bytes))
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        let current = self.load(key).await?.map(|stored| stored.revision);
        let write = match self.mistake {
            Mistake::ReplacesAnyRevision => current.is_some(),
            Mistake::SavesWhatItShouldReplace => current.is_none_or(|current| current == revision),
            _ => current == Some(revision),
        };
        if write {
            // Every wrong store is wrong here as well: between these two steps, others take theirs.
            tokio::task::yield_now().await;
            return self.save(key, sealed).await.map(Some);
        }
        Ok(None)
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.inner.delete(&self.key(key)).await
    }

    async fn accounts(&self, key: &StoreKey) -> Result<Vec<StoredAccount>, StoreError> {
        let mut accounts = self.inner.accounts(&self.key(key)).await?;
        if self.mistake == Mistake::ListsTheOldestFirst {
            accounts.reverse();
        }
        Ok(accounts)
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        match self.mistake {
            Mistake::PurgesEarly => {
                let later = Timestamp::from_unix_seconds(now.unix_seconds() + 1);
                self.inner.purge(later).await
            }
            _ => self.inner.purge(now).await,
        }
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        let lasts = match self.mistake {
            Mistake::LeasesForever => Duration::MAX,
            Mistake::LeasesToEverybody => Duration::ZERO,
            _ => lease.lasts,
        };
        self.inner
            .lease(&self.key(key), Lease { lasts, ..lease })
            .await
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        self.inner.release(&self.key(key), holder).await
    }
}

macro_rules! caught {
    ($($by:ident: $store:expr;)*) => {$(
        // On one thread, so that the interleaving that shows a mistake is always the same.
        #[tokio::test]
        #[should_panic]
        async fn $by() {
            store_suite::$by($store).await;
        }
    )*};
}

mod caught {
    use super::*;

    caught! {
        save_then_load: NullStore;
        f21_keys_with_odd_text_are_distinct: wrong(Mistake::FoldsCase);
        keys_differ_in_every_part: wrong(Mistake::ForgetsTheKindOfOwner);
        sites_do_not_meet: wrong(Mistake::ForgetsTheSite);
        accounts_are_kept_beside_each_other: wrong(Mistake::ForgetsTheAccount);
        accounts_are_listed_the_newest_first: wrong(Mistake::ListsTheOldestFirst);
        purge_deletes_what_has_expired: wrong(Mistake::PurgesEarly);
        f25_users_never_meet: wrong(Mistake::ForgetsTheKindOfOwner);
        revisions_never_repeat: wrong(Mistake::RepeatsRevisions);
        replace_needs_the_current_revision: wrong(Mistake::ReplacesAnyRevision);
        replace_needs_a_record: wrong(Mistake::SavesWhatItShouldReplace);
        one_of_many_replaces_wins: wrong(Mistake::ReplacesInTwoSteps);
        a_lease_expires: wrong(Mistake::LeasesForever);
        a_lease_is_exclusive: wrong(Mistake::LeasesToEverybody);
        one_of_many_gets_the_lease: wrong(Mistake::LeasesToEverybody);
    }
}
