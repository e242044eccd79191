//! Stores for `oauth-dance` in SQL databases: for tokens, and for sessions.
//!
//! | feature | store | implements | |
//! |---|---|---|---|
//! | `sqlite` (default) | [`SqliteStore`] | [`TokenStore`](oauth_dance::TokenStore), [`SessionStore`](oauth_dance::SessionStore) | a file beside the application; SQLite is compiled in |
//!
//! ```
//! use oauth_dance::{Dances, Key};
//! use oauth_dance_sqlx::SqliteStore;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SqliteStore::open("app.db").await?;
//! let dances = Dances::builder("https://app.example", Key::generate()?)
//!     .store(store.clone())
//!     .session_store(store);
//! # Ok(())
//! # }
//! ```
//!
//! The guide has pages for [users and their sessions](oauth_dance::guide::sessions) and for
//! [production](oauth_dance::guide::production), with several servers and backups.
//!
//! # The table
//!
//! Every database has one table, `oauth_dance_tokens`, which the store creates if it is not there:
//!
//! | column | holds |
//! |---|---|
//! | `revision` | a number that is used for one version of one token and never again |
//! | `site` | the origin of the application and the namespace of its cookies, so that two sites on one database do not meet |
//! | `dance` | the name of the dance, as in `/login/{dance}` |
//! | `owner_kind` | `user` or `browser` |
//! | `owner_id` | the identifier of the application's user, or a random identifier of the browser |
//! | `account` | the account at the provider, as a hash of issuer and subject; empty if it is not known |
//! | `stored_at`, `expires_at` | when the user signed in; when the row may be deleted, if it belongs to a browser (seconds since 1970) |
//! | `sealed` | the token, encrypted and bound to its row; it cannot be read or searched |
//! | `lease_holder`, `lease_until` | the process that is refreshing the token, and the end of its lease (seconds since 1970) |
//!
//! An index finds all tokens of one owner. Each write of a token replaces its row. Keep your own data about
//! a token in a table of your own with the same columns `site` to `account`, and add no columns to this table.
//!
//! Sessions are in the table `oauth_dance_sessions`, if the store is given to `DancesBuilder::session_store` too. It
//! has the user beside the sealed session, and the times at which it was made, seen, and expires.
//!
//! # Users and their tokens in one database
//!
//! The application may keep its own tables in the same database file, through any library. With sqlx, both
//! can share one pool: [`SqliteStore::pool`] returns the pool of the store, and [`SqliteStore::from_pool`]
//! takes the pool of the application.
//!
//! If a receiver calls `login.store_for(user_id)`, `owner_id` is that id as text and links the token to the
//! user:
//!
//! ```
//! use oauth_dance::{Owner, SealedToken, StoreKey, TokenStore};
//! use oauth_dance_sqlx::{SqliteStore, sqlx};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SqliteStore::in_memory().await?;
//! sqlx::query("CREATE TABLE users (id INTEGER PRIMARY KEY, github_id TEXT NOT NULL UNIQUE)")
//!     .execute(store.pool())
//!     .await?;
//!
//! // Find or create the user in one transaction that starts with the write: two first logins at the same
//! // time then create one user.
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
//! # store.save(&StoreKey::new("github", Owner::user(user_id)), sealed).await?;
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
//! The table has no foreign key, because the store knows neither the application's table nor the type of its
//! key. Delete the tokens together with the user, by a trigger or in the same transaction.
//!
//! # sqlx in this interface
//!
//! `from_pool` and `pool` have a type of sqlx in their signatures. sqlx is at 0.x, so another minor version
//! of sqlx is a breaking change of this crate, and its version says so. No other item of this crate and no
//! other crate of `oauth-dance` depends on sqlx.
//!
//! # Errors
//!
//! If the database cannot be opened, is full, is read-only or stays locked, every call returns
//! [`StoreError::unavailable`](oauth_dance::StoreError::unavailable), whose source is the error of sqlx.
//! Statements are fixed texts with placeholders, so errors hold no stored values.

mod record;
#[cfg(feature = "sqlite")]
mod session_table;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlite")]
mod sqlite_sessions;

#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteStore;

/// The version of sqlx whose pools the stores use.
pub use sqlx;
