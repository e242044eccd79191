//! The storage suite passes the storage in memory, and fails storages that are wrong.

use async_trait::async_trait;
use oauth_dance::{
    Lease, MemoryStorage, NullStorage, Owner, Revision, SealedToken, StorageError, StorageKey,
    StoredToken, Timestamp, TokenStorage,
};
use oauth_dance_suites::storage_suite;

storage_suite!(memory, async || MemoryStorage::new());

/// What a careless storage gets wrong.
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
}

struct Wrong {
    mistake: Mistake,
    inner: MemoryStorage,
}

fn wrong(mistake: Mistake) -> Wrong {
    Wrong {
        mistake,
        inner: MemoryStorage::new(),
    }
}

impl Wrong {
    fn key(&self, key: &StorageKey) -> StorageKey {
        match self.mistake {
            Mistake::FoldsCase => {
                StorageKey::new(key.dance(), Owner::User(key.owner().id().to_lowercase()))
            }
            Mistake::ForgetsTheKindOfOwner => {
                StorageKey::new(key.dance(), Owner::User(key.owner().id().to_owned()))
            }
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
impl TokenStorage for Wrong {
    async fn load(&self, key: &StorageKey) -> Result<Option<StoredToken>, StorageError> {
        let stored = self.inner.load(&self.key(key)).await?;
        Ok(stored.map(|stored| StoredToken {
            revision: self.shown(stored.revision, stored.sealed.as_bytes().len()),
            ..stored
        }))
    }

    async fn save(&self, key: &StorageKey, sealed: SealedToken) -> Result<Revision, StorageError> {
        let bytes = sealed.as_bytes().len();
        let revision = self.inner.save(&self.key(key), sealed).await?;
        Ok(self.shown(revision, bytes))
    }

    async fn replace(
        &self,
        key: &StorageKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StorageError> {
        let current = self.load(key).await?.map(|stored| stored.revision);
        let write = match self.mistake {
            Mistake::ReplacesAnyRevision => current.is_some(),
            Mistake::SavesWhatItShouldReplace => current.is_none_or(|current| current == revision),
            _ => current == Some(revision),
        };
        if write {
            // Every wrong storage is wrong here as well: between these two steps, others take theirs.
            tokio::task::yield_now().await;
            return self.save(key, sealed).await.map(Some);
        }
        Ok(None)
    }

    async fn delete(&self, key: &StorageKey) -> Result<bool, StorageError> {
        self.inner.delete(&self.key(key)).await
    }

    async fn lease(&self, key: &StorageKey, lease: Lease<'_>) -> Result<bool, StorageError> {
        let until = match self.mistake {
            Mistake::LeasesForever => Timestamp::from_unix_seconds(u64::MAX),
            Mistake::LeasesToEverybody => lease.now,
            _ => lease.until,
        };
        self.inner
            .lease(&self.key(key), Lease { until, ..lease })
            .await
    }

    async fn release(&self, key: &StorageKey, holder: &str) -> Result<(), StorageError> {
        self.inner.release(&self.key(key), holder).await
    }
}

macro_rules! caught {
    ($($by:ident: $storage:expr;)*) => {$(
        // On one thread, so that the interleaving that shows a mistake is always the same.
        #[tokio::test]
        #[should_panic]
        async fn $by() {
            storage_suite::$by($storage).await;
        }
    )*};
}

mod caught {
    use super::*;

    caught! {
        save_then_load: NullStorage;
        keys_with_odd_text_are_distinct: wrong(Mistake::FoldsCase);
        keys_differ_in_every_part: wrong(Mistake::ForgetsTheKindOfOwner);
        users_never_meet: wrong(Mistake::ForgetsTheKindOfOwner);
        revisions_never_repeat: wrong(Mistake::RepeatsRevisions);
        replace_needs_the_current_revision: wrong(Mistake::ReplacesAnyRevision);
        replace_needs_a_record: wrong(Mistake::SavesWhatItShouldReplace);
        one_of_many_replaces_wins: wrong(Mistake::ReplacesInTwoSteps);
        a_lease_expires: wrong(Mistake::LeasesForever);
        a_lease_is_exclusive: wrong(Mistake::LeasesToEverybody);
        one_of_many_gets_the_lease: wrong(Mistake::LeasesToEverybody);
    }
}
