//! The receivers that have been disconnected and may still be called, and those who wait for them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::frames::{self, Entered, Scope};
use super::sync::{Condvar, Mutex};
use crate::failure::{caught, drop_quietly};

/// The receivers of one signal that are on their way out.
#[derive(Default)]
pub(crate) struct Exits {
    leaving: Mutex<Leaving>,
    /// Told whenever the captures of one have been dropped.
    has_gone: Condvar,
}

#[derive(Default)]
struct Leaving {
    /// By their sequence numbers, with those who wait for them, by the number of the wait.
    receivers: BTreeMap<u64, BTreeMap<u64, Waker>>,
    /// The number of the last wait.
    waits: u64,
}

/// A wait that does not block. It is forgotten when this is dropped.
pub(crate) struct Wait {
    exits: Arc<Exits>,
    sequence: u64,
    number: u64,
}

impl Exits {
    /// Notes that a receiver is on its way out.
    pub(crate) fn leaves(&self, sequence: u64) {
        self.leaving.lock().receivers.entry(sequence).or_default();
    }

    /// Tells those who wait for a receiver that its captures have been dropped.
    pub(crate) fn has_gone(&self, sequence: u64) {
        let wakers = self.leaving.lock().receivers.remove(&sequence);
        self.has_gone.notify_all();
        // Code of the user.
        for waker in wakers.into_iter().flat_map(BTreeMap::into_values) {
            drop_quietly(caught(|| waker.wake()));
        }
    }

    /// Identifies the signal among those that live.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Notes that this thread is in the middle of something of the signal.
    pub(crate) fn enter(&self, scope: Scope) -> Option<Entered> {
        frames::enter(self.address(), scope, u32::MAX)
    }

    /// Returns whether this thread is in the middle of something that may hold a receiver on its way out.
    pub(crate) fn is_inside(&self, sequence: u64) -> bool {
        frames::is_inside(self.address(), sequence)
            && self.leaving.lock().receivers.contains_key(&sequence)
    }

    /// Waits until the captures of a receiver have been dropped. Returns `false` if the deadline came first.
    pub(crate) fn wait(&self, sequence: u64, deadline: Option<Instant>) -> bool {
        let mut leaving = self.leaving.lock();
        let is_there = |leaving: &mut Leaving| leaving.receivers.contains_key(&sequence);
        match deadline {
            None => self.has_gone.wait_while(&mut leaving, is_there),
            Some(end) => _ = self.has_gone.wait_while_until(&mut leaving, is_there, end),
        }
        !is_there(&mut leaving)
    }

    /// Begins what [`wait`](Self::wait) does, without blocking.
    pub(crate) fn begin_to_wait(self: &Arc<Self>, sequence: u64) -> Wait {
        let mut leaving = self.leaving.lock();
        leaving.waits += 1;
        Wait {
            exits: Arc::clone(self),
            sequence,
            number: leaving.waits,
        }
    }
}

impl Wait {
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        // Code of the user, as is what becomes of the one before. Dropped after the lock is, if it is not kept.
        let waker = cx.waker().clone();
        let mut leaving = self.exits.leaving.lock();
        let Some(wakers) = leaving.receivers.get_mut(&self.sequence) else {
            return Poll::Ready(());
        };
        let before = wakers.insert(self.number, waker);
        drop(leaving);
        drop_quietly(before);
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut leaving = self.exits.leaving.lock();
        let wakers = leaving.receivers.get_mut(&self.sequence);
        let waker = wakers.and_then(|wakers| wakers.remove(&self.number));
        drop(leaving);
        drop_quietly(waker);
    }
}
