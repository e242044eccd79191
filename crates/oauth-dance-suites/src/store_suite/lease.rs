//! Leases: one process at a time refreshes a token, and one that died does not block the others for long.

use std::sync::Arc;

use oauth_dance::{Lease, StoreKey, Timestamp, TokenStore};
use tokio::task::JoinSet;

use super::fixture::{Fixture, ada, delete, key, load, replace, save};

/// Asks for a lease from one moment to another, in seconds.
async fn lease(
    store: &impl TokenStore,
    key: &StoreKey,
    holder: &str,
    now: u64,
    until: u64,
) -> bool {
    let lease = Lease {
        holder,
        now: Timestamp::from_unix_seconds(now),
        until: Timestamp::from_unix_seconds(until),
    };
    store.lease(key, lease).await.expect("lease")
}

async fn release(store: &impl TokenStore, key: &StoreKey, holder: &str) {
    store.release(key, holder).await.expect("release");
}

/// While one has the lease no other gets it; it can be asked for again by the one; other keys are free.
pub async fn a_lease_is_exclusive(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let bob = key("github", "bob");
    save(&store, &ada(), "token").await;
    save(&store, &bob, "token").await;
    assert!(lease(&store, &ada(), "one", 100, 110).await);
    assert!(!lease(&store, &ada(), "two", 101, 111).await);
    assert!(lease(&store, &ada(), "one", 102, 112).await);
    assert!(!lease(&store, &ada(), "two", 111, 121).await);
    assert!(lease(&store, &bob, "two", 101, 111).await);
}

/// At the moment it names, a lease is over; moments may be as late as there are.
pub async fn a_lease_expires(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    save(&store, &ada(), "token").await;
    assert!(lease(&store, &ada(), "one", 100, 110).await);
    assert!(!lease(&store, &ada(), "two", 109, 119).await);
    assert!(lease(&store, &ada(), "two", 110, 120).await);
    assert!(!lease(&store, &ada(), "one", 110, 120).await);

    assert!(lease(&store, &ada(), "three", 120, u64::MAX).await);
    assert!(!lease(&store, &ada(), "four", u64::from(u32::MAX) + 1, u64::MAX).await);
}

/// Releasing frees the lease at once. Only its holder can release it.
pub async fn a_released_lease_is_free(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    save(&store, &ada(), "token").await;
    release(&store, &ada(), "one").await;
    assert!(lease(&store, &ada(), "one", 100, 110).await);
    release(&store, &ada(), "two").await;
    release(&store, &key("github", "bob"), "one").await;
    assert!(!lease(&store, &ada(), "two", 101, 111).await);
    release(&store, &ada(), "one").await;
    assert!(lease(&store, &ada(), "two", 102, 112).await);
}

/// Without a record there is nothing to refresh.
pub async fn a_lease_needs_a_record(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    assert!(!lease(&store, &ada(), "one", 100, 110).await);
    release(&store, &ada(), "one").await;
    assert_eq!(load(&store, &ada()).await, None);
    save(&store, &ada(), "token").await;
    assert!(lease(&store, &ada(), "two", 101, 111).await);
}

/// Leasing and releasing change neither record nor revision, so a caller that loaded it before can replace it.
pub async fn a_lease_leaves_the_record_alone(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let revision = save(&store, &ada(), "token").await;
    assert!(lease(&store, &ada(), "one", 100, 110).await);
    assert_eq!(
        load(&store, &ada()).await,
        Some((b"token".into(), revision))
    );
    release(&store, &ada(), "one").await;
    assert!(replace(&store, &ada(), revision, "new").await.is_some());
}

/// A new record has no lease, whether saved or replaced; a replacement that was not written ends none.
pub async fn writing_ends_a_lease(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let first = save(&store, &ada(), "first").await;
    assert!(lease(&store, &ada(), "one", 100, 110).await);
    let second = save(&store, &ada(), "second").await;
    assert!(lease(&store, &ada(), "two", 101, 111).await);
    assert_eq!(replace(&store, &ada(), first, "stale").await, None);
    assert!(!lease(&store, &ada(), "three", 102, 112).await);
    assert!(replace(&store, &ada(), second, "third").await.is_some());
    assert!(lease(&store, &ada(), "three", 103, 113).await);
}

/// A lease goes with its record, and does not come back with the next.
pub async fn deleting_ends_a_lease(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    save(&store, &ada(), "token").await;
    assert!(lease(&store, &ada(), "one", 100, 110).await);
    assert!(delete(&store, &ada()).await);
    assert!(!lease(&store, &ada(), "one", 101, 111).await);
    save(&store, &ada(), "token").await;
    assert!(lease(&store, &ada(), "two", 102, 112).await);
}

/// Of many who ask at once, exactly one gets it, also when it has just expired.
pub async fn one_of_many_gets_the_lease(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let store = Arc::new(store);
    save(&*store, &ada(), "token").await;
    for round in 0..4 {
        let now = 100 + 10 * round;
        let mut tasks = JoinSet::new();
        for number in 0..16 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let holder = format!("{round} {number}");
                lease(&*store, &ada(), &holder, now, now + 10).await
            });
        }
        let got = tasks.join_all().await;
        assert_eq!(got.iter().filter(|got| **got).count(), 1, "round {round}");
    }
}
