//! The locks and atomics of the engine.

pub(super) use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
pub(super) use std::thread_local;

pub(super) use arc_swap::{ArcSwap, Guard};
pub(super) use parking_lot::{Condvar, Mutex, MutexGuard as Locked};

pub(super) type Ticket = AtomicU64;
