//! The receivers that have been disconnected and may still be called, and those who wait for them.

use std::collections::HashSet;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use foldhash::fast::RandomState;

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
    /// Their sequence numbers.
    receivers: HashSet<u64, RandomState>,
    waiting: Vec<Waiting>,
    /// The number of the next wait.
    next: u64,
}

struct Waiting {
    number: u64,
    sequence: u64,
    waker: Waker,
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
        self.leaving.lock().receivers.insert(sequence);
    }

    /// Tells those who wait for a receiver that its captures have been dropped.
    pub(crate) fn has_gone(&self, sequence: u64) {
        let mut leaving = self.leaving.lock();
        leaving.receivers.remove(&sequence);
        // What many have needed does not stay.
        if leaving.receivers.is_empty() && leaving.receivers.capacity() > 64 {
            leaving.receivers = HashSet::default();
        }
        let woken: Vec<_> = leaving
            .waiting
            .extract_if(.., |waiting| waiting.sequence == sequence)
            .collect();
        drop(leaving);
        self.has_gone.notify_all();
        // Code of the user.
        for Waiting { waker, .. } in woken {
            if let Err(failure) = caught(|| waker.wake()) {
                drop_quietly(failure);
            }
        }
    }

    /// Identifies the signal among those that live.
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Notes that this thread is in the middle of something of the signal.
    pub(crate) fn enter(&self, scope: Scope) -> Option<Entered> {
        frames::enter(self.address(), scope, u32::MAX)
    }

    /// Returns whether this thread is in the middle of something that may hold a receiver on its way out.
    pub(crate) fn is_inside(&self, sequence: u64) -> bool {
        frames::is_inside(self.address(), sequence)
            && self.leaving.lock().receivers.contains(&sequence)
    }

    /// Returns whether this thread is in the middle of a task of this signal.
    pub(crate) fn is_in_task(&self) -> bool {
        frames::is_in_task(Some(self.address()))
    }

    /// Waits until the captures of a receiver have been dropped. Returns `false` if the deadline came first.
    pub(crate) fn wait(&self, sequence: u64, deadline: Option<Instant>) -> bool {
        let mut leaving = self.leaving.lock();
        while leaving.receivers.contains(&sequence) {
            match deadline {
                None => self.has_gone.wait(&mut leaving),
                Some(deadline) => {
                    if self.has_gone.wait_until(&mut leaving, deadline).timed_out() {
                        return !leaving.receivers.contains(&sequence);
                    }
                }
            }
        }
        true
    }

    /// Begins what [`wait`](Self::wait) does, without blocking.
    pub(crate) fn begin_to_wait(self: &Arc<Self>, sequence: u64) -> Wait {
        let mut leaving = self.leaving.lock();
        leaving.next += 1;
        Wait {
            exits: Arc::clone(self),
            sequence,
            number: leaving.next,
        }
    }
}

impl Wait {
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        // Code of the user, as is what becomes of the one before.
        let waker = cx.waker().clone();
        let before = self.take();
        let mut leaving = self.exits.leaving.lock();
        let is_over = !leaving.receivers.contains(&self.sequence);
        if !is_over {
            let (number, sequence) = (self.number, self.sequence);
            leaving.waiting.push(Waiting {
                number,
                sequence,
                waker,
            });
        }
        drop(leaving);
        drop_quietly(before);
        if is_over {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn take(&self) -> Option<Waiting> {
        let mut leaving = self.exits.leaving.lock();
        let mut all = leaving.waiting.iter();
        let index = all.position(|waiting| waiting.number == self.number)?;
        Some(leaving.waiting.swap_remove(index))
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        drop_quietly(self.take());
    }
}
