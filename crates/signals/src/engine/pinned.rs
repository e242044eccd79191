//! A list held for longer than one call on one stack.

use std::ptr::NonNull;
use std::sync::atomic::{Ordering, fence};

use super::core::{Core, Pointer};
use super::index::Picks;
use super::list::{List, traits};
use super::slot::Slot;

/// A list held for longer than one call on one stack.
pub(crate) struct Pinned<'a, S: ?Sized, P: ?Sized, O> {
    core: &'a Core<S, P, O>,
    /// `None` is the list of no receivers.
    list: Option<NonNull<List<S, P, O>>>,
    len: usize,
    version: u64,
}

// SAFETY: it gives out shared references to slots only, which are `Sync`.
unsafe impl<S: ?Sized, P: ?Sized, O> Send for Pinned<'_, S, P, O> {}
// SAFETY: as above.
unsafe impl<S: ?Sized, P: ?Sized, O> Sync for Pinned<'_, S, P, O> {}

impl<'a, S: ?Sized, P: ?Sized, O> Pinned<'a, S, P, O> {
    /// # Safety
    ///
    /// The list is of this core, and a pin on it has been taken, which this gives back.
    pub(super) unsafe fn new(
        core: &'a Core<S, P, O>,
        list: Option<NonNull<List<S, P, O>>>,
    ) -> Self {
        let mut this = Self {
            core,
            list,
            len: 0,
            version: 0,
        };
        if let Some(list) = this.list() {
            (this.len, this.version) = (list.len(), list.version);
        }
        this
    }

    fn list(&self) -> Option<&List<S, P, O>> {
        // SAFETY: the pin keeps it.
        self.list.map(|list| unsafe { list.as_ref() })
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn pointer(&self, position: usize) -> Pointer<S, P, O> {
        let entries = self.list().map_or(&[][..], |list| list.entries(self.len));
        let entry = entries[position].load(Ordering::Relaxed);
        NonNull::new(entry).expect("an entry below the length is set")
    }

    pub(crate) fn slot(&self, position: usize) -> &Slot<S, P, O> {
        // SAFETY: the slots of a list live for as long as the list, which the pin keeps.
        unsafe { self.pointer(position).as_ref() }
    }

    /// A walk over the receivers that this sender concerns.
    pub(crate) fn picks(&self, sender: &S) -> Picks {
        match self.list() {
            Some(list) if list.is(traits::BOUND) => list.index().picks(sender),
            _ => Picks::ALL,
        }
    }

    /// The next position of a walk over this list.
    pub(crate) fn next(&self, picks: &mut Picks) -> Option<usize> {
        picks.next(self.len, self.list()?)
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Pinned<'_, S, P, O> {
    fn drop(&mut self) {
        let Some(list) = self.list() else {
            return;
        };
        list.pins.fetch_sub(1, Ordering::SeqCst);
        // From here on the list may be gone; what is needed of it was copied.
        fence(Ordering::SeqCst);
        self.core.unpinned(self.version);
    }
}
