//! Hands what happens in signals on to `tracing`.

use crate::observe::{Event, Observer, Said};

/// An [`Observer`] that writes to `tracing`: failures as warnings, everything else as debug events.
///
/// ```
/// let watching = signals::observe(signals::ToTracing);
/// # drop(watching);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ToTracing;

impl Observer for ToTracing {
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
