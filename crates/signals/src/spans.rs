//! Spans of `tracing` around sends and the calls in them, while an observer asks for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tracing::Span;
use tracing::field::{Empty, debug, display};

use crate::event::{Said, SendId};
use crate::info::ReceiverInfo;

static ARE_WANTED: AtomicBool = AtomicBool::new(false);

/// Says whether any observer asks for spans.
pub(crate) fn want(are_wanted: bool) {
    ARE_WANTED.store(are_wanted, Ordering::Relaxed);
}

/// Returns whether any observer asks for spans. It then writes failures itself.
pub(crate) fn are_wanted() -> bool {
    ARE_WANTED.load(Ordering::Relaxed)
}

/// The span of one send.
pub(crate) struct SendSpan(Span);

impl SendSpan {
    /// A span within the one that the sender is in.
    pub(crate) fn open(signal: &str, send: SendId) -> Self {
        if !are_wanted() {
            return Self(Span::none());
        }
        Self(
            tracing::debug_span!(target: "signals", "send", signal, %send, took = Empty, complete = Empty),
        )
    }

    /// The span of a call in this send.
    pub(crate) fn call(&self, receiver: &ReceiverInfo) -> CallSpan {
        if self.0.is_none() {
            return CallSpan(Span::none());
        }
        CallSpan(tracing::debug_span!(
            target: "signals", parent: &self.0, "call",
            %receiver, took = Empty, outcome = Empty, failure = Empty, abandoned = Empty
        ))
    }

    pub(crate) fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        self.0.in_scope(run)
    }

    pub(crate) fn close(&self, took: Duration, complete: bool) {
        self.0.record("took", debug(took));
        self.0.record("complete", complete);
    }
}

/// The span of one call: a receiver is in it while it runs, and not while its future waits.
#[derive(Clone)]
pub(crate) struct CallSpan(Span);

impl CallSpan {
    /// The span that this thread is in.
    pub(crate) fn current() -> Self {
        Self(Span::current())
    }

    pub(crate) fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        self.0.in_scope(run)
    }

    pub(crate) fn close(&self, took: Duration, said: &Said<'_>) {
        self.0.record("took", debug(took));
        match said {
            Said::Nothing => {}
            Said::Outcome(text) => {
                self.0.record("outcome", text);
            }
            Said::Failed(failure) => {
                self.0.record("failure", display(failure));
            }
            Said::Abandoned => {
                self.0.record("abandoned", true);
            }
        }
    }
}
