//! The errors outside of receivers: of connecting, of waiting, and of finding a signal by name.

use crate::info::ReceiverInfo;

/// The reason for which a receiver was not connected.
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
    /// An option that can be set once was set twice: one of the two would go unheard.
    #[error("`{option}` is set twice")]
    #[non_exhaustive]
    Repeated {
        /// The option.
        option: &'static str,
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

/// The error of a receiver that waits for itself to end.
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

/// The error of a name that belongs to a signal of other types.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the signal `{name}` is {existing}, not {wanted}")]
pub struct NameTaken {
    pub(crate) name: String,
    pub(crate) existing: String,
    pub(crate) wanted: String,
}
