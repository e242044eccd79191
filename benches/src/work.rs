//! What a send carries, and what a receiver does with it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Who sends.
#[derive(Debug)]
pub struct Sender;

/// The one sender of all sends. Some libraries want it for ever.
pub static SENDER: Sender = Sender;

/// What is sent: a counter that every receiver adds to.
///
/// Each sending thread has its own, on cache lines of its own, so that two threads share nothing by way of
/// the work. It is never freed, because some libraries take only payloads that live for ever.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Payload {
    count: AtomicU64,
}

impl Payload {
    /// A counter at zero.
    #[must_use]
    pub fn leaked() -> &'static Self {
        Box::leak(Box::default())
    }

    /// The work of a receiver: a load, an addition and a store.
    #[inline(always)]
    pub fn add(&self, n: u64) {
        let count = self.count.load(Ordering::Relaxed);
        self.count.store(count.wrapping_add(n), Ordering::Relaxed);
    }
}
