//! Tokens in a SQLite file, or in memory.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use oauth_dance::{
    Lease, MAX_ACCOUNTS, Revision, SealedToken, StoreError, StoreKey, StoredAccount, StoredToken,
    Timestamp, TokenStore,
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::record::{bytes_to_keep, failed, seconds, stored, timestamp};
use crate::session_table;

/// How long a statement waits for another process to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a call waits for a connection, while all are in use. Together with [`BUSY_TIMEOUT`] this
/// bounds every call.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Readers do not wait for each other, and there is only ever one writer.
const CONNECTIONS: u32 = 4;

// AUTOINCREMENT remembers the highest number ever given, beyond the deletion of its row, and every
// write is a new row: that is what makes a revision unrepeatable. The order of the unique index serves
// the lookup of one token, the list of an owner's accounts, and the join with an application's users.
const CREATE_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS oauth_dance_tokens (
        revision     INTEGER PRIMARY KEY AUTOINCREMENT,
        site         TEXT NOT NULL,
        dance        TEXT NOT NULL,
        owner_kind   TEXT NOT NULL,
        owner_id     TEXT NOT NULL,
        account      TEXT NOT NULL,
        sealed       BLOB NOT NULL,
        stored_at    INTEGER NOT NULL,
        expires_at   INTEGER,
        lease_holder TEXT,
        lease_until  INTEGER,
        UNIQUE (owner_kind, owner_id, site, dance, account)
    ) STRICT";

// Only what belongs to a browser expires.
const CREATE_INDEX: &str = "
    CREATE INDEX IF NOT EXISTS oauth_dance_tokens_expiry
    ON oauth_dance_tokens (expires_at) WHERE expires_at IS NOT NULL";

const LOAD: &str = "
    SELECT revision, sealed, stored_at, expires_at FROM oauth_dance_tokens
    WHERE owner_kind = ? AND owner_id = ? AND site = ? AND dance = ? AND account = ?";

