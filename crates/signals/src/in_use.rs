//! The list of all signals that are in use in the process.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

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

/// The signals in use, by the address of their state. Each has a number, so that signals of one name are listed in the
/// order in which they were first used.
struct InUse {
    signals: BTreeMap<usize, (u64, Weak<dyn AnyShared>)>,
    next: u64,
}

static IN_USE: Mutex<InUse> = Mutex::new(InUse {
    signals: BTreeMap::new(),
    next: 0,
});

/// Notes a signal that is used for the first time.
pub(crate) fn add(signal: &Arc<dyn AnyShared>) {
    let address = Arc::as_ptr(signal).addr();
    let mut in_use = IN_USE.lock();
    let number = in_use.next;
    in_use.next += 1;
    let signal = Arc::downgrade(signal);
    in_use.signals.insert(address, (number, signal));
}

/// Forgets the signal whose state is at this address.
pub(crate) fn remove(address: usize) {
    IN_USE.lock().signals.remove(&address);
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
    let mut in_use: Vec<_> = IN_USE.lock().signals.values().cloned().collect();
    in_use.sort_by_key(|(number, _)| *number);
    let mut signals: Vec<_> = in_use
        .iter()
        .filter_map(|(_, signal)| signal.upgrade())
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
