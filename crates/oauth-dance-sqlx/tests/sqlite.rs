//! SQLite: the suite of every store, and what is peculiar to a file.

#![cfg(feature = "sqlite")]

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use oauth_dance::{Owner, SealedToken, StoreError, StoreKey, TokenStore};
use oauth_dance_sqlx::sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use oauth_dance_sqlx::{SqliteStore, sqlx};
use oauth_dance_suites::store_suite::Guarded;
use oauth_dance_suites::{session_suite, store_suite};
use tempfile::TempDir;
use tokio::task::JoinSet;

store_suite!(memory, async || SqliteStore::in_memory().await.unwrap());

session_suite!(sessions_in_memory, async || SqliteStore::in_memory()
    .await
    .unwrap());

store_suite!(file, async || {
    let (folder, path) = place();
    Guarded(SqliteStore::open(path).await.unwrap(), folder)
});

/// A folder that goes with the test, and a file in it that is not there yet.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    (folder, path)
}

fn ada() -> StoreKey {
    StoreKey::new("github", Owner::user("ada"))
}

fn sealed(bytes: impl Into<Vec<u8>>) -> SealedToken {
    SealedToken::from_bytes(bytes.into())
}

async fn bytes(store: &SqliteStore) -> Option<Vec<u8>> {
    let stored = store.load(&ada()).await.unwrap();
    stored.map(|stored| stored.sealed.into_bytes())
}

/// A pool as an application would open it.
async fn pool(options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .connect_with(options)
        .await
        .unwrap()
}

/// Everything a log could show of an error.
fn shown(error: &StoreError) -> String {
    let mut text = format!("{error} / {error:?}");
    let mut next = error.source();
    while let Some(error) = next {
        text += &format!(" / {error} / {error:?}");
        next = error.source();
    }
    text
}

