//! Stands in for `spans` when the feature `tracing` is off: there are none.

use std::time::Duration;

use crate::event::{Said, SendId};
use crate::info::ReceiverInfo;

pub(crate) const fn want(_are_wanted: bool) {}

pub(crate) struct SendSpan;

impl SendSpan {
    pub(crate) const fn open(_signal: &str, _send: SendId) -> Self {
        Self
    }

    pub(crate) const fn call(&self, _receiver: &ReceiverInfo) -> CallSpan {
        CallSpan
    }

    pub(crate) fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        run()
    }

    pub(crate) const fn close(&self, _took: Duration, _complete: bool) {}
}

#[derive(Clone)]
pub(crate) struct CallSpan;

impl CallSpan {
    pub(crate) const fn current() -> Self {
        Self
    }

    pub(crate) fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        run()
    }

    pub(crate) const fn close(&self, _took: Duration, _said: &Said<'_>) {}
}
