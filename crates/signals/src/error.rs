//! What can go wrong outside of receivers: connecting, waiting, and finding a signal by name.

use crate::info::ReceiverInfo;

/// A receiver could not be connected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The `before` and `after` of these receivers form a circle.
    #[error("`before` and `after` form a circle: {}", .names.join(" -> "))]
    #[non_exhaustive]
    Cycle {
        /// The receivers of the circle, each to run before the next; the first is repeated at the end.
        names: Vec<String>,
    },
    /// Another receiver is connected with the same key.
    #[error("the key {key:?} is taken by the receiver {existing}")]
    #[non_exhaustive]
    DuplicateKey {
        /// The key.
        key: String,
        /// The receiver that has it.
        existing: ReceiverInfo,
    },
}

/// Waiting for a receiver to end was refused, because the wait was asked for inside that receiver.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the receiver `{name}` cannot wait for itself to end")]
pub struct WaitError {
    name: String,
}

impl WaitError {
    pub(crate) const fn new(name: String) -> Self {
        Self { name }
    }
}

/// The name belongs to a signal of other types.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the signal `{name}` is {existing}, not {wanted}")]
pub struct NameTaken {
    pub(crate) name: String,
    pub(crate) existing: String,
    pub(crate) wanted: String,
}