#[tokio::test]
async fn tokens_survive_reopening_and_revisions_go_on() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let first = store.save(&ada(), sealed("first")).await.unwrap();
    let second = store.save(&ada(), sealed("second")).await.unwrap();
    store.pool().close().await;

    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(bytes(&store).await, Some(b"second".into()));
    assert!(store.delete(&ada()).await.unwrap());
    store.pool().close().await;

    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(bytes(&store).await, None);
    let third = store.save(&ada(), sealed("third")).await.unwrap();
    assert!(third != first && third != second);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_start_at_once_on_a_new_file_all_start() {
    for _ in 0..20 {
        let (_folder, path) = place();
        let mut opening = JoinSet::new();
        for _ in 0..8 {
            let path = path.clone();
            opening.spawn(async move { SqliteStore::open(path).await });
        }
        for store in opening.join_all().await {
            store.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_processes_on_one_file_one_replaces_and_one_leases() {
    let (_folder, path) = place();
    let here = SqliteStore::open(&path).await.unwrap();
    let there = SqliteStore::open(&path).await.unwrap();
    for _ in 0..16 {
        let revision = here.save(&ada(), sealed("token")).await.unwrap();
        assert_eq!(bytes(&there).await, Some(b"token".into()));
        let key = ada();
        let (one, two) = tokio::join!(
            here.replace(&key, revision, sealed("here")),
            there.replace(&key, revision, sealed("there")),
        );
        let winner = match (one.unwrap(), two.unwrap()) {
            (Some(_), None) => "here",
            (None, Some(_)) => "there",
            both => panic!("{both:?}"),
        };
        assert_eq!(bytes(&here).await, Some(winner.into()));
    }
}

#[tokio::test]
async fn the_sealed_bytes_are_kept_as_they_are_and_nothing_is_added() {
    let (folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let bytes: Vec<u8> = (0..=u8::MAX).rev().collect();
    store.save(&ada(), sealed(bytes.clone())).await.unwrap();

    let row: (String, String, String, Vec<u8>, Option<String>, Option<i64>) = sqlx::query_as(
        "SELECT dance, owner_kind, owner_id, sealed, lease_holder, lease_until FROM oauth_dance_tokens",
    )
    .fetch_one(store.pool())
    .await
    .unwrap();
    let text = |text: &str| text.to_owned();
    let (github, user, ada) = (text("github"), text("user"), text("ada"));
    assert_eq!(row, (github, user, ada, bytes.clone(), None, None));

    // And so it is on disk, in the database or still in its write-ahead log.
    let files = folder.path().read_dir().unwrap();
    let found = files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .any(|file| file.windows(bytes.len()).any(|window| window == bytes));
    assert!(found);
}

#[tokio::test]
async fn f24_a_token_larger_than_allowed_is_refused_and_the_old_one_stays() {
    let store = SqliteStore::in_memory().await.unwrap();
    let revision = store.save(&ada(), sealed("token")).await.unwrap();

    for size in [SealedToken::MAX_BYTES + 1, 5 * 1024 * 1024] {
        let huge = sealed(vec![0; size]);
        let saved = store.save(&ada(), huge.clone()).await;
        assert!(saved.unwrap_err().is_refused());
        let replaced = store.replace(&ada(), revision, huge).await;
        assert!(replaced.unwrap_err().is_refused());
    }
    assert_eq!(bytes(&store).await, Some(b"token".into()));
}

#[tokio::test]
async fn f23_a_read_only_database_is_read_and_otherwise_unavailable() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let revision = store.save(&ada(), sealed("canary")).await.unwrap();
    store.pool().close().await;

    let options = SqliteConnectOptions::new().filename(&path).read_only(true);
    let store = SqliteStore::from_pool(pool(options).await).await.unwrap();

    assert_eq!(bytes(&store).await, Some(b"canary".into()));
    let saved = store.save(&ada(), sealed("canary")).await.unwrap_err();
    let replaced = store.replace(&ada(), revision, sealed("canary")).await;
    let deleted = store.delete(&ada()).await;
    for error in [saved, replaced.unwrap_err(), deleted.unwrap_err()] {
        assert!(!error.is_refused());
        let shown = shown(&error);
        assert!(shown.contains("readonly"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!shown.contains("ada"), "{shown}");
    }
}

#[tokio::test]
async fn f23_a_full_disk_is_unavailable_and_loses_nothing() {
    let (_folder, path) = place();
    let full = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .pragma("max_page_count", "8");
    let store = SqliteStore::from_pool(pool(full).await).await.unwrap();
    let revision = store.save(&ada(), sealed("token")).await.unwrap();

    let large = || sealed(vec![0; SealedToken::MAX_BYTES]);
    let saved = store.save(&ada(), large()).await.unwrap_err();
    let replaced = store.replace(&ada(), revision, large()).await.unwrap_err();

    for error in [saved, replaced] {
        assert!(!error.is_refused());
        assert!(shown(&error).contains("full"), "{error:?}");
    }
    let stored = store.load(&ada()).await.unwrap().unwrap();
    assert_eq!(stored.sealed.as_bytes(), b"token");
    assert_eq!(stored.revision, revision);
}

#[tokio::test]
async fn f23_waiting_for_another_writer_is_bounded_and_readers_do_not_wait() {
    let (_folder, path) = place();
    let patience = Duration::from_millis(50);
    let elsewhere = SqliteStore::open(&path).await.unwrap();
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .busy_timeout(patience);
    let store = SqliteStore::from_pool(pool(options).await).await.unwrap();
    store.save(&ada(), sealed("token")).await.unwrap();

    let mut writer = elsewhere.pool().acquire().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut *writer)
        .await
        .unwrap();
    assert_eq!(bytes(&store).await, Some(b"token".into()));
    let begun = Instant::now();
    let error = store.save(&ada(), sealed("new")).await.unwrap_err();
    let waited = begun.elapsed();
    assert!(!error.is_refused());
    assert!(shown(&error).contains("locked"), "{error:?}");
    assert!(
        patience / 2 < waited && waited < patience * 80,
        "{waited:?}"
    );

    sqlx::query("ROLLBACK").execute(&mut *writer).await.unwrap();
    store.save(&ada(), sealed("new")).await.unwrap();
    assert_eq!(bytes(&elsewhere).await, Some(b"new".into()));
}

#[tokio::test]
async fn what_cannot_be_opened_is_an_error_that_names_the_file() {
    let (folder, path) = place();
    std::fs::write(&path, "This is not a database, it is a letter to my aunt.").unwrap();
    for path in [
        path,
        folder.path().join("missing/app.db"),
        folder.path().into(),
    ] {
        let error = SqliteStore::open(&path).await.unwrap_err();
        assert!(!error.is_refused());
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_once() {
    let (folder, _) = place();
    let path = folder.path().join("missing/app.db");
    let error = SqliteStore::open(&path).await.unwrap_err();
    let text = format!("{error:?}");
    assert_eq!(text.matches("unable to open").count(), 1, "{text}");
}

#[tokio::test]
async fn a_url_is_refused_as_one() {
    for url in ["sqlite://app.db", "sqlite::memory:", "sqlite:app.db"] {
        let error = SqliteStore::open(url).await.unwrap_err();
        assert!(error.is_refused());
        assert!(error.to_string().contains("takes the path"), "{error}");
    }
}

#[tokio::test]
async fn the_name_of_sqlite_for_memory_opens_memory() {
    let store = SqliteStore::open(":memory:").await.unwrap();
    store.save(&ada(), sealed("token")).await.unwrap();
    assert_eq!(bytes(&store).await, Some(b"token".into()));
    assert!(!PathBuf::from(":memory:").exists());
}

#[tokio::test]
async fn a_store_of_the_application_and_its_tables_share_a_pool() {
    let (_folder, path) = place();
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    let pool = pool(options).await;
    sqlx::query("CREATE TABLE users (id INTEGER PRIMARY KEY)")
        .execute(&pool)
        .await
        .unwrap();
    let store = SqliteStore::from_pool(pool.clone()).await.unwrap();
    // Again, as at the next start.
    SqliteStore::from_pool(pool).await.unwrap();
    store.save(&ada(), sealed("token")).await.unwrap();
    let (tables,): (i64,) = sqlx::query_as(
        "SELECT count(*) FROM sqlite_schema WHERE name IN ('users', 'oauth_dance_tokens')",
    )
    .fetch_one(store.pool())
    .await
    .unwrap();
    assert_eq!(tables, 2);
}

#[tokio::test]
async fn f24_lookups_by_key_and_by_owner_use_the_index() {
    let store = SqliteStore::in_memory().await.unwrap();
    for statement in [
        "EXPLAIN QUERY PLAN SELECT revision, sealed FROM oauth_dance_tokens
         WHERE owner_kind = 'user' AND owner_id = '1' AND dance = 'github'",
        "EXPLAIN QUERY PLAN SELECT dance FROM oauth_dance_tokens
         WHERE owner_kind = 'user' AND owner_id = '1'",
    ] {
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(statement)
            .fetch_all(store.pool())
            .await
            .unwrap();
        let plan = format!("{plan:?}");
        assert!(plan.contains("SEARCH"), "{plan}");
        assert!(plan.contains("owner_kind=? AND owner_id=?"), "{plan}");
    }
}

#[tokio::test]
async fn k07_debug_shows_nothing() {
    let store = SqliteStore::in_memory().await.unwrap();
    assert_eq!(format!("{store:?}"), "SqliteStore { .. }");
}

#[tokio::test]
async fn a_file_is_in_wal_mode_so_that_readers_do_not_wait_for_writers() {
    let (_folder, path) = place();
    let store = SqliteStore::open(path).await.unwrap();
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(store.pool())
        .await
        .unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error() {
    let (_folder, path) = place();
    std::fs::write(
        &path,
        "no database, and longer than the header of one ".repeat(20),
    )
    .unwrap();
    let error = SqliteStore::open(path).await.unwrap_err();
    assert!(!error.is_refused());
}
