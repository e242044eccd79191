//! A send whose async receivers run at the same time.

use std::task::{Context, Poll};

use crate::engine::List;
use crate::outcomes::Outcomes;
use crate::walk::{Turn, Walk};

/// The receivers of one send, in order: answered, or still running.
pub(crate) struct Concurrent<'a, S: ?Sized, P: ?Sized, O> {
    // Dropped first: observers, who hear of the end from the walk, may wait for a receiver.
    list: List<S, P, O>,
    walk: Walk<'a, S, P, O>,
    turns: Vec<Turn<'a, O>>,
}

impl<'a, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Concurrent<'a, S, P, O> {
    pub(crate) fn new(walk: Walk<'a, S, P, O>) -> Self {
        Self {
            list: walk.find().hold(),
            walk,
            turns: Vec::new(),
        }
    }

    /// Calls every receiver, then polls those that still run. Every wake polls all of these: receivers of one
    /// signal are few, and one waker for all costs less than one for each.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcomes<O>> {
        let at = self.walk.enter(&self.list);
        let mut waits = false;
        for turn in &mut self.turns {
            waits |= self.walk.poll(&at, turn, cx).is_pending();
        }
        let mut turn = Turn::new();
        while self.walk.step(&at, &mut turn) {
            // Polled at its turn, so that it begins before those after it are called.
            waits |= self.walk.poll(&at, &mut turn, cx).is_pending();
            self.turns.push(std::mem::replace(&mut turn, Turn::new()));
        }
        if waits {
            return Poll::Pending;
        }
        let turns = self.turns.drain(..);
        Poll::Ready(turns.map(|mut turn| turn.answer(&self.list)).collect())
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Concurrent<'_, S, P, O> {
    fn drop(&mut self) {
        // The failures of those that have answered are reported as those of any send.
        let mut unread = Outcomes::new();
        for mut turn in self.turns.drain(..) {
            if self.walk.abandon(&self.list, &mut turn).is_none() {
                turn.add_to(&mut unread, &self.list);
            }
        }
        // Before the report, in which a receiver may be waited for.
        self.list = List::default();
    }
}
