//! What a send through the records collects.

use std::ptr::NonNull;
use std::sync::Arc;

use super::core::Host;
use super::list::List;
use super::slot::Slot;
use crate::answer::{Answer, Verdict};
use crate::info::ReceiverInfo;
use crate::outcomes::Outcomes;

/// Where a send's answers go.
pub(crate) struct Sink<'a, S: ?Sized, P: ?Sized, O> {
    list: &'a List<S, P, O>,
    outcomes: &'a mut Outcomes<O>,
    /// Where in the list the last answer came from: the next comes from behind it.
    hint: usize,
    pub(super) skipped: usize,
    pub(super) host: &'a dyn Host<S>,
}

impl<'a, S: ?Sized, P: ?Sized, O> Sink<'a, S, P, O> {
    pub(super) const fn new(
        list: &'a List<S, P, O>,
        outcomes: &'a mut Outcomes<O>,
        host: &'a dyn Host<S>,
    ) -> Self {
        Self {
            list,
            outcomes,
            hint: 0,
            skipped: 0,
            host,
        }
    }

    /// How many of those called did not run.
    pub(super) const fn skipped(&self) -> usize {
        self.skipped
    }

    /// Takes in an outcome or a failure. Cold, so that receivers with nothing to say stay small.
    #[cold]
    #[inline(never)]
    pub(super) fn push(&mut self, slot: NonNull<Slot<S, P, O>>, verdict: Verdict<O>) {
        self.hint = self.list.position_from(self.hint, slot);
        // SAFETY: whoever runs the slot keeps it.
        let meta = unsafe { Arc::clone(&slot.as_ref().head().meta) };
        let receiver = ReceiverInfo::new(meta, self.hint);
        self.outcomes.note(Answer::new(receiver, verdict));
    }
}
