//! The part of a signal that fits into a `static`: made in a constant, filled at first use.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, ReentrantMutex};

use crate::collect;
use crate::in_use;
use crate::observe;
use crate::outcomes::Outcomes;
use crate::shared::{AnyShared, Candidate, Shared, Traits};

/// How deep a signal may be sent inside its own receivers, unless told otherwise.
const RECURSION_LIMIT: u32 = 64;

mod state {
    /// The registered receivers have not been collected.
    pub(super) const UNREADY: u8 = 0;
    /// They have been, there were none, and none has been connected since.
    pub(super) const UNUSED: u8 = 1;
    /// There is something behind the hub.
    pub(super) const OPEN: u8 = 2;
}

pub(crate) struct Hub<S: ?Sized, P: ?Sized, O> {
    /// What a send looks at first: one of [`state`].
    state: AtomicU8,
    shared: OnceLock<Arc<Shared<S, P, O>>>,
    traits: Traits<O>,
    /// Whether a thread collects. Re-entrant, because the options of a receiver are expressions, and may use
    /// the signal.
    collecting: ReentrantMutex<Cell<bool>>,
    found: Mutex<Vec<Candidate<S, P, O>>>,
}

impl<S: ?Sized, P: ?Sized, O> Hub<S, P, O> {
    pub(crate) const fn new(name: Cow<'static, str>, is_async: bool) -> Self {
        Self {
            state: AtomicU8::new(state::UNREADY),
            shared: OnceLock::new(),
            traits: Traits {
                name,
                describe: None,
                recursion_limit: RECURSION_LIMIT,
                is_async,
            },
            collecting: ReentrantMutex::new(Cell::new(false)),
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
    /// The quick way of a send. Returns `None` if something asks for the long way; no receiver has then been
    /// called.
    #[inline(always)]
    pub(crate) fn run(&self, sender: &S, payload: &P) -> Option<Outcomes<O>> {
        if observe::is_watched() {
            return None;
        }
        match (self.state.load(Ordering::Relaxed), self.shared.get()) {
            (state::UNUSED, _) => Some(Outcomes::new()),
            (state::OPEN, Some(shared)) => shared.run(sender, payload),
            _ => self.run_first(sender, payload),
        }
    }

    #[cold]
    #[inline(never)]
    fn run_first(&self, sender: &S, payload: &P) -> Option<Outcomes<O>> {
        self.prepare().run(sender, payload)
    }

    /// Returns the state for everything that is not a plain send.
    pub(crate) fn shared(&self) -> &Arc<Shared<S, P, O>> {
        let shared = self.prepare();
        self.open();
        shared
    }

    /// From now on sends look behind the hub. It must be ready.
    fn open(&self) {
        let _ = self.state.compare_exchange(
            state::UNUSED,
            state::OPEN,
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
    }

    fn is_unready(&self) -> bool {
        self.state.load(Ordering::Acquire) == state::UNREADY
    }

    /// Collects the registered receivers, if that has not been done.
    pub(crate) fn prepare(&self) -> &Arc<Shared<S, P, O>> {
        let shared = self.uncollected();
        if self.is_unready() {
            self.collect(shared);
        }
        shared
    }

    /// Takes in a receiver registered at its function.
    pub(crate) fn found(&self, candidate: Candidate<S, P, O>) {
        self.found.lock().push(candidate);
    }

    fn uncollected(&self) -> &Arc<Shared<S, P, O>> {
        self.shared.get_or_init(|| {
            let shared = Arc::new(Shared::new(self.traits.clone()));
            let any: Arc<dyn AnyShared> = shared.clone();
            in_use::add(Arc::downgrade(&any));
            shared
        })
    }

    #[cold]
    fn collect(&self, shared: &Arc<Shared<S, P, O>>) {
        let collecting = self.collecting.lock();
        // Another thread was quicker; or this one is at it, and uses the signal meanwhile.
        if !self.is_unready() || collecting.replace(true) {
            return;
        }
        // Should anything below panic, the next use tries again, and says so again.
        let _over = Over(&collecting);
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
        self.state.store(state::UNUSED, Ordering::Release);
        if !shared.core().is_empty() {
            self.open();
        }
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

/// Notes when dropped that the collection is over.
struct Over<'a>(&'a Cell<bool>);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}
