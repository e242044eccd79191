//! The tables of the site, in the same database as the tokens, and what the pages read from them.

use oauth_dance::Identity;
use oauth_dance_sqlx::sqlx::sqlite::SqliteRow;
use oauth_dance_sqlx::sqlx::{self, FromRow, Row as _, SqlitePool};

/// `oauth` links people, as providers know them, to users of this site. The tokens are in a table of
/// their own, `oauth_dance_tokens`, under the same user id.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS users (
        id           INTEGER PRIMARY KEY,
        name         TEXT NOT NULL,
        email        TEXT,
        sign_ins     INTEGER NOT NULL DEFAULT 0,
        last_sign_in TEXT,
        took_seconds INTEGER
    ) STRICT;
    CREATE TABLE IF NOT EXISTS oauth (
        issuer  TEXT NOT NULL,
        subject TEXT NOT NULL,
        user_id INTEGER NOT NULL REFERENCES users (id),
        PRIMARY KEY (issuer, subject)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS imports (
        user_id INTEGER PRIMARY KEY REFERENCES users (id),
        state   TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
        done    INTEGER NOT NULL DEFAULT 0,
        total   INTEGER NOT NULL DEFAULT 0,
        words   INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    UPDATE imports SET state = 'interrupted' WHERE state = 'running';";

/// Makes the tables that are not there.
pub(crate) async fn create_tables(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(SCHEMA).execute(pool).await.map(drop)
}

/// A user of this site.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) sign_ins: i64,
    pub(crate) last_sign_in: Option<String>,
    pub(crate) took_seconds: Option<i64>,
}

impl User {
    /// The user with this id, as an owner of tokens writes it.
    pub(crate) async fn by_id(pool: &SqlitePool, id: &str) -> Result<Option<Self>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM users WHERE id = CAST(? AS INTEGER)")
            .bind(id)
            .fetch_optional(pool)
            .await
    }

    /// The user that this person is linked to.
    pub(crate) async fn of(
        pool: &SqlitePool,
        person: &Identity,
    ) -> Result<Option<Self>, sqlx::Error> {
        sqlx::query_as(
            "SELECT users.* FROM users JOIN oauth ON oauth.user_id = users.id
             WHERE issuer = ? AND subject = ?",
        )
        .bind(person.issuer())
        .bind(person.subject())
        .fetch_optional(pool)
        .await
    }
}

impl FromRow<'_, SqliteRow> for User {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
            sign_ins: row.try_get("sign_ins")?,
            last_sign_in: row.try_get("last_sign_in")?,
            took_seconds: row.try_get("took_seconds")?,
        })
    }
}

/// How far the import of a user's notes is.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) state: String,
    pub(crate) done: i64,
    pub(crate) total: i64,
    pub(crate) words: i64,
}

impl Import {
    pub(crate) async fn of(pool: &SqlitePool, user_id: i64) -> Result<Option<Self>, sqlx::Error> {
        sqlx::query_as("SELECT state, done, total, words FROM imports WHERE user_id = ?")
            .bind(user_id)
            .fetch_optional(pool)
            .await
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state == "running"
    }
}

impl FromRow<'_, SqliteRow> for Import {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            state: row.try_get("state")?,
            done: row.try_get("done")?,
            total: row.try_get("total")?,
            words: row.try_get("words")?,
        })
    }
}
