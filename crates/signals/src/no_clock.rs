//! Stands in for `clock` where the standard library has none, and would panic: nothing takes any time.

use std::time::{Duration, SystemTime};

#[derive(Clone, Copy)]
pub(crate) struct Stopwatch;

impl Stopwatch {
    pub(crate) const fn start() -> Self {
        Self
    }

    pub(crate) const fn elapsed(self) -> Duration {
        Duration::ZERO
    }
}

/// The beginning of 1970.
pub(crate) const fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH
}
