//! Records: what was stored is there, what was replaced or deleted is not.

use std::collections::HashSet;
use std::sync::Arc;

use oauth_dance::{Revision, SealedToken, TokenStorage};
use tokio::task::JoinSet;

use super::{Fixture, ada, delete, key, load, replace, save, sealed};

/// A key that nothing was stored under loads as `None`.
pub async fn absent_is_none(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    assert_eq!(load(&storage, &ada()).await, None);
    save(&storage, &key("github", "bob"), "other").await;
    assert_eq!(load(&storage, &ada()).await, None);
}

/// What was saved is loaded, with the revision that saving answered.
pub async fn save_then_load(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    let revision = save(&storage, &ada(), "one").await;
    assert_eq!(
        load(&storage, &ada()).await,
        Some((b"one".into(), revision))
    );
}

/// Saving again puts the new record in place of the old one.
pub async fn save_overwrites(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    let first = save(&storage, &ada(), "a longer first").await;
    let second = save(&storage, &ada(), "second").await;
    assert_ne!(first, second);
    assert_eq!(
        load(&storage, &ada()).await,
        Some((b"second".into(), second))
    );
}

/// Records are bytes: of every value, none at all, and as many as are allowed.
pub async fn every_byte_comes_back(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    let every_value: Vec<u8> = (0..=u8::MAX).collect();
    let longest: Vec<u8> = every_value
        .iter()
        .copied()
        .cycle()
        .take(SealedToken::MAX_BYTES)
        .collect();
    for bytes in [Vec::new(), vec![0], every_value, longest] {
        let saved = storage.save(&ada(), sealed(bytes.clone())).await;
        let revision = saved.expect("save");
        let (loaded, current) = load(&storage, &ada()).await.expect("a record");
        assert_eq!(current, revision);
        assert!(loaded == bytes, "{} bytes changed", bytes.len());
    }
}

/// A replacement is written if the revision is the current one, and otherwise not.
pub async fn replace_needs_the_current_revision(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    let first = save(&storage, &ada(), "first").await;
    let second = replace(&storage, &ada(), first, "second").await;
    let second = second.expect("the revision was the current one");
    assert_ne!(first, second);
    assert_eq!(
        load(&storage, &ada()).await,
        Some((b"second".into(), second))
    );

    assert_eq!(replace(&storage, &ada(), first, "stale").await, None);
    assert_eq!(
        load(&storage, &ada()).await,
        Some((b"second".into(), second))
    );
}

/// A replacement of what is not there, or no longer, writes nothing: logging out wins over a refresh.
pub async fn replace_needs_a_record(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    for number in [0, 1] {
        let revision = Revision::new(number);
        assert_eq!(replace(&storage, &ada(), revision, "new").await, None);
    }
    assert_eq!(load(&storage, &ada()).await, None);

    let revision = save(&storage, &ada(), "token").await;
    assert!(delete(&storage, &ada()).await);
    assert_eq!(replace(&storage, &ada(), revision, "risen").await, None);
    assert_eq!(load(&storage, &ada()).await, None);
}

/// No write gives a record a revision it had before, also not after it was deleted.
pub async fn revisions_never_repeat(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    let mut seen = HashSet::new();
    for _ in 0..4 {
        let saved = save(&storage, &ada(), "saved").await;
        let replaced = replace(&storage, &ada(), saved, "replaced").await;
        let again = save(&storage, &ada(), "again").await;
        for revision in [saved, replaced.expect("the current revision"), again] {
            assert!(seen.insert(revision), "{revision:?} was given twice");
        }
        assert!(delete(&storage, &ada()).await);
    }
}

/// Deleting answers whether there was a record, and leaves none.
pub async fn delete_answers_whether_there_was_one(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    assert!(!delete(&storage, &ada()).await);
    save(&storage, &ada(), "token").await;
    assert!(delete(&storage, &ada()).await);
    assert_eq!(load(&storage, &ada()).await, None);
    assert!(!delete(&storage, &ada()).await);
}

/// Deleting one record leaves those of other owners and of other dances.
pub async fn delete_touches_one_key(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    let others = [key("github", "bob"), key("google", "ada")];
    let mut revisions = Vec::new();
    save(&storage, &ada(), "mine").await;
    for other in &others {
        revisions.push(save(&storage, other, "theirs").await);
    }
    assert!(delete(&storage, &ada()).await);
    for (other, revision) in others.iter().zip(revisions) {
        assert_eq!(
            load(&storage, other).await,
            Some((b"theirs".into(), revision))
        );
    }
}

/// Of many saves at once each succeeds, and the record is one of them, whole.
pub async fn many_saves_at_once_all_count(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    let storage = Arc::new(storage);
    let mut tasks = JoinSet::new();
    for number in 0..16 {
        let storage = Arc::clone(&storage);
        tasks.spawn(async move {
            let bytes = format!("save {number}");
            (save(&*storage, &ada(), &bytes).await, bytes)
        });
    }
    let saves = tasks.join_all().await;
    let revisions: HashSet<_> = saves.iter().map(|(revision, _)| revision).collect();
    assert_eq!(revisions.len(), saves.len(), "revisions repeat: {saves:?}");

    let (bytes, revision) = load(&*storage, &ada()).await.expect("a record");
    let save = saves.iter().find(|(saved, _)| *saved == revision);
    assert_eq!(save.map(|(_, bytes)| bytes.as_bytes()), Some(&*bytes));
}

/// Of many replacements of the same revision at once, exactly one is written.
pub async fn one_of_many_replaces_wins(fixture: impl Fixture) {
    let (storage, _guard) = fixture.split();
    let storage = Arc::new(storage);
    for _ in 0..4 {
        let current = save(&*storage, &ada(), "token").await;
        let mut tasks = JoinSet::new();
        for number in 0..16 {
            let storage = Arc::clone(&storage);
            tasks.spawn(async move {
                let bytes = format!("replacement {number}");
                let written = replace(&*storage, &ada(), current, &bytes).await;
                written.map(|revision| (bytes.into_bytes(), revision))
            });
        }
        let winners: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!(load(&*storage, &ada()).await.as_ref(), winners.first());
    }
}
