//! A call that is not on one stack from beginning to end: it holds its slot.

use std::sync::Arc;

use super::frames::{self, Bound, Entered, Reach};
use super::sink::Sink;
use super::slot::{Slot, SlotRef};
use crate::answer::Verdict;
use crate::conditions::{Admitted, Keep, Skip};
use crate::failure::{caught, drop_quietly};

/// A call that has begun. Until it is dropped, the receiver's captures live.
pub(crate) struct Running<S: ?Sized, P: ?Sized, O> {
    slot: SlotRef<S, P, O>,
    keep: Option<Keep>,
    /// What it is a part of.
    reach: Reach,
}

impl<S: ?Sized, P: ?Sized, O> Running<S, P, O> {
    /// A call that has begun, and what it keeps.
    pub(super) fn new(slot: &SlotRef<S, P, O>, keep: Option<Keep>, reach: Reach) -> Self {
        let slot = Arc::clone(slot);
        Self { slot, keep, reach }
    }

    /// Begins a call, unless the receiver is disconnected or blocked.
    pub(super) fn begin(slot: &SlotRef<S, P, O>, reach: Reach) -> Result<Self, Skip> {
        if slot.is_gone() {
            return Err(Skip::Disconnected);
        }
        if slot.is_blocked() {
            return Err(Skip::Blocked);
        }
        Ok(Self::new(slot, None, reach))
    }

    /// A hold on the same call, apart from the send.
    pub(crate) fn again(&self) -> Self {
        let reach = Reach {
            version: self.slot.id().sequence,
            bound: Bound::Only,
            ..self.reach
        };
        Self::new(&self.slot, self.keep.clone(), reach)
    }

    /// Asks the conditions; `true` if this is the last call the receiver was connected for.
    pub(crate) fn admit(&mut self, sender: &S, payload: &P) -> Result<bool, Skip> {
        let Some(conditions) = self.slot.conditions() else {
            return Ok(false);
        };
        let Admitted { keep, is_last } = conditions.admit(sender, payload)?;
        self.keep = keep;
        Ok(is_last)
    }

    /// Calls it, if it is plain.
    pub(crate) fn call(&self, sender: &S, payload: &P) -> Verdict<O> {
        let mut sink = Sink::new(std::slice::from_ref(&self.slot));
        sink.called = 1;
        caught(|| self.slot.receiver().call(sender, payload, &mut sink))?;
        sink.into_verdict()
    }

    pub(crate) fn slot(&self) -> &Slot<S, P, O> {
        &self.slot
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Running<S, P, O> {
    fn drop(&mut self) {
        drop_quietly(self.keep.take());
    }
}

/// A call of any signal, on a way of its own.
pub(crate) trait Held: Send + Sync {
    /// Notes that this thread is in the middle of the call.
    fn enter(&self) -> Option<Entered>;
}

impl<S: ?Sized, P: ?Sized, O> Held for Running<S, P, O> {
    fn enter(&self) -> Option<Entered> {
        // Its own signal may be sent in it as deep as elsewhere.
        frames::enter(self.reach, u32::MAX)
    }
}
