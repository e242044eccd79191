//! Sessions in SQLite: the same file and the same value as the tokens.

use async_trait::async_trait;
use oauth_dance::{
    LeftSession, ListedSession, MAX_LISTED, NewSession, SessionKey, SessionStore, StoreError,
    StoredSession, Timestamp,
};

use crate::record::{failed, seconds, timestamp};
use crate::sqlite::SqliteStore;
use crate::sqlx::{self, SqliteConnection};

const LOAD: &str = "
    SELECT sealed, is_live, made_at, seen_at, expires_at FROM oauth_dance_sessions
    WHERE site = ? AND id = ?";

const INSERT: &str = "
    INSERT INTO oauth_dance_sessions
        (site, id, user, sealed, is_live, made_at, seen_at, expires_at)
    VALUES (?, ?, ?, ?, 1, ?, ?, ?)";

const SUPERSEDE: &str = "
    UPDATE oauth_dance_sessions SET is_live = 0, user = NULL, sealed = ?, expires_at = ?
    WHERE site = ? AND id = ? AND is_live = 1";

const END: &str = "
    DELETE FROM oauth_dance_sessions WHERE site = ? AND id = ? AND is_live = 1";

// A request that comes in late does not set the time back.
const TOUCH: &str = "
    UPDATE oauth_dance_sessions SET seen_at = MAX(seen_at, ?)
    WHERE site = ? AND id = ? AND is_live = 1";

const OF_USER: &str = "
    SELECT id, made_at, seen_at, expires_at FROM oauth_dance_sessions
    WHERE site = ? AND user = ? AND is_live = 1 AND expires_at > ?
    ORDER BY seen_at DESC, id LIMIT ?";

const END_USER: &str = "
    DELETE FROM oauth_dance_sessions WHERE site = ? AND user = ? AND is_live = 1";

const PURGE: &str = "
    DELETE FROM oauth_dance_sessions WHERE expires_at <= ?";

/// The columns of a row that [`LOAD`] reads.
type Row = (Vec<u8>, bool, i64, i64, i64);

async fn insert(
    connection: &mut SqliteConnection,
    key: &SessionKey,
    session: NewSession,
) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT)
        .bind(key.site())
        .bind(key.id())
        .bind(session.user)
        .bind(session.sealed)
        .bind(seconds(session.made_at))
        .bind(seconds(session.seen_at))
        .bind(seconds(session.expires_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes leave of one record. Returns whether it was live.
async fn leave(connection: &mut SqliteConnection, left: &LeftSession) -> Result<bool, sqlx::Error> {
    let query = match &left.superseded {
        Some((sealed, expires_at)) => sqlx::query(SUPERSEDE)
            .bind(sealed)
            .bind(seconds(*expires_at)),
        None => sqlx::query(END),
    };
    let done = query
        .bind(left.key.site())
        .bind(left.key.id())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        let row: Option<Row> = sqlx::query_as(LOAD)
            .bind(key.site())
            .bind(key.id())
            .fetch_optional(self.pool())
            .await
            .map_err(failed("loading a session"))?;
        Ok(row.map(
            |(sealed, is_live, made_at, seen_at, expires_at)| StoredSession {
                sealed,
                is_live,
                made_at: timestamp(made_at),
                seen_at: timestamp(seen_at),
                expires_at: timestamp(expires_at),
            },
        ))
    }

    async fn insert(&self, key: &SessionKey, session: NewSession) -> Result<(), StoreError> {
        let what = "keeping a session";
        let mut connection = self.pool().acquire().await.map_err(failed(what))?;
        insert(&mut connection, key, session)
            .await
            .map_err(failed(what))
    }

    async fn change(
        &self,
        old: &[LeftSession],
        new: Option<(&SessionKey, NewSession)>,
    ) -> Result<bool, StoreError> {
        let what = "changing a session";
        // It takes the write lock first, so that two changes at once wait for each other.
        let begun = self.pool().begin_with("BEGIN IMMEDIATE").await;
        let mut transaction = begun.map_err(failed(what))?;
        for left in old {
            if !leave(&mut transaction, left).await.map_err(failed(what))? {
                transaction.rollback().await.map_err(failed(what))?;
                return Ok(false);
            }
        }
        if let Some((key, session)) = new {
            insert(&mut transaction, key, session)
                .await
                .map_err(failed(what))?;
        }
        transaction.commit().await.map_err(failed(what))?;
        Ok(true)
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(TOUCH)
            .bind(seconds(now))
            .bind(key.site())
            .bind(key.id())
            .execute(self.pool())
            .await
            .map_err(failed("noting a session"))?;
        Ok(())
    }

    async fn of_user(
        &self,
        site: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(OF_USER)
            .bind(site)
            .bind(user)
            .bind(seconds(now))
            .bind(i64::try_from(MAX_LISTED).unwrap_or(i64::MAX))
            .fetch_all(self.pool())
            .await
            .map_err(failed("listing sessions"))?;
        let listed = rows.into_iter();
        Ok(listed
            .map(|(id, made_at, seen_at, expires_at)| ListedSession {
                key: SessionKey::new(site, id),
                made_at: timestamp(made_at),
                seen_at: timestamp(seen_at),
                expires_at: timestamp(expires_at),
            })
            .collect())
    }

    async fn end_user(&self, site: &str, user: &str) -> Result<u64, StoreError> {
        let done = sqlx::query(END_USER)
            .bind(site)
            .bind(user)
            .execute(self.pool())
            .await
            .map_err(failed("ending sessions"))?;
        Ok(done.rows_affected())
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query(PURGE)
            .bind(seconds(now))
            .execute(self.pool())
            .await
            .map_err(failed("purging sessions"))?;
        Ok(done.rows_affected())
    }
}
