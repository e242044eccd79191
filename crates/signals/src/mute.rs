//! The guard that keeps a whole signal quiet.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Keeps a signal quiet: while one of these lives, its sends call nobody.
#[derive(Debug)]
#[must_use = "the signal is heard again when this is dropped"]
pub struct Muted<'a> {
    count: &'a AtomicUsize,
}

impl<'a> Muted<'a> {
    pub(crate) fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self { count }
    }
}

impl Drop for Muted<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::AcqRel);
    }
}
