//! The observer that writes events and spans of `tracing`.

use crate::event::{Event, Said};
use crate::observe::Observer;

/// An [`Observer`] that writes to `tracing`.
///
/// While it observes, every send is a span `send` (with `signal`, `send`, and at its end `took` and
/// `complete`) inside the span of its sender, and every call in it a span `call` (with `receiver`, and at its
/// end `took` and `outcome`, `failure` or `abandoned`). Spans are of the level `DEBUG` and the target `signals`.
///
/// A receiver runs inside its span, so the events of the receiver's own belong to its signal and receiver. An
/// async receiver is inside its span while its future is polled, and outside while it waits.
///
/// Inside these spans every [`Event`] becomes an event of `tracing`: a failure at `WARN`, any other at `DEBUG`
/// or `TRACE`.
///
/// ```
/// let watching = signals::observe(signals::ToTracing);
/// # drop(watching);
/// ```
///
/// Without this observer, the feature `tracing` does one thing: it writes a warning for each failure that a
/// sender does not read, and for each failure of a detached receiver.
#[derive(Clone, Copy, Debug, Default)]
pub struct ToTracing;

impl Observer for ToTracing {
    fn wants_spans(&self) -> bool {
        true
    }

    fn on_event(&self, event: &Event<'_>) {
        match event {
            Event::Connected { signal, receiver } => {
                tracing::debug!(target: "signals", signal, %receiver, "connected");
            }
            Event::Disconnected { signal, receiver } => {
                tracing::debug!(target: "signals", signal, %receiver, "disconnected");
            }
            Event::Sent { signal, send, .. } => {
                tracing::debug!(target: "signals", signal, %send, "sent");
            }
            Event::Called {
                signal,
                send,
                receiver,
            } => tracing::trace!(target: "signals", signal, %send, %receiver, "called"),
            Event::Answered {
                signal,
                send,
                receiver,
                took,
                said,
            } => match said {
                Said::Failed(failure) => {
                    tracing::warn!(target: "signals", signal, %send, %receiver, ?took, %failure, "failed");
                }
                Said::Outcome(outcome) => {
                    tracing::debug!(target: "signals", signal, %send, %receiver, ?took, outcome, "answered");
                }
                Said::Nothing => {
                    tracing::debug!(target: "signals", signal, %send, %receiver, ?took, "ran");
                }
                Said::Abandoned => {
                    tracing::debug!(target: "signals", signal, %send, %receiver, ?took, "abandoned");
                }
            },
            Event::Skipped {
                signal,
                send,
                receiver,
                why,
            } => tracing::debug!(target: "signals", signal, %send, %receiver, %why, "skipped"),
            Event::Done {
                signal,
                send,
                took,
                complete,
            } => tracing::debug!(target: "signals", signal, %send, ?took, complete, "done"),
            Event::Ended {
                signal,
                receiver,
                took,
                said,
            } => match said {
                Said::Failed(failure) => {
                    tracing::warn!(target: "signals", signal, %receiver, ?took, %failure, "failed in the background");
                }
                _ => {
                    tracing::debug!(target: "signals", signal, %receiver, ?took, "ended in the background");
                }
            },
        }
    }
}
