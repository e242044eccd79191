//! A store that counts, waits and fails as a test tells it to.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use oauth_dance::{
    Lease, MemoryStore, PendingStore, Revision, SealedToken, StoreError, StoreKey, StoredAccount,
    StoredToken, Timestamp, TokenStore,
};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::task::yield_now;

/// What a store is asked to do: the methods of [`TokenStore`] and [`PendingStore`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// [`TokenStore::load`].
    Load,
    /// [`TokenStore::save`].
    Save,
    /// [`TokenStore::replace`].
    Replace,
    /// [`TokenStore::delete`].
    Delete,
    /// [`TokenStore::accounts`].
    Accounts,
    /// [`TokenStore::purge`].
    Purge,
    /// [`TokenStore::lease`].
    Lease,
    /// [`TokenStore::release`].
    Release,
    /// [`PendingStore::insert`].
    Insert,
    /// [`PendingStore::take`].
    Take,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Self; 10] = [
        Self::Load,
        Self::Save,
        Self::Replace,
        Self::Delete,
        Self::Accounts,
        Self::Purge,
        Self::Lease,
        Self::Release,
        Self::Insert,
        Self::Take,
    ];

    /// The verbs that keep a token.
    pub const KEEPING: [Self; 2] = [Self::Save, Self::Replace];
}

/// A [`TokenStore`] or [`PendingStore`] around another one, whose verbs fail, wait, or give way when a
/// test wants it, and are counted. Clones are the same store.
///
/// ```
/// use oauth_dance::{MemoryStore, Owner, StoreKey, TokenStore};
/// use oauth_dance_suites::{FaultyStore, Verb};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let store = FaultyStore::new(MemoryStore::new());
/// let key = StoreKey::new("github", Owner::user(7));
/// store.fail([Verb::Load]);
/// assert!(store.load(&key).await.is_err());
/// store.mend();
/// assert!(store.load(&key).await.is_ok());
/// assert_eq!(store.calls(Verb::Load), 2);
/// # }
/// ```
pub struct FaultyStore<S = MemoryStore>(Arc<Shared<S>>);

struct Shared<S> {
    store: S,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    verbs: BTreeMap<Verb, Behaviour>,
    /// The tokens that are kept, by key.
    kept: BTreeMap<StoreKey, Vec<u8>>,
}

/// How one verb behaves.
#[derive(Default)]
struct Behaviour {
    calls: usize,
    done: usize,
    failure: Option<Failure>,
    gate: Option<Arc<Door>>,
    gives_way: bool,
}

#[derive(Clone, Copy)]
enum Failure {
    Down,
    DownFor(usize),
    Refuses,
}

impl<S> FaultyStore<S> {
    /// Returns a store that does what `store` does.
    pub fn new(store: S) -> Self {
        Self(Arc::new(Shared {
            store,
            state: Mutex::default(),
        }))
    }

    /// Returns the store inside, which has no faults and counts nothing.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.0.store
    }

    /// Fails these verbs from now on, as a store that cannot be reached.
    pub fn fail(&self, verbs: impl IntoIterator<Item = Verb>) {
        self.set(verbs, |verb| verb.failure = Some(Failure::Down));
    }

    /// Fails the next `times` calls of a verb, as a store that cannot be reached.
    pub fn fail_next(&self, verb: Verb, times: usize) {
        self.set([verb], |verb| verb.failure = Some(Failure::DownFor(times)));
    }

    /// Refuses these verbs from now on, as a store that works and will not keep this token.
    pub fn refuse(&self, verbs: impl IntoIterator<Item = Verb>) {
        self.set(verbs, |verb| verb.failure = Some(Failure::Refuses));
    }

    /// Lets every verb work again. Gates stay closed.
    pub fn mend(&self) {
        self.set(Verb::ALL, |verb| verb.failure = None);
    }

    /// Returns how many calls of a verb [`fail_next`](Self::fail_next) has still to fail.
    #[must_use]
    pub fn failures_left(&self, verb: Verb) -> usize {
        match self.0.state.lock().verbs.get(&verb) {
            Some(Behaviour {
                failure: Some(Failure::DownFor(times)),
                ..
            }) => *times,
            _ => 0,
        }
    }

    /// Holds every call of a verb from now on, until the gate is opened or dropped.
    pub fn hold(&self, verb: Verb) -> Gate {
        let door = Arc::new(Door {
            waiting: Semaphore::new(0),
            way: Semaphore::new(0),
        });
        let kept = Arc::clone(&door);
        self.set([verb], move |verb| verb.gate = Some(Arc::clone(&kept)));
        Gate(door)
    }

    /// Lets every call of a verb give way to other tasks once before its work and once after it.
    pub fn give_way(&self, verb: Verb) {
        self.set([verb], |verb| verb.gives_way = true);
    }

    /// Returns how often a verb was called.
    #[must_use]
    pub fn calls(&self, verb: Verb) -> usize {
        let state = self.0.state.lock();
        state.verbs.get(&verb).map_or(0, |verb| verb.calls)
    }

    /// Returns how often a verb has done its work.
    #[must_use]
    pub fn done(&self, verb: Verb) -> usize {
        let state = self.0.state.lock();
        state.verbs.get(&verb).map_or(0, |verb| verb.done)
    }

    /// Returns a copy of every sealed token that is kept.
    #[must_use]
    pub fn stored(&self) -> BTreeMap<StoreKey, Vec<u8>> {
        self.0.state.lock().kept.clone()
    }

    fn set(&self, verbs: impl IntoIterator<Item = Verb>, change: impl Fn(&mut Behaviour)) {
        let mut state = self.0.state.lock();
        for verb in verbs {
            change(state.verbs.entry(verb).or_default());
        }
    }

    fn keep(&self, key: &StoreKey, sealed: Vec<u8>) {
        self.0.state.lock().kept.insert(key.clone(), sealed);
    }

    /// Does `work` as the verb behaves.
    async fn call<T>(
        &self,
        verb: Verb,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let (failure, gate, gives_way) = self.0.state.lock().begin(verb);
        match failure {
            Some(Failure::Refuses) => return Err(StoreError::refused("told to refuse")),
            Some(_) => return Err(StoreError::unavailable("asking", "told to be down")),
            None => {}
        }
        if gives_way {
            yield_now().await;
        }
        if let Some(door) = gate {
            door.pass().await;
        }
        let result = work.await;
        self.set([verb], |verb| verb.done += 1);
        if gives_way {
            yield_now().await;
        }
        result
    }
}

