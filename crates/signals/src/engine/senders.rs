//! The receivers that are bound to senders, found by the key of the sender.
//!
//! Each sender has a list of its own, so that what the receivers of one cost does not depend on those of others.
//! Keys are hashed and compared without a lock, because both are code of the user.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::list::{List, ListRef};
use super::sync::{AtomicUsize, Ordering, Pointer, RwLock};
use crate::sender::{Bound, Probe};

const SHARDS: usize = 16;

/// The lists of all senders.
pub(super) struct Senders<S: ?Sized, P: ?Sized, O> {
    probe: Probe<S>,
    shards: [RwLock<Shard<S, P, O>>; SHARDS],
    len: AtomicUsize,
}

type Shard<S, P, O> = HashMap<u64, Bucket<S, P, O>, RandomState>;

/// The senders whose keys have one hash. It is replaced as a whole.
pub(super) type Bucket<S, P, O> = Arc<Vec<GroupRef<S, P, O>>>;
pub(super) type GroupRef<S, P, O> = Arc<Group<S, P, O>>;

/// The receivers of one sender.
pub(super) struct Group<S: ?Sized, P: ?Sized, O> {
    pub(super) bound: Arc<dyn Bound<S>>,
    pub(super) list: Pointer<List<S, P, O>>,
}

/// Where the receivers of a sender are, or would be.
pub(super) struct Place<S: ?Sized, P: ?Sized, O> {
    hash: u64,
    bucket: Option<Bucket<S, P, O>>,
    pub(super) group: Option<GroupRef<S, P, O>>,
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

    /// Returns the list of this sender.
    pub(super) fn list_of(&self, sender: &S) -> Option<ListRef<S, P, O>> {
        let mut list = None;
        (self.probe)(sender, &mut |hash: u64, key: &dyn Any| {
            let bucket = self.bucket(hash);
            let mut groups = bucket.iter().flat_map(|bucket| bucket.iter());
            let group = groups.find(|group| group.bound.is_key(key));
            list = group.and_then(|group| group.list.read().hold());
        });
        list
    }

    /// Returns the place of this sender. Its key is made and compared, which is code of the user.
    pub(super) fn place_of(&self, sender: &S) -> Place<S, P, O> {
        let mut place = None;
        (self.probe)(sender, &mut |hash: u64, key: &dyn Any| {
            place = Some(self.place(hash, key));
        });
        place.expect("the probe shows the key")
    }

    pub(super) fn place(&self, hash: u64, key: &dyn Any) -> Place<S, P, O> {
        let bucket = self.bucket(hash);
        let mut groups = bucket.iter().flat_map(|bucket| bucket.iter());
        let group = groups.find(|group| group.bound.is_key(key)).cloned();
        Place {
            hash,
            bucket,
            group,
        }
    }

    /// Returns whether the senders of this hash are those there were.
    pub(super) fn is_current(&self, place: &Place<S, P, O>) -> bool {
        let now = self.bucket(place.hash);
        now.as_ref().map(Arc::as_ptr) == place.bucket.as_ref().map(Arc::as_ptr)
    }

    pub(super) fn all(&self) -> Vec<GroupRef<S, P, O>> {
        let mut all = Vec::with_capacity(self.len.load(Ordering::Relaxed));
        for shard in &self.shards {
            all.extend(shard.read().values().flat_map(|it| it.iter().cloned()));
        }
        all
    }

    /// Has a group stand in its bucket, or not. Hands back the bucket before, which is to be dropped without a lock.
    pub(super) fn set(&self, group: &GroupRef<S, P, O>, stands: bool) -> Option<Bucket<S, P, O>> {
        let hash = group.bound.hash();
        let mut shard = self.shard(hash).write();
        let before = shard.get(&hash);
        let has_it = before.is_some_and(|it| it.iter().any(|it| Arc::ptr_eq(it, group)));
        if has_it == stands {
            return None;
        }
        let others = before.iter().flat_map(|it| it.iter());
        let mut next: Vec<_> = others
            .filter(|it| !Arc::ptr_eq(it, group))
            .cloned()
            .collect();
        if stands {
            next.push(Arc::clone(group));
            self.len.fetch_add(1, Ordering::Relaxed);
        } else {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
        if !next.is_empty() {
            return shard.insert(hash, Arc::new(next));
        }
        let before = shard.remove(&hash);
        // What many senders have needed does not stay.
        if shard.capacity() > 64 && shard.len() < shard.capacity() / 8 {
            shard.shrink_to_fit();
        }
        before
    }
}

impl<S: ?Sized, P: ?Sized, O> Place<S, P, O> {
    pub(super) fn list(&self) -> Option<ListRef<S, P, O>> {
        self.group.as_ref()?.list.read().hold()
    }
}

impl<S: ?Sized, P: ?Sized, O> Group<S, P, O> {
    pub(super) fn new(bound: &Arc<dyn Bound<S>>) -> Self {
        Self {
            bound: Arc::clone(bound),
            list: Pointer::empty(),
        }
    }
}
