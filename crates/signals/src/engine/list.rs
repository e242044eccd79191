//! An array of slots in order, published as a whole.

use std::ptr::{self, NonNull};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};

use super::core::Pointer;
use super::index::Index;
use super::slot::{Slot, SlotId};

/// The receivers of a signal, in the order in which they run.
///
/// A list does not change, but at its end. A receiver that comes last is written into spare room, and the
/// length published after it; a send reads the length once, and so does not see who comes later. The last
/// one may be cut off in place if nobody walks the list, for who begins to afterwards reads the new length.
#[repr(C)]
pub(crate) struct List<S: ?Sized, P: ?Sized, O> {
    /// The address of the core. In the first place, where a frame looks for it.
    core: usize,
    len: AtomicUsize,
    entries: Box<[AtomicPtr<Slot<S, P, O>>]>,
    traits: AtomicU8,
    pub(super) version: u64,
    /// Made by the first send that wants it.
    index: OnceLock<Index<S>>,
    /// Walks that hold it other than by a frame.
    pub(super) pins: AtomicUsize,
}

/// What keeps a send from calling all the receivers of a list just so. Bits of a byte.
pub(super) mod traits {
    /// Some receivers are async.
    pub(crate) const ASYNC: u8 = 1;
    /// Some receivers are bound to a sender.
    pub(crate) const BOUND: u8 = 2;
    /// The signal is muted.
    pub(crate) const MUTED: u8 = 4;
}

impl<S: ?Sized, P: ?Sized, O> List<S, P, O> {
    /// A list of these slots.
    ///
    /// # Safety
    ///
    /// The slots live for as long as the list.
    pub(super) unsafe fn of(slots: &[NonNull<Slot<S, P, O>>], core: usize, version: u64) -> Self {
        let mut entries = Vec::with_capacity(room_for(slots.len()));
        entries.extend(slots.iter().map(|slot| AtomicPtr::new(slot.as_ptr())));
        // SAFETY: see above.
        unsafe { Self::with(entries, (core, version)) }
    }

    /// This list without the slot at that position.
    pub(super) fn without(&self, position: usize, version: u64) -> Self {
        let old = self.entries(self.len());
        let behind = &old[position + 1..];
        let entries = copied(&[&old[..position], behind]);
        // SAFETY: the slots of this list are not freed before those lists that follow it.
        let gone = unsafe { &*old[position].load(Ordering::Relaxed) };
        if traits_of(gone) != 0 {
            // SAFETY: as above.
            return unsafe { Self::with(entries, (self.core, version)) };
        }
        Self::with_traits(entries, (self.core, version), self.traits())
    }

    /// This list once more.
    pub(super) fn again(&self, version: u64) -> Self {
        let entries = copied(&[self.entries(self.len())]);
        Self::with_traits(entries, (self.core, version), self.traits())
    }

    /// # Safety
    ///
    /// The entries are slots that live for as long as the list.
    unsafe fn with(entries: Vec<AtomicPtr<Slot<S, P, O>>>, identity: (usize, u64)) -> Self {
        let slots = entries.iter().map(|entry| entry.load(Ordering::Relaxed));
        // SAFETY: see above.
        let traits = slots.map(|slot| traits_of(unsafe { &*slot }));
        let traits = traits.fold(0, std::ops::BitOr::bitor);
        Self::with_traits(entries, identity, traits)
    }

    fn with_traits(
        mut entries: Vec<AtomicPtr<Slot<S, P, O>>>,
        (core, version): (usize, u64),
        traits: u8,
    ) -> Self {
        let len = entries.len();
        entries.resize_with(entries.capacity(), AtomicPtr::default);
        Self {
            core,
            len: AtomicUsize::new(len),
            entries: entries.into(),
            traits: AtomicU8::new(traits),
            version,
            index: OnceLock::new(),
            pins: AtomicUsize::new(0),
        }
    }

    /// Puts a slot behind all others, if there is room and it changes nothing else about the list.
    /// Under the mutex of the core.
    pub(super) fn append(&self, slot: &Slot<S, P, O>, at: NonNull<Slot<S, P, O>>) -> bool {
        let len = self.len.load(Ordering::Relaxed);
        let is_new = traits_of(slot) & !self.traits() != 0;
        // The index is made once, and is to be complete.
        if len == self.entries.len() || is_new || self.is(traits::BOUND) {
            return false;
        }
        self.entries[len].store(at.as_ptr(), Ordering::Relaxed);
        self.len.store(len + 1, Ordering::Release);
        true
    }

