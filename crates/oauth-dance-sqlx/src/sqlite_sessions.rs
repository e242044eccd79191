//! Sessions in SQLite: the same file and the same value as the tokens.

use async_trait::async_trait;
use oauth_dance::{
    ListedSession, MAX_LISTED, NewSession, SessionKey, SessionStore, StoreError, StoredSession,
    Timestamp,
};

use crate::record::{failed, seconds, timestamp};
use crate::sqlite::SqliteStore;
use crate::sqlx::query::Query;
use crate::sqlx::sqlite::SqliteArguments;
use crate::sqlx::{self, QueryBuilder, Sqlite};

const LOAD: &str = "
    SELECT sealed, made_at, seen_at, expires_at FROM oauth_dance_sessions
    WHERE site = ? AND id = ?";

const INSERT: &str = "
    INSERT INTO oauth_dance_sessions (user, sealed, made_at, seen_at, expires_at, site, id)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

const REPLACE: &str = "
    UPDATE oauth_dance_sessions
    SET user = ?, sealed = ?, made_at = ?, seen_at = ?, expires_at = ?
    WHERE site = ? AND id = ? AND sealed = ?";

const DELETE: &str = "
    DELETE FROM oauth_dance_sessions WHERE site = ? AND id = ? AND sealed = ?";

// A request that comes in late does not set the time back.
const TOUCH: &str = "
    UPDATE oauth_dance_sessions SET seen_at = MAX(seen_at, ?)
    WHERE site = ? AND id = ?";

const OF_USER: &str = "
    SELECT id, made_at, seen_at, expires_at FROM oauth_dance_sessions
    WHERE site = ? AND user = ? AND expires_at > ?
    ORDER BY seen_at DESC, id LIMIT ?";

const END_USER: &str = "
    DELETE FROM oauth_dance_sessions WHERE site = ";

const PURGE: &str = "
    DELETE FROM oauth_dance_sessions WHERE expires_at <= ?";

/// The columns of a row that [`LOAD`] reads.
type Row = (Vec<u8>, i64, i64, i64);

type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// Binds what [`INSERT`] and [`REPLACE`] begin with.
fn values(statement: Statement<'_>, session: NewSession) -> Statement<'_> {
    statement
        .bind(session.user)
        .bind(session.sealed)
        .bind(seconds(session.made_at))
        .bind(seconds(session.seen_at))
        .bind(seconds(session.expires_at))
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
        Ok(
            row.map(|(sealed, made_at, seen_at, expires_at)| StoredSession {
                sealed,
                made_at: timestamp(made_at),
                seen_at: timestamp(seen_at),
                expires_at: timestamp(expires_at),
            }),
        )
    }

    async fn change(
        &self,
        key: &SessionKey,
        before: Option<&[u8]>,
        after: Option<NewSession>,
    ) -> Result<bool, StoreError> {
        // Each is one statement, so that nothing comes between the look and the change.
        let change = match (before, after) {
            (None, None) => return Ok(SessionStore::load(self, key).await?.is_none()),
            (None, Some(new)) => values(sqlx::query(INSERT), new),
            (Some(_), Some(new)) => values(sqlx::query(REPLACE), new),
            (Some(_), None) => sqlx::query(DELETE),
        };
        let mut change = change.bind(key.site()).bind(key.id());
        if let Some(before) = before {
            change = change.bind(before);
        }
        let done = change.execute(self.pool()).await;
        Ok(done.map_err(failed("changing a session"))?.rows_affected() > 0)
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

    async fn end_user(
        &self,
        site: &str,
        user: &str,
        except: &[SessionKey],
    ) -> Result<u64, StoreError> {
        let mut statement = QueryBuilder::new(END_USER);
        statement
            .push_bind(site)
            .push(" AND user = ")
            .push_bind(user);
        if !except.is_empty() {
            statement.push(" AND id NOT IN (");
            let mut kept = statement.separated(", ");
            for key in except.iter().filter(|key| key.site() == site) {
                kept.push_bind(key.id());
            }
            statement.push(")");
        }
        let done = statement
            .build()
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