const SAVE: &str = "
    INSERT OR REPLACE INTO oauth_dance_tokens
        (owner_kind, owner_id, site, dance, account, sealed, stored_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    RETURNING revision";

const REPLACE: &str = "
    INSERT OR REPLACE INTO oauth_dance_tokens
        (owner_kind, owner_id, site, dance, account, sealed, stored_at, expires_at)
    SELECT owner_kind, owner_id, site, dance, account, ?, ?, ? FROM oauth_dance_tokens
    WHERE owner_kind = ? AND owner_id = ? AND site = ? AND dance = ? AND account = ?
      AND revision = ?
    RETURNING revision";

const DELETE: &str = "
    DELETE FROM oauth_dance_tokens
    WHERE owner_kind = ? AND owner_id = ? AND site = ? AND dance = ? AND account = ?";

const ACCOUNTS: &str = "
    SELECT account, stored_at FROM oauth_dance_tokens
    WHERE owner_kind = ? AND owner_id = ? AND site = ? AND dance = ?
    ORDER BY stored_at DESC, revision DESC LIMIT ?";

const PURGE: &str = "
    DELETE FROM oauth_dance_tokens WHERE expires_at <= ?";

// By the clock of SQLite: the processes on one file may have clocks that differ.
const LEASE: &str = "
    UPDATE oauth_dance_tokens SET lease_holder = ?, lease_until = unixepoch() + ?
    WHERE owner_kind = ? AND owner_id = ? AND site = ? AND dance = ? AND account = ?
      AND (lease_holder IS NULL OR lease_holder = ? OR lease_until <= unixepoch())";

const RELEASE: &str = "
    UPDATE oauth_dance_tokens SET lease_holder = NULL, lease_until = NULL
    WHERE owner_kind = ? AND owner_id = ? AND site = ? AND dance = ? AND account = ?
      AND lease_holder = ?";

/// A store that keeps tokens and sessions in a SQLite database.
///
/// Any number of stores, in any number of processes, may share one file. Each operation is a single
/// statement: it is done completely or not at all. SQLite runs on its own threads and does not block the
/// runtime. A clone is cheap and shares the connections of the original. Needs a Tokio runtime.
#[derive(Clone)]
pub struct SqliteStore {
    pool: SqlitePool,
}

impl SqliteStore {
    /// Opens the database file at `path` (a path, not a URL), and creates it if it does not exist. Its folder has to
    /// exist.
    ///
    /// The file is switched to WAL mode, in which readers and a writer do not wait for each other. When a
    /// call that stores a token returns, the token is on disk. A call waits at most 10 seconds for other
    /// users of the file.
    ///
    /// # Errors
    ///
    /// - [`StoreError::unavailable`] if the file cannot be opened or created, or if it is not a database.
    /// - [`StoreError::refused`] if `path` is a URL, such as `sqlite://app.db`.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        // SQLite's own name for it. As a file it would be one database per connection.
        if path == Path::new(":memory:") {
            return Self::in_memory().await;
        }
        if path
            .to_str()
            .is_some_and(|path| path.starts_with("sqlite:"))
        {
            return Err(StoreError::refused(format!(
                "`SqliteStore::open` takes the path of a file, such as `app.db`, and {} is a URL",
                path.display()
            )));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .busy_timeout(BUSY_TIMEOUT)
            // A refresh token that was rotated and then lost to a power cut is lost for good.
            .synchronous(SqliteSynchronous::Full);
        let pool = pool_options(CONNECTIONS)
            .connect_with(options)
            .await
            .map_err(|error| {
                StoreError::unavailable(format!("opening the file {}", path.display()), error)
            })?;
        enter_wal(&pool).await?;
        Self::from_pool(pool).await
    }

    /// Creates a database in memory, for tests and demonstrations. It ends with the last clone of the store.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if SQLite cannot be started.
    pub async fn in_memory() -> Result<Self, StoreError> {
        // Each connection has a memory of its own, so there is one, for as long as the pool lives.
        let pool = pool_options(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(SqliteConnectOptions::new().in_memory(true))
            .await
            .map_err(failed("opening a database in memory"))?;
        Self::from_pool(pool).await
    }

    /// Stores tokens and sessions in a database that the application has opened, and creates the tables there.
    ///
    /// The pool decides on the modes of the database and on the waiting times. A pool over `:memory:` must
    /// have one connection only.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the tables cannot be created.
    pub async fn from_pool(pool: SqlitePool) -> Result<Self, StoreError> {
        let statements = [
            CREATE_TABLE,
            CREATE_INDEX,
            session_table::CREATE_TABLE,
            session_table::CREATE_USER_INDEX,
            session_table::CREATE_EXPIRY_INDEX,
        ];
        for statement in statements {
            sqlx::query(statement)
                .execute(&pool)
                .await
                .map_err(failed("creating the tables"))?;
        }
        Ok(Self { pool })
    }

    /// Returns the connections of this store, for the application's own tables in the same database.
    #[must_use]
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }
}

fn pool_options(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // There is no server that could have gone away.
        .test_before_acquire(false)
}

/// Switches the file to WAL mode, which it then stays in.
///
/// The switch needs the file exclusively. If several connections try at once, SQLite does not let them wait
/// for each other, which could be a deadlock: all but one get SQLITE_BUSY and have to try again.
async fn enter_wal(pool: &SqlitePool) -> Result<(), StoreError> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match sqlx::query("PRAGMA journal_mode = WAL").execute(pool).await {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            // Where WAL cannot be (on some network file systems) the mode stays as it was, silently.
            result => return result.map(drop).map_err(failed("entering WAL mode")),
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    // SQLITE_BUSY, in the low byte of its extended codes.
    const BUSY: i32 = 5;
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .and_then(|code| code.parse::<i32>().ok())
        .is_some_and(|code| code & 0xff == BUSY)
}

/// Returns a time in seconds, rounded up, and at most some hundred years.
fn whole_seconds(time: Duration) -> i64 {
    const LONGEST: u64 = 1 << 32;
    let seconds = time
        .as_secs()
        .saturating_add(u64::from(time.subsec_nanos() > 0));
    i64::try_from(seconds.min(LONGEST)).unwrap_or(i64::MAX)
}

/// Binds the columns of an owner at a dance, in the order in which every statement names them.
macro_rules! bind_owner {
    ($query:expr, $key:expr) => {
        $query
            .bind($key.owner().kind())
            .bind($key.owner().id())
            .bind($key.site())
            .bind($key.dance())
    };
}

/// Binds the columns of a key, in the order in which every statement names them.
macro_rules! bind_key {
    ($query:expr, $key:expr) => {
        bind_owner!($query, $key).bind($key.account())
    };
}

/// Binds the columns of a record, in the order in which every statement names them.
macro_rules! bind_record {
    ($query:expr, $sealed:expr) => {{
        let (stored_at, expires_at) = ($sealed.stored_at(), $sealed.expires_at());
        $query
            .bind(bytes_to_keep($sealed)?)
            .bind(seconds(stored_at))
            .bind(expires_at.map(seconds))
    }};
}

/// Returns the revision from a `RETURNING` clause, if a row was written.
///
/// For statements that write, all rows must be fetched: `fetch_one` abandons a statement after its first
/// row, and with it the error of its commit.
fn written(rows: &[(i64,)]) -> Option<Revision> {
    rows.first().map(|&(revision,)| Revision::new(revision))
}

#[async_trait]
impl TokenStore for SqliteStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        let row = bind_key!(sqlx::query_as(LOAD), key)
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("loading a token"))?;
        Ok(row.map(stored))
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        const WHAT: &str = "saving a token";
        let rows = bind_record!(bind_key!(sqlx::query_as(SAVE), key), sealed)
            .fetch_all(&self.pool)
            .await
            .map_err(failed(WHAT))?;
        written(&rows).ok_or_else(|| failed(WHAT)(sqlx::Error::RowNotFound))
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        let query = bind_record!(sqlx::query_as(REPLACE), sealed);
        let rows = bind_key!(query, key)
            .bind(revision.number())
            .fetch_all(&self.pool)
            .await
            .map_err(failed("replacing a token"))?;
        Ok(written(&rows))
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let done = bind_key!(sqlx::query(DELETE), key)
            .execute(&self.pool)
            .await
            .map_err(failed("deleting a token"))?;
        Ok(done.rows_affected() > 0)
    }

    async fn accounts(&self, key: &StoreKey) -> Result<Vec<StoredAccount>, StoreError> {
        let limit = i64::try_from(MAX_ACCOUNTS).unwrap_or(i64::MAX);
        let rows: Vec<(String, i64)> = bind_owner!(sqlx::query_as(ACCOUNTS), key)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(failed("listing the accounts of an owner"))?;
        Ok(rows
            .into_iter()
            .map(|(account, stored_at)| StoredAccount {
                account,
                stored_at: timestamp(stored_at),
            })
            .collect())
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query(PURGE)
            .bind(seconds(now))
            .execute(&self.pool)
            .await
            .map_err(failed("purging tokens"))?;
        Ok(done.rows_affected())
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        let query = sqlx::query(LEASE)
            .bind(lease.holder)
            .bind(whole_seconds(lease.lasts));
        let done = bind_key!(query, key)
            .bind(lease.holder)
            .execute(&self.pool)
            .await
            .map_err(failed("leasing a token"))?;
        Ok(done.rows_affected() > 0)
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        bind_key!(sqlx::query(RELEASE), key)
            .bind(holder)
            .execute(&self.pool)
            .await
            .map_err(failed("releasing a token"))?;
        Ok(())
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_never_shorter_than_it_was_asked_for() {
        for (milliseconds, seconds) in [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2)] {
            let time = Duration::from_millis(milliseconds);
            assert_eq!(whole_seconds(time), seconds, "{milliseconds} ms");
        }
        assert_eq!(whole_seconds(Duration::MAX), 1 << 32);
    }
}
