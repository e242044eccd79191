//! The locks and atomics of the engine under loom, which tries every order in which threads may come to them.
//!
//! loom does not know arc_swap. A mutex makes the same promise: a value that was read lives until it is let go.

pub(super) use loom::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
pub(super) use loom::thread_local;

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

use loom::sync::{MutexGuard, RwLockReadGuard, RwLockWriteGuard};

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

/// `std`'s behind a mutex: loom does not know that one either.
pub(super) struct OnceLock<T>(loom::sync::Mutex<()>, std::sync::OnceLock<T>);

impl<T> OnceLock<T> {
    pub(super) fn new() -> Self {
        Self(loom::sync::Mutex::default(), std::sync::OnceLock::new())
    }

    pub(super) fn get(&self) -> Option<&T> {
        let _locked = self.0.lock();
        self.1.get()
    }

    pub(super) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let _locked = self.0.lock();
        self.1.get_or_init(make)
    }
}

#[derive(Default)]
pub(super) struct Condvar(loom::sync::Condvar);

pub(super) struct Waited(bool);

impl Waited {
    pub(super) fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    pub(super) fn notify_all(&self) {
        self.0.notify_all();
    }

    pub(super) fn wait<T>(&self, locked: &mut Locked<'_, T>) {
        let guard = locked.0.take().expect("it is locked");
        locked.0 = self.0.wait(guard).ok();
    }

    /// There is no time under loom.
    pub(super) fn wait_until<T>(&self, locked: &mut Locked<'_, T>, _: Instant) -> Waited {
        self.wait(locked);
        Waited(false)
    }
}

#[derive(Default)]
pub(super) struct RwLock<T>(loom::sync::RwLock<T>);

impl<T> RwLock<T> {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().expect("no panic under a lock")
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().expect("no panic under a lock")
    }
}

pub(super) struct Pointer<T>(Mutex<Option<Arc<T>>>);

pub(crate) struct Target<T>(Option<Arc<T>>);

impl<T> Pointer<T> {
    pub(super) fn empty() -> Self {
        Self(Mutex::default())
    }

    pub(super) fn read(&self) -> Target<T> {
        Target(self.0.lock().clone())
    }

    pub(super) fn replace(&self, next: Option<Arc<T>>) -> Option<Arc<T>> {
        std::mem::replace(&mut *self.0.lock(), next)
    }
}

impl<T> From<Option<Arc<T>>> for Target<T> {
    fn from(value: Option<Arc<T>>) -> Self {
        Self(value)
    }
}

impl<T> Target<T> {
    pub(crate) fn hold(self) -> Option<Arc<T>> {
        self.0
    }
}

impl<T> Deref for Target<T> {
    type Target = Option<Arc<T>>;

    fn deref(&self) -> &Option<Arc<T>> {
        &self.0
    }
}
