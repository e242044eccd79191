//! The errors outside of receivers: of connecting, of waiting, and of finding a signal by name.

use std::time::Duration;

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

/// The reason for which a wait for a receiver was given up. The receiver is disconnected.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct WaitError {
    name: String,
    /// How long the wait was, if it was too long.
    limit: Option<Duration>,
}

impl WaitError {
    pub(crate) const fn inside(name: String) -> Self {
        Self { name, limit: None }
    }

    pub(crate) const fn timed_out(name: String, limit: Duration) -> Self {
        let limit = Some(limit);
        Self { name, limit }
    }

    /// Returns whether the time limit came first. Else the wait was inside of a send that calls the receiver, where it
    /// could never end.
    pub const fn is_timeout(&self) -> bool {
        self.limit.is_some()
    }

    fn text(&self) -> String {
        let name = &self.name;
        match self.limit {
            None => format!("the receiver `{name}` cannot wait for itself to end"),
            Some(limit) => format!("the receiver `{name}` has not ended within {limit:?}"),
        }
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
