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

use oauth_dance::{NewSession, SessionKey, SessionStore, Timestamp};
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

async fn insert(store: &impl SessionStore, id: &str, user: Option<&str>) {
    let inserted = store.change(&key(id), None, Some(session(id, user))).await;
    assert!(inserted.expect("insert"));
}

/// Changes the record `id` from these bytes to those. Returns whether the store says that it is done.
async fn change(
    store: &impl SessionStore,
    id: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> bool {
    let after = after.map(|bytes| session(bytes, None));
    let key = key(id);
    let changed = store.change(&key, before.map(str::as_bytes), after);
    changed.await.expect("change")
}

/// The bytes of a record.
async fn load(store: &impl SessionStore, id: &str) -> Option<String> {
    let stored = store.load(&key(id)).await.expect("load")?;
    Some(String::from_utf8(stored.sealed).expect("text"))
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
    let inserted = store.change(&key("one"), None, Some(new)).await;
    assert!(inserted.expect("insert"));
    let stored = store.load(&key("one")).await.expect("load").expect("one");
    assert_eq!(stored.sealed, every_byte);
    let times = (stored.made_at, stored.seen_at, stored.expires_at);
    assert_eq!(times, (at(10), at(20), at(100)));
    let elsewhere = SessionKey::new("https://b.example od", "one");
    assert!(store.load(&elsewhere).await.expect("load").is_none());
    assert_eq!(load(&store, "ONE").await, None);
}

/// A record that is replaced has nothing of what it was before.
pub async fn a_change_replaces_all_of_a_record(store: impl SessionStore) {
    insert(&store, "one", Some("7")).await;
    insert(&store, "two", Some("7")).await;
    let new = NewSession {
        sealed: b"new".into(),
        user: Some("8".to_owned()),
        made_at: at(30),
        seen_at: at(40),
        expires_at: at(200),
    };
    let changed = store.change(&key("one"), Some(b"one"), Some(new)).await;
    assert!(changed.expect("change"));
    let stored = store.load(&key("one")).await.expect("load").expect("one");
    assert_eq!(stored.sealed, b"new");
    let times = (stored.made_at, stored.seen_at, stored.expires_at);
    assert_eq!(times, (at(30), at(40), at(200)));
    assert_eq!(listed(&store, "7", 50).await, ["two"]);
    assert_eq!(listed(&store, "8", 50).await, ["one"]);
    assert!(change(&store, "one", Some("new"), Some("newer")).await);
    assert_eq!(listed(&store, "8", 50).await, [""; 0], "it has no user now");
}

/// A record that is not what the change expects stays as it is.
pub async fn a_change_needs_what_it_has_read(store: impl SessionStore) {
    insert(&store, "one", Some("7")).await;
    for before in [None, Some(""), Some("on"), Some("one "), Some("ONE")] {
        for after in [Some("new"), None] {
            assert!(!change(&store, "one", before, after).await, "{before:?}");
            assert_eq!(load(&store, "one").await.as_deref(), Some("one"));
            assert_eq!(listed(&store, "7", 30).await, ["one"]);
        }
    }
    for after in [Some("new"), None] {
        assert!(!change(&store, "none", Some("one"), after).await);
        assert_eq!(load(&store, "none").await, None);
    }
    // Also one that has expired is there until it is purged.
    assert!(!change(&store, "one", None, Some("new")).await);
    assert!(change(&store, "one", Some("one"), None).await);
    assert_eq!(load(&store, "one").await, None);
    assert!(!change(&store, "one", Some("one"), Some("new")).await);
    assert!(change(&store, "one", None, Some("again")).await);
    assert_eq!(load(&store, "one").await.as_deref(), Some("again"));
}

/// A change is for the site of its key, and for no record of the same name at another.
pub async fn a_change_is_for_one_site(store: impl SessionStore) {
    insert(&store, "one", None).await;
    let elsewhere = SessionKey::new("https://b.example od", "one");
    let new = session("one", None);
    assert!(
        store
            .change(&elsewhere, None, Some(new))
            .await
            .expect("insert")
    );
    let new = session("new", None);
    let changed = store.change(&elsewhere, Some(b"one"), Some(new)).await;
    assert!(changed.expect("change"));
    assert_eq!(load(&store, "one").await.as_deref(), Some("one"));
    let deleted = store.change(&elsewhere, Some(b"new"), None).await;
    assert!(deleted.expect("delete"));
    assert_eq!(load(&store, "one").await.as_deref(), Some("one"));
}

/// Of many changes to one record at once, one succeeds, whether there is a record before or not.
pub async fn one_of_many_changes_wins(store: impl SessionStore) {
    let store = Arc::new(store);
    for round in 0..16 {
        let id = round.to_string();
        let before = (round % 2 == 0).then_some("old");
        if let Some(before) = before {
            assert!(change(&*store, &id, None, Some(before)).await);
        }
        let mut tasks = JoinSet::new();
        for number in 0..8 {
            let (store, id) = (Arc::clone(&store), id.clone());
            tasks.spawn(async move {
                let new = number.to_string();
                let won = change(&*store, &id, before, Some(&new)).await;
                won.then_some(new)
            });
        }
        let won: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(won.len(), 1, "round {round}: {won:?}");
        assert_eq!(
            load(&*store, &id).await.as_ref(),
            won.first(),
            "round {round}"
        );
    }
}

/// A session is listed for its user until it has expired, the last seen first.
pub async fn the_sessions_of_a_user_are_listed(store: impl SessionStore) {
    for (id, seen_at, expires_at) in [("b", 20, 100), ("a", 30, 100), ("c", 40, 60)] {
        let new = NewSession {
            seen_at: at(seen_at),
            expires_at: at(expires_at),
            ..session(id, Some("7"))
        };
        let inserted = store.change(&key(id), None, Some(new)).await;
        assert!(inserted.expect("insert"));
    }
    insert(&store, "other", Some("8")).await;
    insert(&store, "nobody", None).await;
    let elsewhere = SessionKey::new("https://b.example od", "elsewhere");
    let new = session("elsewhere", Some("7"));
    assert!(
        store
            .change(&elsewhere, None, Some(new))
            .await
            .expect("insert")
    );
    assert_eq!(listed(&store, "7", 50).await, ["c", "a", "b"]);
    assert_eq!(listed(&store, "7", 60).await, ["a", "b"]);

    store.touch(&key("b"), at(70)).await.expect("touch");
    assert_eq!(listed(&store, "7", 70).await, ["b", "a"]);
    // A request that comes in late does not set the time back.
    store.touch(&key("b"), at(10)).await.expect("touch");
    assert_eq!(listed(&store, "7", 70).await, ["b", "a"]);
    assert_eq!(load(&store, "b").await.as_deref(), Some("b"));
    store.touch(&key("none"), at(70)).await.expect("touch");
    assert_eq!(load(&store, "none").await, None);
}

/// Identifiers of users are compared byte by byte: no folding of case or of accents, no trimming, no numbers, no
/// patterns.
pub async fn f21_users_with_odd_text_are_distinct(store: impl SessionStore) {
    const USERS: [&str; 14] = [
        "7",
        "07",
        "7.0",
        " 7",
        "7 ",
        "7\n",
        "a",
        "A",
        "\u{e9}",
        "e\u{301}",
        "stra\u{df}e",
        "strasse",
        "%",
        "_",
    ];
    for (number, user) in USERS.iter().enumerate() {
        insert(&store, &number.to_string(), Some(user)).await;
    }
    for (number, user) in USERS.iter().enumerate() {
        assert_eq!(
            listed(&store, user, 50).await,
            [number.to_string()],
            "{user:?}"
        );
        let ended = store.end_user(SITE, user, &[]).await.expect("end");
        assert_eq!(ended, 1, "{user:?}");
    }
}

/// All sessions of a user end at once, and no others.
pub async fn the_sessions_of_a_user_are_ended(store: impl SessionStore) {
    insert(&store, "one", Some("7")).await;
    insert(&store, "two", Some("7")).await;
    insert(&store, "other", Some("8")).await;
    insert(&store, "nobody", None).await;
    assert_eq!(store.end_user(SITE, "7", &[]).await.expect("end"), 2);
    assert_eq!(store.end_user(SITE, "7", &[]).await.expect("end"), 0);
    assert_eq!(load(&store, "one").await, None);
    assert_eq!(store.end_user("elsewhere", "8", &[]).await.expect("end"), 0);
    for stays in ["other", "nobody"] {
        assert!(load(&store, stays).await.is_some(), "{stays}");
    }
}

/// All sessions of a user end at once but those that are to be kept. Keys of others change nothing.
pub async fn the_sessions_of_a_user_are_ended_but_those_to_keep(store: impl SessionStore) {
    for id in ["one", "two", "three"] {
        insert(&store, id, Some("7")).await;
    }
    insert(&store, "other", Some("8")).await;
    let except = [
        key("two"),
        key("other"),
        key("missing"),
        SessionKey::new("elsewhere", "one"),
    ];
    let ended = store.end_user(SITE, "7", &except).await.expect("end");
    assert_eq!(ended, 2);
    assert_eq!(listed(&store, "7", 50).await, ["two"]);
    assert_eq!(listed(&store, "8", 50).await, ["other"]);
}

/// What has expired is purged, and not a second before.
pub async fn what_has_expired_is_purged(store: impl SessionStore) {
    for (id, user, expires_at) in [("one", Some("7"), 100), ("two", None, 50)] {
        let new = NewSession {
            expires_at: at(expires_at),
            ..session(id, user)
        };
        let inserted = store.change(&key(id), None, Some(new)).await;
        assert!(inserted.expect("insert"));
    }
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
                a_change_replaces_all_of_a_record
                a_change_needs_what_it_has_read
                a_change_is_for_one_site
                one_of_many_changes_wins
                the_sessions_of_a_user_are_listed
                the_sessions_of_a_user_are_ended
                the_sessions_of_a_user_are_ended_but_those_to_keep
                f21_users_with_odd_text_are_distinct
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
