//! Leases: one process at a time refreshes a token, and one that died does not block the others for long.

use std::sync::Arc;
use std::time::Duration;

use oauth_dance::{Lease, StoreKey, TokenStore};
use tokio::task::JoinSet;

use super::fixture::{Fixture, ada, delete, key, load, replace, save};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

/// A lease of this length has ended when it was given.
const OVER: Duration = Duration::ZERO;

async fn lease_for(store: &impl TokenStore, key: &StoreKey, holder: &str, lasts: Duration) -> bool {
    store
        .lease(key, Lease { holder, lasts })
        .await
        .expect("lease")
}

async fn lease(store: &impl TokenStore, key: &StoreKey, holder: &str) -> bool {
    lease_for(store, key, holder, LONG).await
}

async fn release(store: &impl TokenStore, key: &StoreKey, holder: &str) {
    store.release(key, holder).await.expect("release");
}

/// While one has the lease no other gets it; it can be asked for again by the one; other keys are free.
pub async fn a_lease_is_exclusive(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let (bob, other) = (key("github", "bob"), ada().of_account("other"));
    for key in [&ada(), &bob, &other] {
        save(&store, key, "token").await;
    }
    assert!(lease(&store, &ada(), "one").await);
    assert!(!lease(&store, &ada(), "two").await);
    assert!(lease(&store, &ada(), "one").await);
    assert!(!lease(&store, &ada(), "two").await);
    assert!(lease(&store, &bob, "two").await);
    assert!(lease(&store, &other, "two").await);
}

/// When its time is over, a lease is free. Times may be as long as there are.
pub async fn a_lease_expires(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    save(&store, &ada(), "token").await;
    assert!(lease_for(&store, &ada(), "one", OVER).await);
    assert!(lease(&store, &ada(), "two").await);
    assert!(!lease(&store, &ada(), "one").await);
    // The holder shortens it.
    assert!(lease_for(&store, &ada(), "two", OVER).await);
    assert!(lease_for(&store, &ada(), "three", Duration::MAX).await);
    assert!(!lease(&store, &ada(), "four").await);
}

/// Releasing frees the lease at once. Only its holder can release it.
pub async fn a_released_lease_is_free(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    save(&store, &ada(), "token").await;
    release(&store, &ada(), "one").await;
    assert!(lease(&store, &ada(), "one").await);
    release(&store, &ada(), "two").await;
    release(&store, &key("github", "bob"), "one").await;
    assert!(!lease(&store, &ada(), "two").await);
    release(&store, &ada(), "one").await;
    assert!(lease(&store, &ada(), "two").await);
}

/// Without a record there is nothing to refresh.
pub async fn a_lease_needs_a_record(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    assert!(!lease(&store, &ada(), "one").await);
    release(&store, &ada(), "one").await;
    assert_eq!(load(&store, &ada()).await, None);
    save(&store, &ada(), "token").await;
    assert!(lease(&store, &ada(), "two").await);
}

/// Leasing and releasing change neither record nor revision, so a caller that loaded it before can replace it.
pub async fn a_lease_leaves_the_record_alone(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let revision = save(&store, &ada(), "token").await;
    assert!(lease(&store, &ada(), "one").await);
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
    assert!(lease(&store, &ada(), "one").await);
    let second = save(&store, &ada(), "second").await;
    assert!(lease(&store, &ada(), "two").await);
    assert_eq!(replace(&store, &ada(), first, "stale").await, None);
    assert!(!lease(&store, &ada(), "three").await);
    assert!(replace(&store, &ada(), second, "third").await.is_some());
    assert!(lease(&store, &ada(), "three").await);
}

/// A lease goes with its record, and does not come back with the next.
pub async fn deleting_ends_a_lease(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    save(&store, &ada(), "token").await;
    assert!(lease(&store, &ada(), "one").await);
    assert!(delete(&store, &ada()).await);
    assert!(!lease(&store, &ada(), "one").await);
    save(&store, &ada(), "token").await;
    assert!(lease(&store, &ada(), "two").await);
}

/// Of many who ask at once, exactly one gets it, also when it has just expired.
pub async fn one_of_many_gets_the_lease(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let store = Arc::new(store);
    save(&*store, &ada(), "token").await;
    for round in 0..4 {
        let mut tasks = JoinSet::new();
        for number in 0..16 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let holder = format!("{round} {number}");
                lease(&*store, &ada(), &holder).await.then_some(holder)
            });
        }
        let got: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
        let [holder] = &*got else {
            panic!("round {round}: {got:?}");
        };
        assert!(lease_for(&*store, &ada(), holder, OVER).await);
    }
}
