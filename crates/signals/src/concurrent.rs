//! A send whose async receivers run at the same time.

use std::task::{Context, Poll};

use crate::answer::Answer;
use crate::engine::{ListRef, slots};
use crate::outcomes::Outcomes;
use crate::walk::{Started, Step, Walk};

/// The receivers of one send, in order: answered, or still running.
pub(crate) struct Concurrent<'a, S: ?Sized, P: ?Sized, O> {
    walk: Walk<'a, S, P, O>,
    list: Option<ListRef<S, P, O>>,
    calls: Vec<State<'a, S, P, O>>,
    all_called: bool,
}

enum State<'a, S: ?Sized, P: ?Sized, O> {
    Running(Started<'a, S, P, O>),
    Answered(Answer<O>),
}

impl<'a, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Concurrent<'a, S, P, O> {
    pub(crate) fn new(mut walk: Walk<'a, S, P, O>) -> Self {
        Self {
            list: walk.find().hold(),
            walk,
            calls: Vec::new(),
            all_called: false,
        }
    }

    /// Calls every receiver, then polls those that still run. Every wake polls all of these: receivers of one
    /// signal are few, and one waker for all costs less than one for each.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcomes<O>> {
        let (slots, inside) = (slots(&self.list), self.walk.enter());
        for call in &mut self.calls {
            if let State::Running(started) = call
                && let Poll::Ready((at, verdict)) = self.walk.poll(slots, started, &inside, cx)
            {
                *call = State::Answered(at.answer(slots, verdict));
            }
        }
        while !self.all_called {
            self.calls.push(match self.walk.step(slots, &inside) {
                None => {
                    self.all_called = true;
                    break;
                }
                Some(Step::Answered(at, verdict)) => State::Answered(at.answer(slots, verdict)),
                // Polled at its turn, so that it begins before those after it are called.
                Some(Step::Started(mut started)) => {
                    match self.walk.poll(slots, &mut started, &inside, cx) {
                        Poll::Ready((at, verdict)) => State::Answered(at.answer(slots, verdict)),
                        Poll::Pending => State::Running(started),
                    }
                }
            });
        }
        let is_running = |call: &State<'_, S, P, O>| matches!(call, State::Running(_));
        if self.calls.iter().any(is_running) {
            return Poll::Pending;
        }
        let answers = self.calls.drain(..).filter_map(|call| match call {
            State::Answered(answer) => Some(answer),
            State::Running(_) => None,
        });
        Poll::Ready(answers.collect())
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Concurrent<'_, S, P, O> {
    fn drop(&mut self) {
        for call in self.calls.drain(..) {
            if let State::Running(started) = call {
                self.walk.abandon(slots(&self.list), started);
            }
        }
    }
}
