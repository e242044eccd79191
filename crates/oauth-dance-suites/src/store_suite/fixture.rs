//! A store under test, and what every test does with it.

use oauth_dance::{Owner, Revision, SealedToken, StoreKey, TokenStore};

/// A store under test: any [`TokenStore`], or one [`Guarded`].
pub trait Fixture {
    /// The store.
    type Store: TokenStore;
    /// What must not be dropped before the test ends.
    type Guard;

    /// Takes the two apart.
    fn split(self) -> (Self::Store, Self::Guard);
}

impl<S: TokenStore> Fixture for S {
    type Store = S;
    type Guard = ();

    fn split(self) -> (S, ()) {
        (self, ())
    }
}

/// A store, and what it lives in: dropped after it.
#[derive(Debug)]
pub struct Guarded<S, G>(
    /// The store.
    pub S,
    /// A temporary folder, a server that was started.
    pub G,
);

impl<S: TokenStore, G> Fixture for Guarded<S, G> {
    type Store = S;
    type Guard = G;

    fn split(self) -> (S, G) {
        (self.0, self.1)
    }
}

/// The key of a user at a dance.
pub(crate) fn key(dance: &str, user: &str) -> StoreKey {
    StoreKey::new(dance, Owner::user(user))
}

/// The key of the tests that need one key.
pub(crate) fn ada() -> StoreKey {
    key("github", "ada")
}

pub(crate) fn sealed(bytes: impl Into<Vec<u8>>) -> SealedToken {
    SealedToken::from_bytes(bytes.into())
}

/// Stores the bytes.
pub(crate) async fn save(store: &impl TokenStore, key: &StoreKey, bytes: &str) -> Revision {
    store.save(key, sealed(bytes)).await.expect("save")
}

/// Stores the bytes if the record still has the revision.
pub(crate) async fn replace(
    store: &impl TokenStore,
    key: &StoreKey,
    revision: Revision,
    bytes: &str,
) -> Option<Revision> {
    let replaced = store.replace(key, revision, sealed(bytes)).await;
    replaced.expect("replace")
}

/// The bytes and the revision under the key.
pub(crate) async fn load(store: &impl TokenStore, key: &StoreKey) -> Option<(Vec<u8>, Revision)> {
    let stored = store.load(key).await.expect("load")?;
    Some((stored.sealed.into_bytes(), stored.revision))
}

/// Deletes, and answers whether there was a record.
pub(crate) async fn delete(store: &impl TokenStore, key: &StoreKey) -> bool {
    store.delete(key).await.expect("delete")
}
