//! The faulty store has the faults it is told to have, and no others.

use oauth_dance::{
    MemoryPendingStore, MemoryStore, Owner, PendingStore as _, SealedToken, StoreKey, Timestamp,
    TokenStore as _,
};
use oauth_dance_suites::{FaultyStore, Verb, store_suite};

store_suite!(
    without_faults,
    async || FaultyStore::new(MemoryStore::new())
);

fn key() -> StoreKey {
    StoreKey::new("github", Owner::user(7))
}

fn sealed(bytes: &[u8]) -> SealedToken {
    SealedToken::from_bytes(bytes.to_vec())
}

#[tokio::test]
async fn a_verb_fails_until_it_is_mended() {
    let store = FaultyStore::new(MemoryStore::new());
    store.fail([Verb::Load]);
    assert!(!store.load(&key()).await.expect_err("down").is_refused());
    store
        .save(&key(), sealed(b"kept"))
        .await
        .expect("another verb");
    store.refuse(Verb::KEEPING);
    let refused = store.save(&key(), sealed(b"refused")).await;
    assert!(refused.expect_err("refused").is_refused());
    store.mend();
    let stored = store.load(&key()).await.expect("mended").expect("a record");
    assert_eq!(stored.sealed.into_bytes(), b"kept");
    assert_eq!(store.stored()[&key()], b"kept");
    assert_eq!((store.calls(Verb::Save), store.done(Verb::Save)), (2, 1));
}

#[tokio::test]
async fn a_verb_fails_so_many_times() {
    let store = FaultyStore::new(MemoryStore::new());
    store.fail_next(Verb::Delete, 2);
    for left in [1, 0] {
        assert!(store.delete(&key()).await.is_err());
        assert_eq!(store.failures_left(Verb::Delete), left);
    }
    assert!(!store.delete(&key()).await.expect("it works again"));
}

#[tokio::test]
async fn a_gate_holds_calls_until_it_is_opened() {
    let store = FaultyStore::new(MemoryStore::new());
    let gate = store.hold(Verb::Save);
    let other = store.clone();
    let saving = tokio::spawn(async move { other.save(&key(), sealed(b"late")).await });
    gate.reached().await;
    assert!(store.load(&key()).await.expect("not held").is_none());
    gate.open();
    saving.await.expect("not cancelled").expect("saved");
    store
        .save(&key(), sealed(b"later"))
        .await
        .expect("open for good");
    assert_eq!(store.stored()[&key()], b"later");
}

#[tokio::test]
async fn a_store_of_pending_logins_has_the_same_faults() {
    let store = FaultyStore::new(MemoryPendingStore::default());
    let later = Timestamp::from_unix_seconds(u64::MAX);
    store
        .insert("id", b"sealed".to_vec(), later)
        .await
        .expect("kept");
    store.fail([Verb::Take]);
    assert!(store.take("id").await.is_err());
    store.mend();
    let taken = store.take("id").await.expect("mended");
    assert_eq!(taken.as_deref(), Some(&b"sealed"[..]));
    assert_eq!((store.calls(Verb::Insert), store.calls(Verb::Take)), (1, 2));
}
