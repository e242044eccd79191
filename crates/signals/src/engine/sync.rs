//! The locks and atomics of the engine.

pub(super) use std::sync::OnceLock;
pub(super) use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
pub(super) use std::thread_local;

pub(super) use parking_lot::{Condvar, Mutex, MutexGuard as Locked, RwLock};

pub(super) type Ticket = AtomicU64;

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};

/// Points to a value, or to nothing. It is read without a lock, and replaced as a whole.
pub(super) struct Pointer<T>(ArcSwapOption<T>);

/// A value that was read. It lives at least as long as this.
pub(crate) struct Target<T>(Guard<Option<Arc<T>>>);

impl<T> Pointer<T> {
    pub(super) fn empty() -> Self {
        Self(ArcSwapOption::empty())
    }

    #[inline(always)]
    pub(super) fn read(&self) -> Target<T> {
        Target(self.0.load())
    }

    /// Replaces the value. The one before is to be dropped without a lock.
    pub(super) fn replace(&self, next: Option<Arc<T>>) -> Option<Arc<T>> {
        self.0.swap(next)
    }
}

impl<T> From<Option<Arc<T>>> for Target<T> {
    fn from(value: Option<Arc<T>>) -> Self {
        Self(Guard::from_inner(value))
    }
}

impl<T> Target<T> {
    /// Holds the value for longer than a moment.
    pub(crate) fn hold(self) -> Option<Arc<T>> {
        Guard::into_inner(self.0)
    }
}

impl<T> Deref for Target<T> {
    type Target = Option<Arc<T>>;

    #[inline(always)]
    fn deref(&self) -> &Option<Arc<T>> {
        &self.0
    }
}
