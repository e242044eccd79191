//! The payloads that were sent through one signal, recorded for a test.

use std::fmt;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use parking_lot::Mutex;

use crate::connection::Scoped;

/// Records the payloads that are sent through a signal, until it is dropped. See
/// [`Signal::record`](crate::Signal::record).
///
/// If an assertion fails, its message lists what *was* sent.
#[must_use = "nothing is recorded once this is dropped"]
pub struct Recording<T> {
    pub(crate) sent: Arc<Mutex<Vec<T>>>,
    pub(crate) signal: String,
    pub(crate) _connection: Scoped,
}

impl<T: Clone + fmt::Debug> Recording<T> {
    /// Returns the payloads that were sent so far.
    pub fn sent(&self) -> Vec<T> {
        self.sent.lock().clone()
    }

    /// Removes and returns the payloads that were sent so far.
    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.sent.lock())
    }

    /// Asserts that `fits` returns `true` for some payload, and returns the first such payload.
    ///
    /// # Panics
    ///
    /// Panics if there is none, with the list of what was sent.
    #[track_caller]
    pub fn assert_sent(&self, fits: impl Fn(&T) -> bool) -> T {
        let sent = self.sent();
        let found = sent.iter().find(|payload| fits(payload)).cloned();
        found.unwrap_or_else(|| self.fail("nothing that was sent fits", &sent))
    }

    /// Asserts that exactly these payloads were sent, in this order.
    ///
    /// # Panics
    ///
    /// Panics if other payloads were sent, with the list of what was sent.
    #[track_caller]
    pub fn assert_sent_exactly<U: fmt::Debug>(&self, expected: &[U])
    where
        T: PartialEq<U>,
    {
        let sent = self.sent();
        if sent != expected {
            self.fail(&format!("expected {expected:?}"), &sent)
        }
    }

    /// Asserts that the signal was sent `times` times.
    ///
    /// # Panics
    ///
    /// Panics if it was sent more or fewer times, with the list of what was sent.
    #[track_caller]
    pub fn assert_times(&self, times: usize) {
        let sent = self.sent();
        if sent.len() != times {
            self.fail(
                &format!("expected {times} sends, saw {}", sent.len()),
                &sent,
            )
        }
    }

    #[track_caller]
    fn fail(&self, what: &str, sent: &[T]) -> ! {
        let mut list = String::new();
        for (number, payload) in sent.iter().enumerate() {
            list.push_str(&format!("\n  {}. {payload:?}", number + 1));
        }
        if sent.is_empty() {
            list.push_str("\n  (nothing)");
        }
        panic!("signal `{}`: {what}; sent were:{list}", self.signal)
    }
}

// As the signals themselves: a payload is cloned before it is added.
impl<T> std::panic::UnwindSafe for Recording<T> {}
impl<T> std::panic::RefUnwindSafe for Recording<T> {}

impl<T: fmt::Debug> fmt::Debug for Recording<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("signal", &self.signal)
            .field("sent", &*self.sent.lock())
            .finish_non_exhaustive()
    }
}

/// Whose sends are recorded.
#[derive(Clone, Copy)]
pub(crate) enum Scope {
    AllThreads,
    Thread(ThreadId),
}

impl Scope {
    pub(crate) fn here() -> Self {
        Self::Thread(thread::current().id())
    }

    pub(crate) fn covers_this_thread(self) -> bool {
        match self {
            Self::AllThreads => true,
            Self::Thread(id) => thread::current().id() == id,
        }
    }
}
