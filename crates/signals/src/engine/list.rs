//! An array of slots in order, published as a whole; and the index of those bound to a sender.

use std::collections::HashMap;
use std::ptr::{self, NonNull};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering, fence};

use super::core::{Core, Pointer};
use super::slot::{Slot, SlotId};

/// The receivers of a signal, in the order in which they run.
///
/// A list does not change, but for one thing: a receiver that comes last is written into spare room, and
/// the length published after it. A send reads the length once, and so does not see who comes later.
pub(crate) struct List<S: ?Sized, P: ?Sized, O> {
    pub(super) version: u64,
    len: AtomicUsize,
    entries: Box<[AtomicPtr<Slot<S, P, O>>]>,
    pub(super) has_async: bool,
    pub(super) has_bound: bool,
    /// Made by the first send that wants it.
    index: OnceLock<Index>,
    /// Walks that hold it other than by a frame.
    pub(super) pins: AtomicUsize,
}

impl<S: ?Sized, P: ?Sized, O> List<S, P, O> {
    /// A list of these slots.
    ///
    /// # Safety
    ///
    /// The slots live for as long as the list.
    pub(super) unsafe fn of(slots: &[NonNull<Slot<S, P, O>>], version: u64) -> Self {
        let mut entries = Vec::with_capacity(room_for(slots.len()));
        entries.extend(slots.iter().map(|slot| AtomicPtr::new(slot.as_ptr())));
        // SAFETY: see above.
        unsafe { Self::with(entries, version) }
    }

    /// This list without the slot at that position.
    pub(super) fn without(&self, position: usize, version: u64) -> Self {
        let old = self.entries(self.len());
        let behind = &old[position + 1..];
        let mut entries = Vec::with_capacity(room_for(old.len()));
        let to: *mut AtomicPtr<_> = entries.as_mut_ptr();
        // SAFETY: there is room for them all. Entries below the length are never written again, so that
        // copying them as plain memory races with nobody; and they are pointers, which anybody may copy.
        unsafe {
            ptr::copy_nonoverlapping(old.as_ptr(), to, position);
            ptr::copy_nonoverlapping(behind.as_ptr(), to.add(position), behind.len());
            entries.set_len(old.len() - 1);
        }
        // SAFETY: the slots of this list are not freed before those lists that follow it.
        let gone = unsafe { &*old[position].load(Ordering::Relaxed) };
        if gone.is_async() || gone.head().meta.bound.is_some() {
            // SAFETY: as above.
            return unsafe { Self::with(entries, version) };
        }
        Self::of_kind(entries, version, self.has_async, self.has_bound)
    }

    /// # Safety
    ///
    /// The entries are slots that live for as long as the list.
    unsafe fn with(entries: Vec<AtomicPtr<Slot<S, P, O>>>, version: u64) -> Self {
        let slots = || {
            let pointers = entries.iter().map(|entry| entry.load(Ordering::Relaxed));
            // SAFETY: see above.
            pointers.map(|slot| unsafe { &*slot })
        };
        let has_async = slots().any(Slot::is_async);
        let has_bound = slots().any(|slot| slot.head().meta.bound.is_some());
        Self::of_kind(entries, version, has_async, has_bound)
    }

    fn of_kind(
        mut entries: Vec<AtomicPtr<Slot<S, P, O>>>,
        version: u64,
        has_async: bool,
        has_bound: bool,
    ) -> Self {
        let len = entries.len();
        entries.resize_with(entries.capacity(), AtomicPtr::default);
        Self {
            version,
            len: AtomicUsize::new(len),
            entries: entries.into(),
            has_async,
            has_bound,
            index: OnceLock::new(),
            pins: AtomicUsize::new(0),
        }
    }

    /// Puts a slot behind all others, if there is room and it changes nothing else about the list.
    /// Under the mutex of the core.
    pub(super) fn append(&self, slot: &Slot<S, P, O>, at: NonNull<Slot<S, P, O>>) -> bool {
        let len = self.len.load(Ordering::Relaxed);
        let is_bound = self.has_bound || slot.head().meta.bound.is_some();
        if len == self.entries.len() || is_bound || (slot.is_async() && !self.has_async) {
            return false;
        }
        self.entries[len].store(at.as_ptr(), Ordering::Relaxed);
        self.len.store(len + 1, Ordering::Release);
        true
    }

    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// The first `len` entries; `len` has been read from [`len`](Self::len).
    pub(super) fn entries(&self, len: usize) -> &[AtomicPtr<Slot<S, P, O>>] {
        &self.entries[..len]
    }

    /// The slots, for whoever keeps the list.
    pub(super) fn pointers(
        &self,
    ) -> impl DoubleEndedIterator<Item = NonNull<Slot<S, P, O>>> + ExactSizeIterator {
        let entries = self.entries(self.len()).iter();
        entries.map(|entry| {
            NonNull::new(entry.load(Ordering::Relaxed)).expect("an entry below the length is set")
        })
    }

