//! The session suite passes the store in memory, and fails stores that are wrong.

use async_trait::async_trait;
use oauth_dance::{
    ListedSession, MemorySessionStore, NewSession, SessionKey, SessionStore, StoreError,
    StoredSession, Timestamp,
};
use oauth_dance_suites::session_suite;

session_suite!(memory, async || MemorySessionStore::new());

/// What a careless store gets wrong.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    Overwrites,
    ChangesInTwoSteps,
    KeepsTheUser,
    ForgetsTheSite,
    ListsWhatHasExpired,
    SetsTheTimeBack,
    EndsEverybody,
    EndsTheOnesToKeep,
    FoldsCase,
    PurgesEarly,
}

struct Wrong(Mistake, MemorySessionStore);

fn wrong(mistake: Mistake) -> Wrong {
    Wrong(mistake, MemorySessionStore::new())
}

/// Changes a record without a look at what it was before.
async fn overwrite(
    store: &MemorySessionStore,
    key: &SessionKey,
    after: Option<NewSession>,
) -> Result<bool, StoreError> {
    let before = store.load(key).await?;
    let before = before.as_ref().map(|stored| &*stored.sealed);
    store.change(key, before, after).await
}

#[async_trait]
impl SessionStore for Wrong {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.1.load(key).await
    }

    async fn change(
        &self,
        key: &SessionKey,
        before: Option<&[u8]>,
        mut after: Option<NewSession>,
    ) -> Result<bool, StoreError> {
        match self.0 {
            Mistake::Overwrites => return overwrite(&self.1, key, after).await,
            Mistake::ChangesInTwoSteps => {
                let stored = self.1.load(key).await?;
                if stored.as_ref().map(|stored| &*stored.sealed) != before {
                    return Ok(false);
                }
                tokio::task::yield_now().await;
                return overwrite(&self.1, key, after).await;
            }
            Mistake::KeepsTheUser if before.is_some() => {
                if let Some(new) = &mut after {
                    new.user = new.user.take().or(Some("8".to_owned()));
                }
            }
            Mistake::ForgetsTheSite => {
                let key = SessionKey::new("", key.id());
                return self.1.change(&key, before, after).await;
            }
            _ => {}
        }
        self.1.change(key, before, after).await
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        let stored = self.1.load(key).await?;
        if let (Mistake::SetsTheTimeBack, Some(stored)) = (self.0, stored) {
            // As if it had been made anew.
            let new = NewSession {
                sealed: stored.sealed,
                user: Some("7".to_owned()),
                made_at: stored.made_at,
                seen_at: now,
                expires_at: stored.expires_at,
            };
            overwrite(&self.1, key, Some(new)).await?;
            return Ok(());
        }
        self.1.touch(key, now).await
    }

    async fn of_user(
        &self,
        site: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        let now = match self.0 {
            Mistake::ListsWhatHasExpired => Timestamp::default(),
            _ => now,
        };
        let mut listed = self.1.of_user(site, user, now).await?;
        let upper = user.to_uppercase();
        if self.0 == Mistake::FoldsCase && upper != user {
            listed.extend(self.1.of_user(site, &upper, now).await?);
        }
        Ok(listed)
    }

    async fn end_user(
        &self,
        site: &str,
        user: &str,
        except: &[SessionKey],
    ) -> Result<u64, StoreError> {
        if self.0 == Mistake::EndsEverybody {
            self.1.end_user(site, "8", &[]).await?;
        }
        let except = match self.0 {
            Mistake::EndsTheOnesToKeep => &[],
            _ => except,
        };
        self.1.end_user(site, user, except).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let now = match self.0 {
            Mistake::PurgesEarly => {
                Timestamp::from_unix_seconds(now.unix_seconds().saturating_add(1))
            }
            _ => now,
        };
        self.1.purge(now).await
    }
}

macro_rules! caught {
    ($($by:ident: $mistake:ident;)*) => {$(
        #[tokio::test]
        #[should_panic]
        async fn $by() {
            oauth_dance_suites::session_suite::$by(wrong(Mistake::$mistake)).await;
        }
    )*};
}

mod caught {
    use super::*;

    caught! {
        a_change_needs_what_it_has_read: Overwrites;
        one_of_many_changes_wins: ChangesInTwoSteps;
        a_change_replaces_all_of_a_record: KeepsTheUser;
        a_change_is_for_one_site: ForgetsTheSite;
        the_sessions_of_a_user_are_listed: SetsTheTimeBack;
        the_sessions_of_a_user_are_ended: EndsEverybody;
        the_sessions_of_a_user_are_ended_but_those_to_keep: EndsTheOnesToKeep;
        f21_users_with_odd_text_are_distinct: FoldsCase;
        what_has_expired_is_purged: PurgesEarly;
    }

    #[tokio::test]
    #[should_panic]
    async fn a_list_of_what_has_expired() {
        let store = wrong(Mistake::ListsWhatHasExpired);
        oauth_dance_suites::session_suite::the_sessions_of_a_user_are_listed(store).await;
    }
}
