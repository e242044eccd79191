//! The suite that every session store passes: one function for each promise of
//! [`SessionStore`].
//!
//! ```
//! use oauth_dance::MemorySessionStore;
//! use oauth_dance_suites::session_suite;
//!
//! session_suite!(memory, async || MemorySessionStore::new());
//! ```
//!
//! The closure returns an empty store. The crate needs `tokio` with the features `macros` and `rt-multi-thread`.

use std::sync::Arc;

use oauth_dance::{LeftSession, NewSession, SessionKey, SessionStore, Timestamp};
use tokio::task::JoinSet;

const SITE: &str = "https://app.example od";

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

fn key(id: &str) -> SessionKey {
    SessionKey::new(SITE, id)
}

fn session(bytes: &str, user: Option<&str>) -> NewSession {
    NewSession {
        sealed: bytes.into(),
        user: user.map(str::to_owned),
        made_at: at(10),
        seen_at: at(20),
        expires_at: at(100),
    }
}

fn ended(id: &str) -> LeftSession {
    LeftSession {
        key: key(id),
        superseded: None,
    }
}

fn superseded(id: &str, bytes: &str, expires_at: u64) -> LeftSession {
    LeftSession {
        key: key(id),
        superseded: Some((bytes.into(), at(expires_at))),
    }
}

async fn insert(store: &impl SessionStore, id: &str, user: Option<&str>) {
    let inserted = store.insert(&key(id), session(id, user)).await;
    inserted.expect("insert");
}

/// The bytes of a record, and whether it is live.
async fn load(store: &impl SessionStore, id: &str) -> Option<(Vec<u8>, bool)> {
    let stored = store.load(&key(id)).await.expect("load")?;
    Some((stored.sealed, stored.is_live))
}

async fn listed(store: &impl SessionStore, user: &str, now: u64) -> Vec<String> {
    let listed = store.of_user(SITE, user, at(now)).await.expect("list");
    listed
        .into_iter()
        .map(|it| it.key.id().to_owned())
        .collect()
}

/// What was inserted is loaded, with its times, under its own key alone.
pub async fn what_is_inserted_is_loaded(store: impl SessionStore) {
    assert_eq!(load(&store, "one").await, None);
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let mut new = session("", Some("7"));
    new.sealed.clone_from(&every_byte);
    store.insert(&key("one"), new).await.expect("insert");
    let stored = store.load(&key("one")).await.expect("load").expect("one");
    assert!(stored.is_live);
    assert_eq!(stored.sealed, every_byte);
    let times = (stored.made_at, stored.seen_at, stored.expires_at);
    assert_eq!(times, (at(10), at(20), at(100)));
    let elsewhere = SessionKey::new("https://b.example od", "one");
    assert!(store.load(&elsewhere).await.expect("load").is_none());
    assert_eq!(load(&store, "ONE").await, None);
}

/// A change takes leave of live records and inserts one.
pub async fn a_change_supersedes_ends_and_inserts(store: impl SessionStore) {
    insert(&store, "one", Some("7")).await;
    insert(&store, "two", Some("7")).await;
    let old = [superseded("one", "left", 50), ended("two")];
    let new = session("three", Some("8"));
    let changed = store.change(&old, Some((&key("three"), new))).await;
    assert!(changed.expect("change"));
    assert_eq!(load(&store, "one").await, Some((b"left".into(), false)));
    let stored = store.load(&key("one")).await.expect("load").expect("one");
    assert_eq!(stored.expires_at, at(50));
    assert_eq!(load(&store, "two").await, None);
    assert_eq!(load(&store, "three").await, Some((b"three".into(), true)));
    assert_eq!(listed(&store, "7", 30).await, [""; 0]);
    assert_eq!(listed(&store, "8", 30).await, ["three"]);
}

/// If one record of a change is not live, nothing changes at all.
pub async fn a_change_is_all_or_nothing(store: impl SessionStore) {
    insert(&store, "live", None).await;
    insert(&store, "left", None).await;
    let left = store.change(&[superseded("left", "left", 50)], None).await;
    assert!(left.expect("change"));
    for gone in ["left", "none"] {
        for old in [[ended("live"), ended(gone)], [ended(gone), ended("live")]] {
            let new = session("new", None);
            let changed = store.change(&old, Some((&key("new"), new))).await;
            assert!(!changed.expect("change"), "{gone}");
            assert_eq!(load(&store, "live").await, Some((b"live".into(), true)));
            assert_eq!(load(&store, "new").await, None);
        }
    }
    assert_eq!(load(&store, "left").await, Some((b"left".into(), false)));
}