    /// Walks the receivers that a sender of this hash concerns; all of them without a hash.
    pub(super) fn picks(&self, hash: Option<u64>) -> Picks {
        match (self.index(), hash) {
            (Some(index), Some(hash)) => Picks::Narrow {
                general: 0,
                group: index.group_of.get(&hash).copied(),
                bound: 0,
            },
            _ => Picks::All(0),
        }
    }

    /// The index of those bound to a sender, if there are any.
    pub(super) fn index(&self) -> Option<&Index> {
        // SAFETY: the slots of a list live for as long as the list.
        let bound = |slot: Pointer<S, P, O>| unsafe { slot.as_ref() }.head().meta.bound;
        // A list with bound receivers is never appended to, so the index stays complete.
        self.has_bound.then(|| {
            self.index
                .get_or_init(|| Index::new(self.pointers().map(bound)))
        })
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

    /// The position of a slot, looked for from `hint` on and then from the start.
    pub(super) fn position_from(&self, hint: usize, slot: NonNull<Slot<S, P, O>>) -> usize {
        let entries = self.entries(self.len());
        let is_it =
            |entry: &AtomicPtr<Slot<S, P, O>>| entry.load(Ordering::Relaxed) == slot.as_ptr();
        let behind = entries[hint..].iter().position(is_it);
        behind.map_or_else(
            || entries.iter().position(is_it).unwrap_or(0),
            |found| hint + found,
        )
    }
}

/// Room for that many slots and some more.
fn room_for(len: usize) -> usize {
    len + len / 4 + 4
}

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

    /// Whether the sender's hash narrows the walk.
    pub(crate) fn is_indexed(&self) -> bool {
        self.list().is_some_and(|list| list.has_bound)
    }

    pub(super) fn pointer(&self, position: usize) -> NonNull<Slot<S, P, O>> {
        let entries = self.list().map_or(&[][..], |list| list.entries(self.len));
        let entry = entries[position].load(Ordering::Relaxed);
        NonNull::new(entry).expect("an entry below the length is set")
    }

    pub(crate) fn slot(&self, position: usize) -> &Slot<S, P, O> {
        // SAFETY: the slots of a list live for as long as the list, which the pin keeps.
        unsafe { self.pointer(position).as_ref() }
    }

    /// Walks the receivers that a sender of this hash concerns; all of them without a hash.
    pub(crate) fn picks(&self, hash: Option<u64>) -> Picks {
        self.list().map_or(Picks::All(0), |list| list.picks(hash))
    }

    /// The next position of a walk over this list.
    pub(crate) fn next(&self, picks: &mut Picks) -> Option<usize> {
        picks.next(self.len, self.list()?.index())
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

/// Which positions a given sender concerns.
pub(super) struct Index {
    /// Receivers of every sender.
    general: Vec<usize>,
    /// Receivers of one sender, for each hash of a sender's key.
    groups: Vec<Vec<usize>>,
    group_of: HashMap<u64, usize>,
}

impl Index {
    fn new(bounds: impl Iterator<Item = Option<u64>>) -> Self {
        let mut index = Self {
            general: Vec::new(),
            groups: Vec::new(),
            group_of: HashMap::new(),
        };
        for (position, bound) in bounds.enumerate() {
            let Some(hash) = bound else {
                index.general.push(position);
                continue;
            };
            let group = *index.group_of.entry(hash).or_insert(index.groups.len());
            if group == index.groups.len() {
                index.groups.push(Vec::new());
            }
            index.groups[group].push(position);
        }
        index
    }
}

/// A walk over the positions of a list.
pub(crate) enum Picks {
    All(usize),
    Narrow {
        general: usize,
        group: Option<usize>,
        bound: usize,
    },
}

impl Picks {
    /// The next position, below `len`. The index must be that of the list this walk was made for.
    pub(super) fn next(&mut self, len: usize, index: Option<&Index>) -> Option<usize> {
        match (self, index) {
            (Self::All(next), _) => {
                let position = *next;
                *next += 1;
                (position < len).then_some(position)
            }
            (
                Self::Narrow {
                    general,
                    group,
                    bound,
                },
                Some(index),
            ) => {
                let first = index.general.get(*general);
                let second = group.and_then(|group| index.groups[group].get(*bound));
                match (first, second) {
                    (Some(first), Some(second)) if second < first => {
                        *bound += 1;
                        Some(*second)
                    }
                    (Some(first), _) => {
                        *general += 1;
                        Some(*first)
                    }
                    (None, Some(second)) => {
                        *bound += 1;
                        Some(*second)
                    }
                    (None, None) => None,
                }
            }
            (Self::Narrow { .. }, None) => None,
        }
    }
}
