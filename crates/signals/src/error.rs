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
    why: Why,
}

#[derive(Clone, Debug)]
enum Why {
    /// The receiver has been disconnected, and this thread is in the middle of its signal.
    Inside,
    TimedOut(Duration),
    /// This thread is in the middle of a task that is waited for.
    InTask,
    /// So many tasks still run.
    Running(usize, Duration),
}

impl WaitError {
    pub(crate) const fn inside(name: String) -> Self {
        let why = Why::Inside;
        Self { name, why }
    }

    pub(crate) const fn timed_out(name: String, limit: Duration) -> Self {
        let why = Why::TimedOut(limit);
        Self { name, why }
    }

    pub(crate) const fn in_task(name: String) -> Self {
        let why = Why::InTask;
        Self { name, why }
    }

    pub(crate) const fn running(name: String, count: usize, limit: Duration) -> Self {
        let why = Why::Running(count, limit);
        Self { name, why }
    }

    /// Returns whether the time limit came first. Else the wait was in the middle of what it waits for, where it might
    /// never end.
    pub const fn is_timeout(&self) -> bool {
        matches!(self.why, Why::TimedOut(_) | Why::Running(..))
    }

    fn text(&self) -> String {
        let name = &self.name;
        match &self.why {
            Why::Inside => format!(
                "the receiver `{name}` is disconnected, and cannot be waited for inside a receiver of its own signal"
            ),
            Why::TimedOut(limit) => format!("the receiver `{name}` has not ended within {limit:?}"),
            Why::InTask => format!("a task of {name} cannot wait for itself to end"),
            Why::Running(count, limit) => {
                format!("{count} tasks of {name} have not ended within {limit:?}")
            }
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
