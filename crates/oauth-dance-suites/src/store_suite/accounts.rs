//! Sites, the accounts of one owner, and records that expire.

use oauth_dance::{Owner, StoreKey, Timestamp, TokenStore};

use super::fixture::{Fixture, ada, delete, load, save, sealed};

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

async fn save_at(store: &impl TokenStore, key: &StoreKey, seconds: u64) {
    let sealed = sealed(key.account()).stored_since(at(seconds));
    store.save(key, sealed).await.expect("save");
}

async fn accounts(store: &impl TokenStore, key: &StoreKey) -> Vec<(String, u64)> {
    let accounts = store.accounts(key).await.expect("accounts");
    accounts
        .into_iter()
        .map(|it| (it.account, it.stored_at.unix_seconds()))
        .collect()
}

/// User 1 of one site is not user 1 of another, and neither lists the accounts of the other.
pub async fn sites_do_not_meet(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let sites = [
        "https://a.example od",
        "https://a.example od2",
        "https://b.example od",
        "",
    ];
    for site in sites {
        save(&store, &ada().at_site(site), site).await;
    }
    for site in sites {
        let key = ada().at_site(site);
        let (bytes, _) = load(&store, &key).await.expect("a record");
        assert_eq!(bytes, site.as_bytes());
        assert_eq!(accounts(&store, &key).await.len(), 1, "{site}");
        assert!(delete(&store, &key).await, "gone with another: {site}");
    }
}

/// Two accounts of one owner are two records, and each can be deleted alone.
pub async fn accounts_are_kept_beside_each_other(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let (one, two) = (ada().of_account("one"), ada().of_account("two"));
    save(&store, &one, "first").await;
    save(&store, &two, "second").await;
    assert_eq!(load(&store, &one).await.expect("a record").0, b"first");
    assert_eq!(load(&store, &two).await.expect("a record").0, b"second");
    assert_eq!(load(&store, &ada()).await, None);
    assert!(delete(&store, &one).await);
    assert!(load(&store, &two).await.is_some());
}

/// The accounts of one owner at one dance are listed by the time of their logins, and of those in one second
/// the one that was stored last comes first. A refresh in between does not change the order of the others.
pub async fn accounts_are_listed_the_newest_first(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    assert_eq!(accounts(&store, &ada()).await, []);
    for (account, seconds) in [("b", 20), ("a", 30), ("c", 10), ("e", 30)] {
        save_at(&store, &ada().of_account(account), seconds).await;
    }
    // A refresh writes the record anew and keeps the time of the login.
    let refreshed = ada().of_account("c");
    let stored = store
        .load(&refreshed)
        .await
        .expect("load")
        .expect("a record");
    assert_eq!(stored.sealed.stored_at(), at(10));
    let replaced = store
        .replace(&refreshed, stored.revision, stored.sealed)
        .await;
    assert!(replaced.expect("replace").is_some());

    save_at(&store, &ada().of_account("d").at_site("elsewhere"), 90).await;
    save_at(&store, &StoreKey::new("other", ada().owner().clone()), 90).await;
    save_at(
        &store,
        &StoreKey::new(ada().dance(), Owner::user("bob")),
        90,
    )
    .await;
    let id = ada().owner().id().to_owned();
    save_at(
        &store,
        &StoreKey::new(ada().dance(), Owner::Browser(id)),
        90,
    )
    .await;

    let expected = [("e", 30), ("a", 30), ("b", 20), ("c", 10)];
    let expected = expected.map(|(account, seconds)| (account.to_owned(), seconds));
    // The account of the key does not matter.
    for key in [ada(), ada().of_account("b"), ada().of_account("none")] {
        assert_eq!(accounts(&store, &key).await, expected);
    }
}

/// A record goes when its time has come, and not a second before. One without an end stays.
pub async fn purge_deletes_what_has_expired(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let key = |end: &str| ada().of_account(end);
    for (name, end) in [
        ("ten", Some(at(10))),
        ("twenty", Some(at(20))),
        ("never", None),
    ] {
        let record = sealed(name).until(end);
        store.save(&key(name), record).await.expect("save");
    }
    for (now, purged, left) in [
        (9, 0, vec!["ten", "twenty", "never"]),
        (10, 1, vec!["twenty", "never"]),
        (10, 0, vec!["twenty", "never"]),
        (u64::MAX, 1, vec!["never"]),
    ] {
        assert_eq!(store.purge(at(now)).await.expect("purge"), purged, "{now}");
        for name in ["ten", "twenty", "never"] {
            let is_there = load(&store, &key(name)).await.is_some();
            assert_eq!(is_there, left.contains(&name), "{name} at {now}");
        }
    }
}
