//! A send whose async receivers run at the same time.

use std::task::{Context, Poll};

use crate::answer::Answer;
use crate::outcomes::Outcomes;
use crate::walk::{Started, Step, Walk};

/// The receivers of one send, in order: answered, or still running.
pub(crate) struct Concurrent<'a, S: ?Sized, P: ?Sized, O> {
    walk: Walk<'a, S, P, O>,
    calls: Vec<State<'a, S, P, O>>,
    all_called: bool,
}

enum State<'a, S: ?Sized, P: ?Sized, O> {
    Running(Started<'a, S, P, O>),
    Answered(Answer<O>),
}

impl<'a, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Concurrent<'a, S, P, O> {
    pub(crate) const fn new(walk: Walk<'a, S, P, O>) -> Self {
        Self {
            walk,
            calls: Vec::new(),
            all_called: false,
        }
    }

    /// Calls every receiver, then polls those that still run. Every wake polls all of these: receivers of one
    /// signal are few, and one waker for all costs less than one for each.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcomes<O>> {
        if !self.all_called {
            self.call_all(cx);
        } else {
            for call in &mut self.calls {
                if let State::Running(started) = call
                    && let Poll::Ready(answer) = self.walk.poll(started, cx)
                {
                    *call = State::Answered(answer);
                }
            }
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

    fn call_all(&mut self, cx: &mut Context<'_>) {
        self.all_called = true;
        while let Some(step) = self.walk.step() {
            self.calls.push(match step {
                Step::Answered(answer) => State::Answered(answer),
                // Polled at its turn, so that it begins before those after it are called.
                Step::Started(mut started) => match self.walk.poll(&mut started, cx) {
                    Poll::Ready(answer) => State::Answered(answer),
                    Poll::Pending => State::Running(started),
                },
            });
        }
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Concurrent<'_, S, P, O> {
    fn drop(&mut self) {
        for call in self.calls.drain(..) {
            if let State::Running(started) = call {
                self.walk.abandon(started);
            }
        }
    }
}
