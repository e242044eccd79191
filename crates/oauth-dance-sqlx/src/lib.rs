//! Token storage for `oauth-dance` in SQL databases.
//!
//! | feature | storage | |
//! |---|---|---|
//! | `sqlite` (default) | [`SqliteStore`] | a file beside the application; SQLite is compiled in |
//!
//! ```
//! use oauth_dance::{Dances, Key};
//! use oauth_dance_sqlx::SqliteStore;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let dances = Dances::builder("https://app.example", Key::generate()?)
//!     .store(SqliteStore::open("app.db").await?);
//! # Ok(())
//! # }
//! ```
//!
//! # The table
//!
//! Every database has one table, `oauth_dance_tokens`, which the store creates if it is not there:
//!
//! | column | holds |
//! |---|---|
//! | `revision` | a number that no other version of any token ever has |
//! | `dance` | the name of the dance, as in `/login/{dance}` |
//! | `owner_kind` | `user` or `browser` |
//! | `owner_id` | your user's identifier, or a random one of the browser |
//! | `sealed` | the token, encrypted and bound to its row; nothing to read or to search in |
//! | `lease_holder`, `lease_until` | who is refreshing it at this moment, and until when at most (seconds since 1970) |
//!
//! Tokens of one owner are found through an index, whichever dance they came from. Each time a token is
//! written its row is a new one, so keep what you know about it in a table of your own, under the same
//! three columns, not in columns added to this one.
//!
//! # Users and their tokens in one database
//!
//! The store opens the file for itself, so an application may keep its own tables in it by any means it
//! likes. One that uses sqlx shares the pool: [`SqliteStore::pool`] lends the store's to the application,
//! [`SqliteStore::from_pool`] the application's to the store.
//!
//! A receiver that has found or created the user says `login.store_for(user_id)`; from then on
//! `owner_id` is that id, as text, and links the token to the user:
//!
//! ```
//! use oauth_dance::{Owner, SealedToken, StorageKey, TokenStorage};
//! use oauth_dance_sqlx::{SqliteStore, sqlx};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SqliteStore::in_memory().await?;
//! sqlx::query("CREATE TABLE users (id INTEGER PRIMARY KEY, github_id TEXT NOT NULL UNIQUE)")
//!     .execute(store.pool())
//!     .await?;
//!
//! // Find or create in one transaction that begins with the write, so that two first logins at once
//! // make one user.
//! let mut transaction = store.pool().begin().await?;
//! sqlx::query("INSERT INTO users (github_id) VALUES (?) ON CONFLICT DO NOTHING")
//!     .bind("583231")
//!     .execute(&mut *transaction)
//!     .await?;
//! let (user_id,): (i64,) = sqlx::query_as("SELECT id FROM users WHERE github_id = ?")
//!     .bind("583231")
//!     .fetch_one(&mut *transaction)
//!     .await?;
//! transaction.commit().await?;
//! # let sealed = SealedToken::from_bytes(vec![1]);
//! # store.save(&StorageKey::new("github", Owner::user(user_id)), sealed).await?;
//!
//! let signed_in: Vec<(i64, String)> = sqlx::query_as(
//!     "SELECT users.id, tokens.dance
//!      FROM users JOIN oauth_dance_tokens AS tokens
//!        ON tokens.owner_kind = 'user' AND tokens.owner_id = CAST(users.id AS TEXT)",
//! )
//! .fetch_all(store.pool())
//! .await?;
//! assert_eq!(signed_in, [(user_id, "github".to_owned())]);
//! # Ok(())
//! # }
//! ```
//!
//! There is no foreign key, because the store knows neither your table nor the type of its key: delete
//! the tokens with the user, by a trigger or in the same transaction.
//!
//! # sqlx in this interface
//!
//! `from_pool` and `pool` show a type of sqlx, whose versions are 0.x: a release of this crate that
//! moves to another sqlx says so in its own version. Nothing else here does, and the rest of
//! `oauth-dance` knows nothing of it.
//!
//! # Errors
//!
//! A database that cannot be opened, is full, read-only or locked for too long answers
//! [`StorageError::unavailable`](oauth_dance::StorageError::unavailable), whose source is sqlx's error.
//! Statements are fixed texts with placeholders; no value that was bound to one shows in an error.

mod record;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteStore;

/// The sqlx whose pools the stores share.
pub use sqlx;
