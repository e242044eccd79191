//! The part of a signal that fits into a `static`: made in a constant, filled at first use.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use crate::collect;
use crate::drafts::{Drafts, Making};
use crate::engine::{Candidate, Joined, SlotId, State};
use crate::in_use;
use crate::observe;
use crate::outcomes::Outcomes;
use crate::shared::{AnyShared, Shared, Traits};

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
    /// Set once the registered receivers are in it.
    shared: OnceLock<Arc<Shared<S, P, O>>>,
    traits: Traits<O>,
    /// What may become that. The options of a registered receiver are expressions, which may use any signal and wait
    /// for other threads. So each thread that needs the receivers collects them into a draft of its own, without a
    /// lock, and the first to finish wins.
    drafts: Drafts<Arc<Shared<S, P, O>>>,
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
            drafts: Drafts::new(),
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

    /// From now on sends look behind the hub.
    fn open(&self) {
        if self.state.load(Ordering::Relaxed) != state::OPEN {
            self.state.store(state::OPEN, Ordering::Release);
        }
    }

    /// Collects the registered receivers, if that has not been done.
    pub(crate) fn prepare(&self) -> &Arc<Shared<S, P, O>> {
        match self.shared.get() {
            Some(shared) => shared,
            None => self.collect(),
        }
    }

    #[cold]
    fn collect(&self) -> &Arc<Shared<S, P, O>> {
        let make = || Arc::new(Shared::new(self.traits.clone()));
        if !collect::is_any(self.address()) {
            return self.publish(&make()).0;
        }
        // An option of a receiver that this thread collects uses the signal.
        if let Some(own) = self.drafts.own() {
            return own;
        }
        let mut attempt = Attempt {
            draft: Some(self.drafts.begin(make)),
            joined: Vec::new(),
        };
        let Some(draft) = &attempt.draft else {
            unreachable!("it is there until the attempt ends");
        };
        let mut found: Vec<Candidate<S, P, O>> = Vec::new();
        collect::run(self.address(), &mut found);
        match draft.connect_all(found) {
            Ok(joined) => attempt.joined = joined,
            // The next use tries again, and says so again.
            Err(error) => panic!(
                "the receivers registered for the signal `{}` cannot be connected: {error}",
                self.name()
            ),
        }
        let (shared, is_ours) = self.publish(draft);
        if is_ours {
            shared.tell_joined(&attempt.joined);
            attempt.succeed();
        }
        shared
    }

    /// Makes this the state of the signal, if it has none yet. Returns its state, and whether it is this one.
    fn publish(&self, shared: &Arc<Shared<S, P, O>>) -> (&Arc<Shared<S, P, O>>, bool) {
        let mut is_ours = false;
        let shared = self.shared.get_or_init(|| {
            is_ours = true;
            let any: Arc<dyn AnyShared> = shared.clone();
            in_use::add(&any);
            Arc::clone(shared)
        });
        if is_ours && !shared.core().look(State::is_empty) {
            self.open();
        } else if is_ours {
            let (release, relaxed) = (Ordering::Release, Ordering::Relaxed);
            // Another thread may have used the signal meanwhile.
            let _ = self
                .state
                .compare_exchange(state::UNREADY, state::UNUSED, release, relaxed);
        }
        (shared, is_ours)
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Hub<S, P, O> {
    /// A signal that goes takes its receivers along, even if a call of one of them still runs.
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.disconnect(|_| true);
            in_use::remove(Arc::as_ptr(&shared).addr());
        }
    }
}

/// One thread's collection of the registered receivers. If it comes to nothing, nothing stays in its draft.
struct Attempt<'h, S: ?Sized, P: ?Sized, O> {
    draft: Option<Making<'h, Arc<Shared<S, P, O>>>>,
    joined: Vec<Joined>,
}

impl<S: ?Sized, P: ?Sized, O> Attempt<'_, S, P, O> {
    fn succeed(mut self) {
        if let Some(draft) = self.draft.take() {
            draft.finish();
        }
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Attempt<'_, S, P, O> {
    fn drop(&mut self) {
        let Some(draft) = &self.draft else {
            return;
        };
        // Observers have heard of those that an option connected, and of no registered one.
        let unheard: HashSet<SlotId> = self.joined.iter().map(|joined| joined.id).collect();
        drop(draft.core().disconnect(|slot| unheard.contains(&slot.id())));
        draft.disconnect(|_| true);
    }
}
