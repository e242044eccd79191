//! The receivers that are bound to senders, found by the key of the sender.
//!
//! Each sender has a list of its own, so that what the receivers of one cost does not depend on those of others.
//! Keys are hashed and compared without a lock, because both are code of the user.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::list::ListRef;
use super::sync::{AtomicUsize, Ordering, RwLock};
use crate::sender::{Bound, Probe};

/// The list of a sender, and the bucket that it is in; or also the place there.
pub(super) type InBucket<S, P, O> = (u64, ListRef<S, P, O>);
type InGroup<S, P, O> = ((u64, usize), ListRef<S, P, O>);

const SHARDS: usize = 16;

/// The lists of all senders.
pub(super) struct Senders<S: ?Sized, P: ?Sized, O> {
    probe: Probe<S>,
    shards: [RwLock<Shard<S, P, O>>; SHARDS],
    len: AtomicUsize,
}

type Shard<S, P, O> = HashMap<u64, Bucket<S, P, O>, RandomState>;

/// The senders whose keys have one hash. It is replaced as a whole.
pub(super) type Bucket<S, P, O> = Arc<Vec<Group<S, P, O>>>;

/// The receivers of one sender.
pub(super) struct Group<S: ?Sized, P: ?Sized, O> {
    pub(super) bound: Arc<dyn Bound<S>>,
    pub(super) list: ListRef<S, P, O>,
}

impl<S: ?Sized, P: ?Sized, O> Clone for Group<S, P, O> {
    fn clone(&self) -> Self {
        Self {
            bound: Arc::clone(&self.bound),
            list: Arc::clone(&self.list),
        }
    }
}

impl<S: ?Sized, P: ?Sized, O> Senders<S, P, O> {
    pub(super) fn new(probe: Probe<S>) -> Self {
        Self {
            probe,
            shards: std::array::from_fn(|_| RwLock::default()),
            len: AtomicUsize::new(0),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len.load(Ordering::Relaxed) == 0
    }

    fn shard(&self, hash: u64) -> &RwLock<Shard<S, P, O>> {
        // The high bits: the maps use the low ones.
        &self.shards[(hash >> 60) as usize % SHARDS]
    }

    pub(super) fn bucket(&self, hash: u64) -> Option<Bucket<S, P, O>> {
        self.shard(hash).read().get(&hash).cloned()
    }

    /// Returns the list of this sender, and the hash of its key.
    pub(super) fn list_of(&self, sender: &S) -> Option<InBucket<S, P, O>> {
        let mut found = None;
        (self.probe)(sender, &mut |hash: u64, key: &dyn Any| {
            let bucket = self.bucket(hash);
            let groups = bucket.as_deref().map_or(&[][..], Vec::as_slice);
            let group = groups.iter().find(|group| group.bound.is_key(key));
            found = group.map(|group| (hash, Arc::clone(&group.list)));
        });
        found
    }

    /// Returns all lists, each with its bucket and its place in that.
    pub(super) fn all(&self) -> Vec<InGroup<S, P, O>> {
        let mut all = Vec::with_capacity(self.len.load(Ordering::Relaxed));
        for shard in &self.shards {
            for (hash, bucket) in shard.read().iter() {
                let groups = bucket.iter().enumerate();
                all.extend(groups.map(|(index, it)| ((*hash, index), Arc::clone(&it.list))));
            }
        }
        all
    }

    /// Replaces a bucket, and hands back the one before, which is to be dropped without a lock.
    pub(super) fn replace(&self, hash: u64, next: Vec<Group<S, P, O>>) -> Option<Bucket<S, P, O>> {
        let mut shard = self.shard(hash).write();
        let now = next.len();
        let previous = if next.is_empty() {
            let previous = shard.remove(&hash);
            // What many senders have needed does not stay.
            if shard.capacity() > 64 && shard.len() < shard.capacity() / 8 {
                shard.shrink_to_fit();
            }
            previous
        } else {
            shard.insert(hash, Arc::new(next))
        };
        let before = previous.as_ref().map_or(0, |bucket| bucket.len());
        self.len
            .fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
        previous
    }
}
