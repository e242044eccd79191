//! The table of sessions in SQLite.

pub(crate) const CREATE_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS oauth_dance_sessions (
        site       TEXT NOT NULL,
        id         TEXT NOT NULL,
        user       TEXT,
        sealed     BLOB NOT NULL,
        made_at    INTEGER NOT NULL,
        seen_at    INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (site, id)
    ) STRICT, WITHOUT ROWID";

/// For the list of a user's sessions.
pub(crate) const CREATE_USER_INDEX: &str = "
    CREATE INDEX IF NOT EXISTS oauth_dance_sessions_user
    ON oauth_dance_sessions (site, user, seen_at) WHERE user IS NOT NULL";

pub(crate) const CREATE_EXPIRY_INDEX: &str = "
    CREATE INDEX IF NOT EXISTS oauth_dance_sessions_expiry
    ON oauth_dance_sessions (expires_at)";
