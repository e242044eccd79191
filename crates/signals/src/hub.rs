//! The part of a signal that fits into a `static`: made in a constant, filled at first use.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, ReentrantMutex};

use crate::collect;
use crate::registry;
use crate::shared::{AnyShared, Candidate, Shared, Traits};

/// How deep a signal may be sent inside its own receivers, unless told otherwise.
const RECURSION_LIMIT: u32 = 64;

const UNCOLLECTED: u8 = 0;
const COLLECTING: u8 = 1;
const COLLECTED: u8 = 2;

pub(crate) struct Hub<S: ?Sized, P: ?Sized, O> {
    traits: Traits<O>,
    shared: OnceLock<Arc<Shared<S, P, O>>>,
    collected: AtomicU8,
    /// Re-entrant, because the options of a receiver are expressions, and may use the signal.
    collecting: ReentrantMutex<()>,
    found: Mutex<Vec<Candidate<S, P, O>>>,
}

impl<S: ?Sized, P: ?Sized, O> Hub<S, P, O> {
    pub(crate) const fn new(name: Cow<'static, str>, is_async: bool) -> Self {
        Self {
            traits: Traits {
                name,
                describe: None,
                recursion_limit: RECURSION_LIMIT,
                is_async,
            },
            shared: OnceLock::new(),
            collected: AtomicU8::new(UNCOLLECTED),
            collecting: ReentrantMutex::new(()),
            found: Mutex::new(Vec::new()),
        }
    }

    /// A hub with the same traits and nothing else in common.
    pub(crate) fn twin(&self) -> Self {
        let mut twin = Self::new(Cow::Borrowed(""), self.traits.is_async);
        twin.traits = self.traits.clone();
        twin
    }

    pub(crate) const fn describe(&mut self, describe: fn(&O) -> String) {
        self.traits.describe = Some(describe);
    }

    pub(crate) const fn recursion_limit(&mut self, limit: u32) {
        self.traits.recursion_limit = limit;
    }

    pub(crate) fn name(&self) -> &str {
        &self.traits.name
    }

    /// Identifies the signal to the receivers registered for it.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Hub<S, P, O> {
    pub(crate) fn shared(&self) -> &Arc<Shared<S, P, O>> {
        let shared = self.uncollected();
        if self.collected.load(Ordering::Acquire) != COLLECTED {
            self.collect(shared);
        }
        shared
    }

    /// Takes in a receiver registered at its function.
    pub(crate) fn found(&self, candidate: Candidate<S, P, O>) {
        self.found.lock().push(candidate);
    }

    pub(crate) fn uncollected(&self) -> &Arc<Shared<S, P, O>> {
        self.shared.get_or_init(|| {
            let shared = Arc::new(Shared::new(self.traits.clone()));
            let any: Arc<dyn AnyShared> = shared.clone();
            registry::add(Arc::downgrade(&any));
            shared
        })
    }

    #[cold]
    fn collect(&self, shared: &Arc<Shared<S, P, O>>) {
        let _alone = self.collecting.lock();
        let start = self.collected.compare_exchange(
            UNCOLLECTED,
            COLLECTING,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if start.is_err() {
            return;
        }
        // Should anything below panic, the next use tries again, and says so again.
        let mut outcome = Settle {
            state: &self.collected,
            to: UNCOLLECTED,
        };
        // Left by a collection that panicked midway. Captures, so not dropped under the lock.
        let left = std::mem::take(&mut *self.found.lock());
        drop(left);
        collect::run(self.address());
        let found = std::mem::take(&mut *self.found.lock());
        if let Err(error) = shared.connect_all(found) {
            panic!(
                "the receivers registered for the signal `{}` cannot be connected: {error}",
                self.name()
            );
        }
        outcome.to = COLLECTED;
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Hub<S, P, O> {
    /// A signal that goes takes its receivers along, even if a call of one of them still runs.
    fn drop(&mut self) {
        if let Some(shared) = self.shared.get() {
            shared.disconnect(|_| true);
        }
    }
}

/// Sets the state when dropped.
struct Settle<'a> {
    state: &'a AtomicU8,
    to: u8,
}

impl Drop for Settle<'_> {
    fn drop(&mut self) {
        self.state.store(self.to, Ordering::Release);
    }
}
