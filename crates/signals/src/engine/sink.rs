//! What a send of plain receivers collects.

use super::slot::SlotRef;
use crate::answer::{Answer, Verdict};
use crate::info::ReceiverInfo;
use crate::outcomes::{Answers, Outcomes};

/// Where a send's answers go.
pub(crate) struct Sink<'a, S: ?Sized, P: ?Sized, O> {
    answers: Option<Box<Answers<O>>>,
    pub(super) slots: &'a [SlotRef<S, P, O>],
    /// How many have had their turn; the last of them has it. And how many of these were not called.
    pub(super) called: usize,
    pub(super) skipped: usize,
}

impl<'a, S: ?Sized, P: ?Sized, O> Sink<'a, S, P, O> {
    #[inline(always)]
    pub(super) const fn new(slots: &'a [SlotRef<S, P, O>]) -> Self {
        Self {
            answers: None,
            slots,
            called: 0,
            skipped: 0,
        }
    }

    /// What came of the call of one receiver.
    pub(super) fn into_verdict(mut self) -> Verdict<O> {
        let answer = self.answers.as_mut().and_then(|answers| answers.pop());
        answer.map_or(Ok(None), Answer::into_result)
    }

    /// What came of the send.
    #[inline(always)]
    pub(super) fn finish(self) -> Outcomes<O> {
        Outcomes::of(self.answers, self.called - self.skipped)
    }

    /// Takes in an outcome or a failure. Out of line, so that receivers with nothing to say stay small.
    #[cold]
    #[inline(never)]
    pub(super) fn push(&mut self, verdict: Verdict<O>) {
        let position = self.called - 1;
        if let Some(slot) = self.slots.get(position) {
            let receiver = ReceiverInfo::new(slot.about(), position);
            let answers = self.answers.get_or_insert_default();
            answers.push(Answer::new(receiver, verdict));
        }
    }
}
