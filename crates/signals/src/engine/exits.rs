//! The receivers that have been disconnected and may still be called, and those who wait for them.

use std::collections::HashMap;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::sync::{Condvar, Mutex};
use crate::failure::{caught, drop_quietly};
use foldhash::fast::RandomState;

/// The receivers of one signal that are on their way out.
#[derive(Default)]
pub(super) struct Exits {
    leaving: Mutex<Leaving>,
    /// Told whenever the captures of one have been dropped.
    has_gone: Condvar,
}

#[derive(Default)]
struct Leaving {
    /// By sequence number: the version of the first list that they are not in.
    versions: HashMap<u64, u64, RandomState>,
    waiting: Vec<(u64, Waker)>,
}

impl Exits {
    /// Notes that a receiver is not in lists from this version on.
    pub(super) fn leaves(&self, sequence: u64, version: u64) {
        self.leaving.lock().versions.insert(sequence, version);
    }

    /// Tells those who wait for a receiver that its captures have been dropped.
    pub(super) fn has_gone(&self, sequence: u64) {
        let mut leaving = self.leaving.lock();
        leaving.versions.remove(&sequence);
        // What many have needed does not stay.
        if leaving.versions.is_empty() && leaving.versions.capacity() > 64 {
            leaving.versions = HashMap::default();
        }
        let woken: Vec<_> = leaving
            .waiting
            .extract_if(.., |(of, _)| *of == sequence)
            .collect();
        drop(leaving);
        self.has_gone.notify_all();
        // Code of the user.
        for (_, waker) in woken {
            if let Err(failure) = caught(|| waker.wake()) {
                drop_quietly(failure);
            }
        }
    }

    /// Returns the version of the first list that a receiver is not in, as long as its captures live.
    pub(super) fn left_at(&self, sequence: u64) -> Option<u64> {
        self.leaving.lock().versions.get(&sequence).copied()
    }

    /// Waits until the captures of a receiver have been dropped. Returns `false` if the deadline came first.
    pub(super) fn wait(&self, sequence: u64, deadline: Option<Instant>) -> bool {
        let mut leaving = self.leaving.lock();
        while leaving.versions.contains_key(&sequence) {
            match deadline {
                None => self.has_gone.wait(&mut leaving),
                Some(deadline) => {
                    if self.has_gone.wait_until(&mut leaving, deadline).timed_out() {
                        return !leaving.versions.contains_key(&sequence);
                    }
                }
            }
        }
        true
    }

    pub(super) fn poll(&self, sequence: u64, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut leaving = self.leaving.lock();
        if !leaving.versions.contains_key(&sequence) {
            return Poll::Ready(());
        }
        let is_known = |(of, known): &(u64, Waker)| *of == sequence && known.will_wake(&waker);
        if !leaving.waiting.iter().any(is_known) {
            leaving.waiting.push((sequence, waker));
        }
        Poll::Pending
    }
}
