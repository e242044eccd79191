//! A send whose async receivers run at the same time.

use std::task::{Context, Poll};

use crate::engine::{ListRef, slots};
use crate::outcomes::Outcomes;
use crate::walk::{Turn, Walk};

/// The receivers of one send, in order: answered, or still running.
pub(crate) struct Concurrent<'a, S: ?Sized, P: ?Sized, O> {
    // Dropped first: observers, who hear of the end from the walk, may wait for a receiver.
    list: Option<ListRef<S, P, O>>,
    walk: Walk<'a, S, P, O>,
    turns: Vec<Turn<'a, S, P, O>>,
    all_called: bool,
}

impl<'a, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Concurrent<'a, S, P, O> {
    pub(crate) fn new(mut walk: Walk<'a, S, P, O>) -> Self {
        Self {
            list: walk.find().hold(),
            walk,
            turns: Vec::new(),
            all_called: false,
        }
    }

    /// Calls every receiver, then polls those that still run. Every wake polls all of these: receivers of one
    /// signal are few, and one waker for all costs less than one for each.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcomes<O>> {
        let (slots, inside) = (slots(&self.list), self.walk.enter());
        let mut waits = false;
        for turn in &mut self.turns {
            waits |= self.walk.poll(slots, turn, &inside, cx).is_pending();
        }
        while !self.all_called {
            let mut turn = self.walk.turn();
            self.all_called = !self.walk.step(slots, &mut turn, &inside);
            if !self.all_called {
                // Polled at its turn, so that it begins before those after it are called.
                waits |= self.walk.poll(slots, &mut turn, &inside, cx).is_pending();
                self.turns.push(turn);
            }
        }
        if waits {
            return Poll::Pending;
        }
        let turns = self.turns.drain(..);
        Poll::Ready(turns.map(|mut turn| turn.answer(slots)).collect())
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Concurrent<'_, S, P, O> {
    fn drop(&mut self) {
        // The failures of those that have answered are reported as those of any send.
        let (slots, mut unread) = (slots(&self.list), Outcomes::new());
        for mut turn in self.turns.drain(..) {
            if self.walk.abandon(slots, &mut turn).is_none() {
                turn.push_to(&mut unread, slots);
            }
        }
        // Before the report, in which a receiver may be waited for.
        self.list = None;
    }
}