impl State {
    /// Counts a call, and says how it goes.
    fn begin(&mut self, verb: Verb) -> (Option<Failure>, Option<Arc<Door>>, bool) {
        let behaviour = self.verbs.entry(verb).or_default();
        behaviour.calls += 1;
        let failure = behaviour.failure;
        if let Some(Failure::DownFor(times)) = failure {
            let left = times.saturating_sub(1);
            behaviour.failure = (left != 0).then_some(Failure::DownFor(left));
        }
        let gate = behaviour.gate.clone();
        (failure, gate, behaviour.gives_way)
    }
}

#[async_trait]
impl<S: TokenStore> TokenStore for FaultyStore<S> {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        self.call(Verb::Load, self.0.store.load(key)).await
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        let bytes = sealed.as_bytes().to_vec();
        let save = async {
            let revision = self.0.store.save(key, sealed).await?;
            self.keep(key, bytes);
            Ok(revision)
        };
        self.call(Verb::Save, save).await
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        let bytes = sealed.as_bytes().to_vec();
        let replace = async {
            let replaced = self.0.store.replace(key, revision, sealed).await?;
            if replaced.is_some() {
                self.keep(key, bytes);
            }
            Ok(replaced)
        };
        self.call(Verb::Replace, replace).await
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let delete = async {
            let deleted = self.0.store.delete(key).await?;
            self.0.state.lock().kept.remove(key);
            Ok(deleted)
        };
        self.call(Verb::Delete, delete).await
    }

    async fn accounts(&self, key: &StoreKey) -> Result<Vec<StoredAccount>, StoreError> {
        self.call(Verb::Accounts, self.0.store.accounts(key)).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.call(Verb::Purge, self.0.store.purge(now)).await
    }

    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        self.call(Verb::Lease, self.0.store.lease(key, lease)).await
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        self.call(Verb::Release, self.0.store.release(key, holder))
            .await
    }
}

#[async_trait]
impl<S: PendingStore> PendingStore for FaultyStore<S> {
    async fn insert(
        &self,
        id: &str,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = self.0.store.insert(id, sealed, expires_at);
        self.call(Verb::Insert, insert).await
    }

    async fn take(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.call(Verb::Take, self.0.store.take(id)).await
    }
}

impl<S: Default> Default for FaultyStore<S> {
    fn default() -> Self {
        Self::new(S::default())
    }
}

impl<S> Clone for FaultyStore<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> fmt::Debug for FaultyStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").finish_non_exhaustive()
    }
}

/// A gate before a verb of a [`FaultyStore`]; made by [`FaultyStore::hold`].
#[derive(Debug)]
#[must_use = "dropping it opens it"]
pub struct Gate(Arc<Door>);

#[derive(Debug)]
struct Door {
    /// A permit for each call that has come.
    waiting: Semaphore,
    /// Is closed for good when the gate opens.
    way: Semaphore,
}

impl Gate {
    /// Waits until a call stands at the gate that no earlier wait has seen.
    pub async fn reached(&self) {
        if let Ok(call) = self.0.waiting.acquire().await {
            call.forget();
        }
    }

    /// Lets every call through, those that wait and those that come.
    pub fn open(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.way.close();
    }
}

impl Door {
    async fn pass(&self) {
        self.waiting.add_permits(1);
        // There are no permits: this waits until the gate opens, and is then refused one.
        let _ = self.way.acquire().await;
    }
}
