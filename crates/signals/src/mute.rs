//! The guard that mutes a whole signal.

use std::fmt;

use crate::shared::AnyShared;

/// A guard that mutes a signal: while it lives, sends call no receiver. See [`Signal::mute`](crate::Signal::mute).
#[must_use = "the signal is heard again when this is dropped"]
pub struct Muted<'a> {
    signal: &'a dyn AnyShared,
}

impl<'a> Muted<'a> {
    pub(crate) fn new(signal: &'a dyn AnyShared) -> Self {
        signal.set_muted(true);
        Self { signal }
    }
}

impl Drop for Muted<'_> {
    fn drop(&mut self) {
        self.signal.set_muted(false);
    }
}

// As the signals themselves.
impl std::panic::UnwindSafe for Muted<'_> {}
impl std::panic::RefUnwindSafe for Muted<'_> {}

impl fmt::Debug for Muted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Muted")
            .field("signal", &self.signal.name())
            .finish()
    }
}
