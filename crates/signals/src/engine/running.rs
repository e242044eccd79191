//! A call that is not on one stack from beginning to end: it holds its slot by a pin.

use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

use super::pinned::Pinned;
use super::slot::{RawAsync, RawDetached, RawInvoke, RawPlain, Slot};
use crate::answer::Verdict;
use crate::conditions::{Admitted, Conditions, Keep, Skip};
use crate::detach::Report;
use crate::failure::drop_quietly;
use crate::receive::Answering;
use crate::shared::Shared;

/// A call that has begun. Until it is dropped, the receiver's captures live.
pub(crate) struct Running<S: ?Sized, P: ?Sized, O> {
    slot: NonNull<Slot<S, P, O>>,
    keep: Option<Keep>,
    /// Keeps the core, and with it the slot's memory.
    shared: Arc<Shared<S, P, O>>,
}

// SAFETY: a slot is `Send + Sync`, see `Unplugged`.
unsafe impl<S: ?Sized, P: ?Sized, O> Send for Running<S, P, O> {}
// SAFETY: as above.
unsafe impl<S: ?Sized, P: ?Sized, O> Sync for Running<S, P, O> {}

/// How a receiver is called, by its kind.
pub(crate) enum Invoke<'r, S: ?Sized, P: ?Sized, O> {
    Plain(PlainCall<'r, S, P, O>),
    Async(AsyncCall<'r, S, P, O>),
    Detached(DetachedCall<'r, S, P, O>),
}

/// A plain receiver to be called.
pub(crate) struct PlainCall<'r, S: ?Sized, P: ?Sized, O> {
    running: &'r Running<S, P, O>,
    call: RawPlain<S, P, O>,
}

/// An async receiver to be started.
pub(crate) struct AsyncCall<'r, S: ?Sized, P: ?Sized, O> {
    running: &'r Running<S, P, O>,
    start: RawAsync<S, P, O>,
}

/// A receiver to be launched into the background.
pub(crate) struct DetachedCall<'r, S: ?Sized, P: ?Sized, O> {
    running: &'r Running<S, P, O>,
    launch: RawDetached<S, P, O>,
}

impl<S: ?Sized, P: ?Sized, O> PlainCall<'_, S, P, O> {
    pub(crate) fn call(&self, sender: &S, payload: &P) -> Verdict<O> {
        // SAFETY: the pin keeps the slot and its captures.
        unsafe { (self.call)(self.running.slot, sender, payload) }
    }
}

impl<S: ?Sized, P: ?Sized, O> AsyncCall<'_, S, P, O> {
    pub(crate) fn start<'a>(&self, sender: &'a S, payload: &'a P) -> Answering<'a, O> {
        // SAFETY: the pin keeps the slot and its captures. The future does not borrow from them.
        unsafe { (self.start)(self.running.slot, sender, payload) }
    }
}

impl<S: ?Sized, P: ?Sized, O> DetachedCall<'_, S, P, O> {
    pub(crate) fn launch(&self, sender: &S, payload: &P, report: Report) {
        // SAFETY: the pin keeps the slot and its captures.
        unsafe { (self.launch)(self.running.slot, sender, payload, report) }
    }
}

impl<S: ?Sized, P: ?Sized, O> Running<S, P, O> {
    /// Begins a call of the slot at this position, unless it is disconnected or blocked.
    pub(crate) fn begin(
        shared: &Arc<Shared<S, P, O>>,
        list: &Pinned<'_, S, P, O>,
        position: usize,
    ) -> Result<Self, Skip> {
        let running = Self::hold(shared, list, position).ok_or(Skip::Disconnected)?;
        if running.slot().is_blocked() {
            return Err(Skip::Blocked);
        }
        Ok(running)
    }

    /// Holds the slot at this position without calling it, unless it is disconnected.
    pub(crate) fn hold(
        shared: &Arc<Shared<S, P, O>>,
        list: &Pinned<'_, S, P, O>,
        position: usize,
    ) -> Option<Self> {
        let running = Self::pin(list.pointer(position), Arc::clone(shared));
        // Looked at behind the pin, so that either we see a disconnect or it sees the pin.
        (!running.slot().is_dead()).then_some(running)
    }

    /// A second hold on the same call.
    pub(crate) fn again(&self) -> Self {
        let mut again = Self::pin(self.slot, Arc::clone(&self.shared));
        again.keep.clone_from(&self.keep);
        again
    }

    fn pin(slot: NonNull<Slot<S, P, O>>, shared: Arc<Shared<S, P, O>>) -> Self {
        // SAFETY: the caller holds the slot: by its list, or by another pin.
        unsafe { slot.as_ref() }.pin();
        fence(Ordering::SeqCst);
        Self {
            slot,
            keep: None,
            shared,
        }
    }

    /// Asks the conditions; `true` if this is the last call the receiver was connected for.
    pub(crate) fn admit(&mut self, sender: &S, payload: &P) -> Result<bool, Skip> {
        let Some(conditions) = self.conditions() else {
            return Ok(false);
        };
        let Admitted { keep, is_last } = conditions.admit(sender, payload)?;
        self.keep = keep;
        Ok(is_last)
    }

    pub(crate) fn invoke(&self) -> Invoke<'_, S, P, O> {
        let running = self;
        match *self.slot().invoke() {
            RawInvoke::Plain(call) => Invoke::Plain(PlainCall { running, call }),
            RawInvoke::Async(start) => Invoke::Async(AsyncCall { running, start }),
            RawInvoke::Detached(launch) => Invoke::Detached(DetachedCall { running, launch }),
        }
    }

    pub(crate) fn conditions(&self) -> Option<&Conditions<S, P>> {
        // SAFETY: the pin keeps the captures, conditions included. Of a slot that was dead already when it
        // was pinned, `hold` gives out nothing.
        unsafe { self.slot().conditions() }
    }

    pub(crate) fn slot(&self) -> &Slot<S, P, O> {
        // SAFETY: the pin keeps the slot.
        unsafe { self.slot.as_ref() }
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Running<S, P, O> {
    fn drop(&mut self) {
        drop_quietly(self.keep.take());
        self.slot().unpin();
        // From here on the slot may be gone.
        fence(Ordering::SeqCst);
        self.shared.core().ended();
    }
}
