//! The list of all signals that are in use in the process.

use std::sync::Weak;

use parking_lot::Mutex;

use crate::collect;
use crate::info::ReceiverInfo;
use crate::shared::AnyShared;

/// A signal in use, as [`all`] lists it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignalInfo {
    /// Its name.
    pub name: String,
    /// Whether it takes async receivers.
    pub is_async: bool,
    /// The type of the sender.
    pub sender: &'static str,
    /// The type of the payload.
    pub payload: &'static str,
    /// The type of the outcome.
    pub outcome: &'static str,
    /// The receivers, in the order in which they run.
    pub receivers: Vec<ReceiverInfo>,
}

static IN_USE: Mutex<Vec<Weak<dyn AnyShared>>> = Mutex::new(Vec::new());

/// Notes a signal that is used for the first time.
pub(crate) fn add(signal: Weak<dyn AnyShared>) {
    let mut in_use = IN_USE.lock();
    if in_use.len() == in_use.capacity() {
        // About to grow: make room by forgetting those that are gone, for then the cost evens out.
        in_use.retain(|signal| signal.strong_count() > 0);
    }
    in_use.push(signal);
}

/// Returns every signal in use, sorted by name.
///
/// A signal is in use if it was sent, if a receiver was connected to it, or if a receiver is registered for it
/// with `#[receiver]`.
///
/// # Panics
///
/// Panics if registered receivers cannot be connected, as every use of their signal does.
pub fn all() -> Vec<SignalInfo> {
    collect::touch_all();
    let in_use = IN_USE.lock().clone();
    let mut signals: Vec<_> = in_use
        .iter()
        .filter_map(Weak::upgrade)
        .map(|signal| {
            let [sender, payload, outcome] = signal.type_names();
            SignalInfo {
                name: signal.name().to_owned(),
                is_async: signal.is_async(),
                sender,
                payload,
                outcome,
                receivers: signal.receivers(),
            }
        })
        .collect();
    signals.sort_by(|one, other| one.name.cmp(&other.name));
    signals
}
