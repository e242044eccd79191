//! Records: what was stored is there, what was replaced or deleted is not.

use std::collections::HashSet;
use std::sync::Arc;

use oauth_dance::{Revision, SealedToken, TokenStore};
use tokio::task::JoinSet;

use super::fixture::{Fixture, ada, delete, key, load, replace, save, sealed};

/// A key that nothing was stored under loads as `None`.
pub async fn absent_is_none(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    assert_eq!(load(&store, &ada()).await, None);
    save(&store, &key("github", "bob"), "other").await;
    assert_eq!(load(&store, &ada()).await, None);
}

/// What was saved is loaded, with the revision that saving answered.
pub async fn save_then_load(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let revision = save(&store, &ada(), "one").await;
    assert_eq!(load(&store, &ada()).await, Some((b"one".into(), revision)));
}

/// Saving again puts the new record in place of the old one.
pub async fn save_overwrites(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let first = save(&store, &ada(), "a longer first").await;
    let second = save(&store, &ada(), "second").await;
    assert_ne!(first, second);
    assert_eq!(load(&store, &ada()).await, Some((b"second".into(), second)));
}

/// Records are bytes: of every value, none at all, and as many as are allowed.
pub async fn every_byte_comes_back(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let every_value: Vec<u8> = (0..=u8::MAX).collect();
    let longest: Vec<u8> = every_value
        .iter()
        .copied()
        .cycle()
        .take(SealedToken::MAX_BYTES)
        .collect();
    for bytes in [Vec::new(), vec![0], every_value, longest] {
        let saved = store.save(&ada(), sealed(bytes.clone())).await;
        let revision = saved.expect("save");
        let (loaded, current) = load(&store, &ada()).await.expect("a record");
        assert_eq!(current, revision);
        assert!(loaded == bytes, "{} bytes changed", bytes.len());
    }
}

/// A replacement is written if the revision is the current one, and otherwise not.
pub async fn replace_needs_the_current_revision(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let first = save(&store, &ada(), "first").await;
    let second = replace(&store, &ada(), first, "second").await;
    let second = second.expect("the revision was the current one");
    assert_ne!(first, second);
    assert_eq!(load(&store, &ada()).await, Some((b"second".into(), second)));

    assert_eq!(replace(&store, &ada(), first, "stale").await, None);
    assert_eq!(load(&store, &ada()).await, Some((b"second".into(), second)));
}

/// A replacement of what is not there, or no longer, writes nothing: logging out wins over a refresh.
pub async fn replace_needs_a_record(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    for number in [0, 1] {
        let revision = Revision::new(number);
        assert_eq!(replace(&store, &ada(), revision, "new").await, None);
    }
    assert_eq!(load(&store, &ada()).await, None);

    let revision = save(&store, &ada(), "token").await;
    assert!(delete(&store, &ada()).await);
    assert_eq!(replace(&store, &ada(), revision, "risen").await, None);
    assert_eq!(load(&store, &ada()).await, None);
}

/// No write gives a record a revision it had before, also not after it was deleted.
pub async fn revisions_never_repeat(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let mut seen = HashSet::new();
    for _ in 0..4 {
        let saved = save(&store, &ada(), "saved").await;
        let replaced = replace(&store, &ada(), saved, "replaced").await;
        let again = save(&store, &ada(), "again").await;
        for revision in [saved, replaced.expect("the current revision"), again] {
            assert!(seen.insert(revision), "{revision:?} was given twice");
        }
        assert!(delete(&store, &ada()).await);
    }
}

/// Deleting answers whether there was a record, and leaves none.
pub async fn delete_answers_whether_there_was_one(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    assert!(!delete(&store, &ada()).await);
    save(&store, &ada(), "token").await;
    assert!(delete(&store, &ada()).await);
    assert_eq!(load(&store, &ada()).await, None);
    assert!(!delete(&store, &ada()).await);
}

/// Deleting one record leaves those of other owners and of other dances.
pub async fn delete_touches_one_key(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let others = [key("github", "bob"), key("google", "ada")];
    let mut revisions = Vec::new();
    save(&store, &ada(), "mine").await;
    for other in &others {
        revisions.push(save(&store, other, "theirs").await);
    }
    assert!(delete(&store, &ada()).await);
    for (other, revision) in others.iter().zip(revisions) {
        assert_eq!(
            load(&store, other).await,
            Some((b"theirs".into(), revision))
        );
    }
}

/// Of many saves at once each succeeds, and the record is one of them, whole.
pub async fn many_saves_at_once_all_count(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let store = Arc::new(store);
    let mut tasks = JoinSet::new();
    for number in 0..16 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let bytes = format!("save {number}");
            (save(&*store, &ada(), &bytes).await, bytes)
        });
    }
    let saves = tasks.join_all().await;
    let revisions: HashSet<_> = saves.iter().map(|(revision, _)| revision).collect();
    assert_eq!(revisions.len(), saves.len(), "revisions repeat: {saves:?}");

    let (bytes, revision) = load(&*store, &ada()).await.expect("a record");
    let save = saves.iter().find(|(saved, _)| *saved == revision);
    assert_eq!(save.map(|(_, bytes)| bytes.as_bytes()), Some(&*bytes));
}

/// Of many replacements of the same revision at once, exactly one is written.
pub async fn one_of_many_replaces_wins(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let store = Arc::new(store);
    for _ in 0..4 {
        let current = save(&*store, &ada(), "token").await;
        let mut tasks = JoinSet::new();
        for number in 0..16 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let bytes = format!("replacement {number}");
                let written = replace(&*store, &ada(), current, &bytes).await;
                written.map(|revision| (bytes.into_bytes(), revision))
            });
        }
        let winners: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!(load(&*store, &ada()).await.as_ref(), winners.first());
    }
}