    /// Cuts the last slot off, if that changes nothing else about the list. Under the mutex of the core; its
    /// place may be taken again only if, after a heavy barrier, nobody walks the list.
    pub(super) fn cut(&self, slot: &Slot<S, P, O>) -> bool {
        let len = self.len.load(Ordering::Relaxed);
        if len < 2 || traits_of(slot) != 0 || self.is(traits::BOUND) {
            return false;
        }
        self.len.store(len - 1, Ordering::SeqCst);
        true
    }

    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// See [`traits`].
    #[inline(always)]
    pub(super) fn traits(&self) -> u8 {
        self.traits.load(Ordering::Relaxed)
    }

    pub(super) fn is(&self, those: u8) -> bool {
        self.traits() & those != 0
    }

    /// Under the mutex of the core.
    pub(super) fn set_muted(&self, is_muted: bool) {
        let others = self.traits() & !traits::MUTED;
        let muted = if is_muted { traits::MUTED } else { 0 };
        self.traits.store(others | muted, Ordering::Release);
    }

    /// The first `len` entries; `len` has been read from [`len`](Self::len).
    #[inline(always)]
    pub(super) fn entries(&self, len: usize) -> &[AtomicPtr<Slot<S, P, O>>] {
        debug_assert!(len <= self.entries.len());
        // SAFETY: no length is published that is greater than the room.
        unsafe { self.entries.get_unchecked(..len) }
    }

    /// The slots, for whoever keeps the list.
    pub(super) fn pointers(
        &self,
    ) -> impl DoubleEndedIterator<Item = Pointer<S, P, O>> + ExactSizeIterator {
        let entries = self.entries(self.len()).iter();
        entries.map(|entry| {
            NonNull::new(entry.load(Ordering::Relaxed)).expect("an entry below the length is set")
        })
    }

    /// The index of those bound to a sender.
    #[inline]
    pub(super) fn index(&self) -> &Index<S> {
        match self.index.get() {
            Some(index) => index,
            None => self.make_index(),
        }
    }

    /// Keys are hashed and compared here, which is code of the user: nobody may be made to wait for it. A list
    /// with bound receivers is never appended to, so whoever makes the index makes the same.
    #[cold]
    fn make_index(&self) -> &Index<S> {
        // SAFETY: the slots of a list live for as long as the list.
        let bounds = self.pointers().map(|slot| unsafe { slot.as_ref() }.bound());
        let index = Index::new(bounds);
        self.index.get_or_init(|| index)
    }

    /// Whether it holds keys of senders.
    pub(super) fn has_keys(&self) -> bool {
        self.index.get().is_some()
    }

    /// A slot and its position, for whoever keeps the list.
    pub(super) fn find(&self, id: SlotId) -> Option<(usize, Pointer<S, P, O>)> {
        let entries = self.entries(self.len());
        // Those that come last are the most likely to go first.
        let is_there =
            |entry: &AtomicPtr<Slot<S, P, O>>| entry.load(Ordering::Relaxed).addr() == id.address;
        let position = entries.iter().rposition(is_there)?;
        let slot = NonNull::new(entries[position].load(Ordering::Relaxed))?;
        // SAFETY: the slots of a list live for as long as the list.
        let is_it = unsafe { slot.as_ref() }.id() == id;
        is_it.then_some((position, slot))
    }

    /// The position of a slot that is walked, looked for from `hint` on and then from the start.
    pub(super) fn position_from(&self, hint: usize, slot: Pointer<S, P, O>) -> usize {
        // Among all entries: the slot may have been cut off since the walk began.
        let is_it =
            |entry: &AtomicPtr<Slot<S, P, O>>| entry.load(Ordering::Relaxed) == slot.as_ptr();
        let behind = self.entries[hint..].iter().position(is_it);
        behind.map_or_else(
            || self.entries.iter().position(is_it).unwrap_or(0),
            |found| hint + found,
        )
    }
}

fn traits_of<S: ?Sized, P: ?Sized, O>(slot: &Slot<S, P, O>) -> u8 {
    let is_async = if slot.is_async() { traits::ASYNC } else { 0 };
    let is_bound = if slot.bound().is_some() {
        traits::BOUND
    } else {
        0
    };
    is_async | is_bound
}

/// These entries one after the other, with room for more.
fn copied<T>(parts: &[&[AtomicPtr<T>]]) -> Vec<AtomicPtr<T>> {
    let len = parts.iter().map(|part| part.len()).sum();
    let mut entries = Vec::with_capacity(room_for(len));
    let mut filled = 0;
    for part in parts {
        let to: *mut AtomicPtr<T> = entries.as_mut_ptr();
        // SAFETY: there is room for them all. Entries below a length are not written while somebody may
        // read them, so that copying them as plain memory races with nobody; and they are pointers, which
        // anybody may copy.
        unsafe {
            ptr::copy_nonoverlapping(part.as_ptr(), to.add(filled), part.len());
            filled += part.len();
            entries.set_len(filled);
        }
    }
    entries
}

/// Room for that many slots and some more.
fn room_for(len: usize) -> usize {
    len + len / 4 + 4
}
