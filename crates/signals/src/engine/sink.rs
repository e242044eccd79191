//! What a send through the records collects.

use std::ptr::NonNull;

use super::list::List;
use super::slot::Slot;
use crate::answer::{Answer, Verdict};
use crate::info::ReceiverInfo;
use crate::outcomes::{Answers, Outcomes};
use crate::shared::Shared;

/// Where a send's answers go.
pub(crate) struct Sink<'a, S: ?Sized, P: ?Sized, O> {
    answers: Option<Box<Answers<O>>>,
    /// How many ran; who is called and does not run takes itself off.
    pub(super) ran: usize,
    pub(super) list: &'a List<S, P, O>,
    pub(super) shared: &'a Shared<S, P, O>,
}

impl<'a, S: ?Sized, P: ?Sized, O> Sink<'a, S, P, O> {
    #[inline(always)]
    pub(super) const fn new(list: &'a List<S, P, O>, shared: &'a Shared<S, P, O>) -> Self {
        Self {
            answers: None,
            ran: 0,
            list,
            shared,
        }
    }

    /// What came of the send.
    #[inline(always)]
    pub(super) fn finish(self) -> Outcomes<O> {
        Outcomes::of(self.answers, self.ran)
    }

    /// Takes in an outcome or a failure. Cold, so that receivers with nothing to say stay small.
    #[cold]
    #[inline(never)]
    pub(super) fn push(&mut self, slot: NonNull<Slot<S, P, O>>, verdict: Verdict<O>) {
        // It stands behind the one that answered last.
        let answers = self.answers.get_or_insert_default();
        let last = answers.last();
        let hint = last.map_or(0, |answer| answer.receiver().position());
        let position = self.list.position_from(hint, slot);
        // SAFETY: whoever runs the slot keeps it.
        let about = unsafe { slot.as_ref() }.about();
        let receiver = ReceiverInfo::new(about, position);
        answers.push(Answer::new(receiver, verdict));
    }
}
