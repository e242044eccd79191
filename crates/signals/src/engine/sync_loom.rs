//! The locks and atomics of the engine under loom, which tries every order in which threads may come to them.
//!
//! loom does not know arc_swap. A mutex makes the same promise: a value that was read lives until it is let go.

pub(super) use loom::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// loom's takes no constants.
macro_rules! of_a_constant {
    (static $name:ident: $type:ty = const { $value:expr }) => {
        loom::thread_local!(static $name: $type = $value);
    };
}
pub(super) use of_a_constant as thread_local;

/// An atomic in a slot, which is never dropped: loom does not know `std`'s `Arc`, which orders the drop of a slot behind
/// all that was done with it.
pub(super) struct Ticket(ManuallyDrop<AtomicU64>);

impl From<AtomicU64> for Ticket {
    fn from(atomic: AtomicU64) -> Self {
        Self(ManuallyDrop::new(atomic))
    }
}

impl Deref for Ticket {
    type Target = AtomicU64;

    fn deref(&self) -> &AtomicU64 {
        &self.0
    }
}

use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Instant;

use loom::sync::MutexGuard;

#[derive(Default)]
pub(super) struct Mutex<T>(loom::sync::Mutex<T>);

/// Taken out while a condition is waited for.
pub(super) struct Locked<'a, T>(Option<MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    pub(super) fn lock(&self) -> Locked<'_, T> {
        Locked(self.0.lock().ok())
    }
}

impl<T> Deref for Locked<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().expect("no panic under a lock")
    }
}

impl<T> DerefMut for Locked<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_deref_mut().expect("no panic under a lock")
    }
}

#[derive(Default)]
pub(super) struct Condvar(loom::sync::Condvar);

impl Condvar {
    pub(super) fn notify_all(&self) {
        self.0.notify_all();
    }

    pub(super) fn wait_while<T>(
        &self,
        locked: &mut Locked<'_, T>,
        mut holds: impl FnMut(&mut T) -> bool,
    ) {
        while holds(locked) {
            let guard = locked.0.take().expect("it is locked");
            locked.0 = self.0.wait(guard).ok();
        }
    }

    /// There is no time under loom.
    pub(super) fn wait_while_until<T>(
        &self,
        locked: &mut Locked<'_, T>,
        holds: impl FnMut(&mut T) -> bool,
        _: Instant,
    ) {
        self.wait_while(locked, holds);
    }
}

pub(super) struct ArcSwap<T>(Mutex<Arc<T>>);

impl<T> ArcSwap<T> {
    pub(super) fn from_pointee(value: T) -> Self {
        Self(Mutex(loom::sync::Mutex::new(Arc::new(value))))
    }

    pub(super) fn load(&self) -> Guard<Arc<T>> {
        Guard(self.load_full())
    }

    pub(super) fn load_full(&self) -> Arc<T> {
        self.0.lock().clone()
    }

    pub(super) fn store(&self, next: Arc<T>) {
        let before = std::mem::replace(&mut *self.0.lock(), next);
        drop(before);
    }
}

pub(crate) struct Guard<T>(T);

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
