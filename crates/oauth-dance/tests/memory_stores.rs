//! The stores in memory say how much they hold, and for how long.

mod support;

use std::time::Duration;

use http::Method;
use oauth_dance::{
    Lease, MAX_LISTED, MemoryPendingStore, MemorySessionStore, MemoryStore, NewSession, NullStore,
    Owner, Revision, SealedToken, SessionKey, SessionStore as _, StoreKey, Timestamp,
    TokenStore as _,
};

use self::support::app_with;

#[tokio::test]
async fn the_stores_in_memory_count_what_they_hold() {
    let (tokens, sessions) = (MemoryStore::new(), MemorySessionStore::new());
    let pendings = MemoryPendingStore::new();
    let app = app_with(
        |dance| dance,
        |dances| {
            dances
                .store(tokens.clone())
                .session_store(sessions.clone())
                .pending_store(pendings.clone())
        },
    );
    let counts = || (pendings.len(), tokens.len(), sessions.len());
    let emptiness = || (pendings.is_empty(), tokens.is_empty(), sessions.is_empty());
    assert_eq!((counts(), emptiness()), ((0, 0, 0), (true, true, true)));

    let browser = app.browser();
    let callback = app.callback(&browser).await;
    assert_eq!((counts(), emptiness()), ((1, 0, 0), (false, true, true)));
    app.ask(&browser, Method::GET, &callback).await;
    assert_eq!((counts(), emptiness()), ((0, 1, 1), (true, false, false)));
}

#[tokio::test]
async fn a_list_of_sessions_has_a_bounded_length() {
    let (sessions, at) = (MemorySessionStore::new(), Timestamp::from_unix_seconds(10));
    for number in 0..=MAX_LISTED {
        let new = NewSession {
            sealed: Vec::new(),
            user: Some("7".to_owned()),
            made_at: at,
            seen_at: at,
            expires_at: at.plus(Duration::from_secs(10)),
        };
        let key = SessionKey::new("site", number.to_string());
        assert!(sessions.change(&key, None, Some(new)).await.unwrap());
    }
    let listed = sessions.of_user("site", "7", at).await.unwrap();
    assert_eq!(listed.len(), MAX_LISTED);
}

#[tokio::test]
async fn a_store_that_keeps_nothing_has_nothing_to_lease_or_delete() {
    let key = StoreKey::new("op", Owner::user(7));
    let sealed = SealedToken::from_bytes(vec![7]);
    NullStore.save(&key, sealed).await.unwrap();
    assert!(NullStore.load(&key).await.unwrap().is_none());
    assert!(NullStore.accounts(&key).await.unwrap().is_empty());
    assert!(!NullStore.lease(&key, LEASE).await.unwrap());
    assert!(!NullStore.delete(&key).await.unwrap());
    assert_eq!(NullStore.purge(Timestamp::default()).await.unwrap(), 0);
}

const LEASE: Lease<'_> = Lease {
    holder: "one",
    lasts: Duration::from_secs(10),
};

#[tokio::test(start_paused = true)]
async fn f10_a_lease_ends_when_its_time_is_over() {
    let (store, key) = (MemoryStore::new(), StoreKey::new("op", Owner::user(7)));
    let sealed = SealedToken::from_bytes(vec![7]);
    store.save(&key, sealed).await.unwrap();
    assert!(store.lease(&key, LEASE).await.unwrap());
    let holder = "two";
    let other = Lease { holder, ..LEASE };
    tokio::time::advance(LEASE.lasts - Duration::from_millis(1)).await;
    assert!(!store.lease(&key, other).await.unwrap());
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(store.lease(&key, other).await.unwrap());
}

#[test]
fn a_revision_is_the_number_that_a_store_gave_it() {
    assert_eq!(Revision::new(7).number(), 7);
}
