//! Hands what happens in signals on to `tracing`.

use crate::event::{Event, Said};
use crate::observe::Observer;

/// An [`Observer`] that writes to `tracing`.
///
/// While it observes, every send is a span `send` (with `signal`, `send`, and at its end `took` and
/// `complete`) inside the span of its sender, and every call in it a span `call` (with `receiver`, and at its
/// end `took` and `outcome`, `failure` or `abandoned`). Spans are of the level `DEBUG` and the target `signals`.
///
/// A receiver runs inside its span, so what it writes itself says which signal and receiver it belongs to. An
/// async receiver is in its span while its future is polled, and out of it while it waits.
///
/// What happens is written as events too, inside these spans: failures as warnings, everything else at
/// `DEBUG` or `TRACE`.
///
/// ```
/// let watching = signals::observe(signals::ToTracing);
/// # drop(watching);
/// ```
///
/// Without it, the feature `tracing` does one thing: failures that a sender drops without looking at them,
/// and those of receivers in the background, are written as warnings.
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
            Event::Sent { signal, send } => {
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
