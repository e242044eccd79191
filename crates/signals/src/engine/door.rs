//! A signal's way to its receivers, in one word: what a send looks at first.

use std::ptr::{null_mut, without_provenance_mut};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock};

use crate::outcomes::Outcomes;
use crate::shared::Shared;

/// Holds what is behind a signal from its first use on.
pub(crate) struct Door<S: ?Sized, P: ?Sized, O> {
    /// [`UNREADY`], or null while nobody has ever been connected, or what `shared` holds.
    word: AtomicPtr<Shared<S, P, O>>,
    shared: OnceLock<Arc<Shared<S, P, O>>>,
}

/// No address of anything; smaller than any.
const UNREADY: usize = 1;

impl<S: ?Sized, P: ?Sized, O> Door<S, P, O> {
    pub(crate) const fn new() -> Self {
        Self {
            word: AtomicPtr::new(without_provenance_mut(UNREADY)),
            shared: OnceLock::new(),
        }
    }

    /// The quick way of a send that nobody observes, or `first` if it is not ready.
    #[inline(always)]
    pub(crate) fn run(
        &self,
        sender: &S,
        payload: &P,
        first: impl FnOnce() -> Option<Outcomes<O>>,
    ) -> Option<Outcomes<O>> {
        let word = self.word.load(Ordering::Acquire);
        if word.addr() > UNREADY {
            // SAFETY: it is what `shared` holds, which it does until `self` is dropped.
            unsafe { &*word }.run(sender, payload)
        } else if word.is_null() {
            Some(Outcomes::new())
        } else {
            first()
        }
    }

    pub(crate) fn is_unready(&self) -> bool {
        self.word.load(Ordering::Acquire).addr() == UNREADY
    }

    /// All that had to be done before the first send is done. Until [`open`](Self::open), nobody is there.
    pub(crate) fn set_ready(&self) {
        let unready = without_provenance_mut(UNREADY);
        // Fails if it is ready already, and has perhaps been opened.
        let _ =
            self.word
                .compare_exchange(unready, null_mut(), Ordering::AcqRel, Ordering::Relaxed);
    }

    /// From now on sends look behind the door. It must be ready.
    pub(crate) fn open(&self) {
        if let Some(shared) = self.shared.get()
            && self.word.load(Ordering::Relaxed).is_null()
        {
            self.word
                .store(Arc::as_ptr(shared).cast_mut(), Ordering::Release);
        }
    }

    pub(crate) fn shared(&self) -> Option<&Arc<Shared<S, P, O>>> {
        self.shared.get()
    }

    pub(crate) fn shared_or(
        &self,
        make: impl FnOnce() -> Arc<Shared<S, P, O>>,
    ) -> &Arc<Shared<S, P, O>> {
        self.shared.get_or_init(make)
    }
}