/// Of many changes to one record at once, one succeeds.
pub async fn one_of_many_changes_wins(store: impl SessionStore) {
    let store = Arc::new(store);
    for round in 0..8 {
        let old = format!("old {round}");
        insert(&*store, &old, None).await;
        let mut tasks = JoinSet::new();
        for number in 0..8 {
            let (store, old) = (Arc::clone(&store), old.clone());
            tasks.spawn(async move {
                let new = key(&format!("new {round} {number}"));
                let left = [superseded(&old, "left", 50)];
                let changed = store
                    .change(&left, Some((&new, session("new", None))))
                    .await;
                changed.expect("change").then_some(number)
            });
        }
        let won: Vec<i32> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(won.len(), 1, "round {round}: {won:?}");
        for number in 0..8 {
            let is_there = load(&*store, &format!("new {round} {number}"))
                .await
                .is_some();
            assert_eq!(is_there, won.contains(&number), "round {round}, {number}");
        }
    }
}

/// A session is listed for its user while it is live and has not expired, the last seen first.
pub async fn the_live_sessions_of_a_user_are_listed(store: impl SessionStore) {
    for (id, seen_at, expires_at) in [("b", 20, 100), ("a", 30, 100), ("c", 40, 60)] {
        let new = NewSession {
            seen_at: at(seen_at),
            expires_at: at(expires_at),
            ..session(id, Some("7"))
        };
        store.insert(&key(id), new).await.expect("insert");
    }
    insert(&store, "other", Some("8")).await;
    insert(&store, "nobody", None).await;
    let elsewhere = SessionKey::new("https://b.example od", "elsewhere");
    let inserted = store
        .insert(&elsewhere, session("elsewhere", Some("7")))
        .await;
    inserted.expect("insert");
    assert_eq!(listed(&store, "7", 50).await, ["c", "a", "b"]);
    assert_eq!(listed(&store, "7", 60).await, ["a", "b"]);

    store.touch(&key("b"), at(70)).await.expect("touch");
    assert_eq!(listed(&store, "7", 70).await, ["b", "a"]);
    // A request that comes in late does not set the time back.
    store.touch(&key("b"), at(10)).await.expect("touch");
    assert_eq!(listed(&store, "7", 70).await, ["b", "a"]);
    store.touch(&key("none"), at(70)).await.expect("touch");
    assert_eq!(load(&store, "none").await, None);
}

/// All live sessions of a user end at once, and no others.
pub async fn the_sessions_of_a_user_are_ended(store: impl SessionStore) {
    insert(&store, "one", Some("7")).await;
    insert(&store, "two", Some("7")).await;
    insert(&store, "other", Some("8")).await;
    assert_eq!(store.end_user(SITE, "7").await.expect("end"), 2);
    assert_eq!(store.end_user(SITE, "7").await.expect("end"), 0);
    assert_eq!(load(&store, "one").await, None);
    assert!(load(&store, "other").await.is_some());
    assert_eq!(store.end_user("elsewhere", "8").await.expect("end"), 0);
    assert!(load(&store, "other").await.is_some());
}

/// What has expired is purged, live or not, and not a second before.
pub async fn what_has_expired_is_purged(store: impl SessionStore) {
    insert(&store, "one", Some("7")).await;
    insert(&store, "two", None).await;
    let left = store.change(&[superseded("two", "left", 50)], None).await;
    assert!(left.expect("change"));
    for (now, purged) in [(49, 0), (50, 1), (99, 0), (100, 1), (u64::MAX, 0)] {
        assert_eq!(store.purge(at(now)).await.expect("purge"), purged, "{now}");
    }
}

/// Makes a module `$name` with one `#[tokio::test]` for each function of
/// [`session_suite`](mod@crate::session_suite). `$fresh` is an async closure that returns an empty store.
#[macro_export]
macro_rules! session_suite {
    ($name:ident, $fresh:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $crate::session_suite! { @tests $fresh;
                what_is_inserted_is_loaded
                a_change_supersedes_ends_and_inserts
                a_change_is_all_or_nothing
                one_of_many_changes_wins
                the_live_sessions_of_a_user_are_listed
                the_sessions_of_a_user_are_ended
                what_has_expired_is_purged
            }
        }
    };
    (@tests $fresh:expr; $($test:ident)*) => {$(
        #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $test() {
            $crate::session_suite::$test(($fresh)().await).await;
        }
    )*};
}
