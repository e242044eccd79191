//! What changes leave behind, and when it is freed.

use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::MutexGuard;

use super::barrier;
use super::core::{Core, Pointer};
use super::list::List;
use super::record::{self, Hazard, Look, Thread};
use super::slot::{Slot, SlotId};
use crate::failure::drop_quietly;

/// What is behind the mutex of a core.
pub(super) struct Writer<S: ?Sized, P: ?Sized, O> {
    /// Whether any receiver ever asked for `before` or `after`.
    pub(super) has_constraints: bool,
    /// Lists that were current, the oldest first.
    pub(super) retired: VecDeque<NonNull<List<S, P, O>>>,
    pub(super) gone: Vec<Gone<S, P, O>>,
    /// How many receivers were connected so far.
    sequence: u64,
    /// Tells one settling from another, which may be nested in it.
    rounds: u64,
}

/// A slot that is in the current list no more.
pub(super) struct Gone<S: ?Sized, P: ?Sized, O> {
    pub(super) slot: Pointer<S, P, O>,
    /// The last list that holds it.
    pub(super) version: u64,
    pub(super) captures: Captures,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Captures {
    Held,
    BeingDropped { by: Thread, round: u64 },
    Dropped,
}

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    /// Waits until the captures of a slot have been dropped.
    pub(crate) fn wait(&self, id: SlotId) {
        let here = record::this_thread();
        let is_awaited = |gone: &Gone<S, P, O>| {
            gone.is(id)
                && match gone.captures {
                    Captures::Held => true,
                    // The destructor of a capture may ask for it, and would wait for itself.
                    Captures::BeingDropped { by, .. } => by != here,
                    Captures::Dropped => false,
                }
        };
        let mut writer = self.writer.lock();
        while writer.gone.iter().any(is_awaited) {
            // Who runs it tells at the end of its send; the end of its call is for us to notice.
            let told = self.settled.wait_for(&mut writer, Duration::from_millis(1));
            if told.timed_out() {
                self.settle_with(writer);
                writer = self.writer.lock();
            }
        }
    }

    #[cold]
    pub(super) fn settle(&self) {
        self.settle_with(self.writer.lock());
    }

    /// Goes on without these, which have just left the current list: never calls them again, and frees what
    /// can be freed.
    pub(super) fn settle_without(
        &self,
        mut writer: MutexGuard<'_, Writer<S, P, O>>,
        gone: impl IntoIterator<Item = Pointer<S, P, O>>,
    ) {
        let version = self.version.load(Ordering::Relaxed) - 1;
        for slot in gone {
            self.bury(&mut writer, slot, version);
        }
        self.settle_with(writer);
    }

    /// The same for the last of the current list, which has been cut off.
    pub(super) fn settle_cut(
        &self,
        mut writer: MutexGuard<'_, Writer<S, P, O>>,
        slot: Pointer<S, P, O>,
    ) {
        let version = self.version.load(Ordering::Relaxed);
        self.bury(&mut writer, slot, version);
        barrier::heavy();
        let mut look = Look::by(self.address());
        let is_in_use = self
            .current(&writer)
            .is_some_and(|list| is_walked(NonNull::from(list), &mut look));
        if is_in_use {
            // Who walks it knows the old length, so its end cannot be written again.
            let version = self.version.load(Ordering::Relaxed) + 1;
            let again = self.current(&writer).map(|list| list.again(version));
            self.publish(&mut writer, again);
            self.settle_with(writer);
        } else {
            self.settle_behind_barrier(writer);
        }
    }

    /// Has a slot never called again. The list of that version is the last that holds it.
    fn bury(&self, writer: &mut Writer<S, P, O>, slot: Pointer<S, P, O>, version: u64) {
        // SAFETY: it is in a list that is not freed yet, as the caller holds the mutex.
        unsafe { slot.as_ref() }.kill();
        // Before the barrier and the look at its pins: a call that ends behind that look is to find it here.
        self.dying.fetch_add(1, Ordering::SeqCst);
        writer.gone.push(Gone {
            slot,
            version,
            captures: Captures::Held,
        });
    }

    /// Frees what can be freed. Destructors of captures run with the mutex released.
    pub(super) fn settle_with(&self, writer: MutexGuard<'_, Writer<S, P, O>>) {
        barrier::heavy();
        self.settle_behind_barrier(writer);
    }

    fn settle_behind_barrier(&self, mut writer: MutexGuard<'_, Writer<S, P, O>>) {
        writer.rounds += 1;
        let dropping = Captures::BeingDropped {
            by: record::this_thread(),
            round: writer.rounds,
        };
        let lists = loop {
            let mut look = Look::by(self.address());
            let lists = writer.look(self.list.load(Ordering::Relaxed), dropping, &mut look);
            if !look.is_news {
                break lists;
            }
            barrier::heavy();
        };
        let lists = writer.free_lists(lists);
        let held = writer.count(Captures::Held);
        self.dying.store(held, Ordering::SeqCst);
        let dying = writer.all_in(dropping);
        let mut slots = writer.free_slots();
        drop(writer);

        if !dying.is_empty() {
            for slot in dying {
                // SAFETY: nobody calls it, and its code does nothing now. The round is ours alone.
                unsafe { Slot::drop_captures(slot) };
            }
            let mut writer = self.writer.lock();
            writer.all_dropped(dropping);
            slots.append(&mut writer.free_slots());
        }
        self.settled.notify_all();
        // Keys of senders are among them, whose destructors may panic. Each by itself: a second panic while
        // the first unwinds would end the process.
        lists.into_iter().for_each(drop_quietly);
        slots.into_iter().for_each(drop_quietly);
    }
}

/// A slot that nobody can reach any more and whose captures are dropped. Frees it when dropped.
pub(super) struct Unreachable<S: ?Sized, P: ?Sized, O>(Pointer<S, P, O>);

impl<S: ?Sized, P: ?Sized, O> Drop for Unreachable<S, P, O> {
    fn drop(&mut self) {
        // SAFETY: only `free_slots` makes one, of a slot as described.
        unsafe { Slot::free(self.0) };
    }
}

impl<S: ?Sized, P: ?Sized, O> Writer<S, P, O> {
    pub(super) const fn new() -> Self {
        Self {
            has_constraints: false,
            sequence: 0,
            retired: VecDeque::new(),
            gone: Vec::new(),
            rounds: 0,
        }
    }

    pub(super) const fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// How many lists nobody walks any more, from the oldest on. Slots that nobody calls become `dropping`,
    /// or `Dropped` at once if nothing of the user's is to be run for that.
    fn look(&mut self, current: *mut List<S, P, O>, dropping: Captures, look: &mut Look) -> usize {
        let retired = &self.retired;
        let is_own = |list: *mut ()| {
            let mut retired = retired.iter();
            list == current.cast() || retired.any(|own| own.as_ptr().cast() == list)
        };
        for gone in &mut self.gone {
            if gone.captures == Captures::Held && !is_called(gone.slot, &is_own, look) {
                // SAFETY: the slots in `gone` have not been freed.
                gone.captures = if unsafe { gone.slot.as_ref() }.needs_drop() {
                    dropping
                } else {
                    Captures::Dropped
                };
            }
        }
        let mut lists = self.retired.iter();
        let walked = lists.position(|list| is_walked(*list, look));
        walked.unwrap_or(self.retired.len())
    }

    /// Frees that many lists. Those that hold something of the user's are handed out, to be dropped with the
    /// mutex released.
    fn free_lists(&mut self, count: usize) -> Vec<List<S, P, O>> {
        let mut held = Vec::new();
        for list in self.retired.drain(..count) {
            // SAFETY: nobody has it written down or pinned, and it is not current: nobody can reach it.
            let list = *unsafe { Box::from_raw(list.as_ptr()) };
            if list.has_keys() {
                held.push(list);
            }
        }
        held
    }

    /// Takes out the slots that are in no list any more and whose captures are dropped; frees them, but for
    /// those that hold something of the user's, which are handed out, to be dropped with the mutex released.
    fn free_slots(&mut self) -> Vec<Unreachable<S, P, O>> {
        // SAFETY: the retired lists have not been freed.
        let version = |list: &NonNull<List<S, P, O>>| unsafe { list.as_ref() }.version;
        let oldest = self.retired.front().map(version);
        let mut held = Vec::new();
        self.gone.retain(|gone| {
            let is_listed = oldest.is_some_and(|oldest| gone.version >= oldest);
            if gone.captures != Captures::Dropped || is_listed {
                return true;
            }
            let slot = Unreachable(gone.slot);
            // SAFETY: the slot has not been freed.
            if unsafe { gone.slot.as_ref() }.bound().is_some() {
                held.push(slot);
            }
            false
        });
        held
    }

    fn count(&self, stage: Captures) -> usize {
        self.gone
            .iter()
            .filter(|gone| gone.captures == stage)
            .count()
    }

    fn all_in(&self, stage: Captures) -> Vec<Pointer<S, P, O>> {
        let those = self.gone.iter().filter(|gone| gone.captures == stage);
        those.map(|gone| gone.slot).collect()
    }

    fn all_dropped(&mut self, stage: Captures) {
        for gone in &mut self.gone {
            if gone.captures == stage {
                gone.captures = Captures::Dropped;
            }
        }
    }
}

// In both, the records are looked at first: a walk writes the list down before it pins it.

fn is_walked<S: ?Sized, P: ?Sized, O>(list: NonNull<List<S, P, O>>, look: &mut Look) -> bool {
    let is_written_down = look.finds(Hazard::List(list.as_ptr().cast()));
    // SAFETY: retired lists are freed under the mutex only, which the caller holds.
    is_written_down || unsafe { list.as_ref() }.pins.load(Ordering::SeqCst) > 0
}

fn is_called<S: ?Sized, P: ?Sized, O>(
    slot: Pointer<S, P, O>,
    is_own: &dyn Fn(*mut ()) -> bool,
    look: &mut Look,
) -> bool {
    let hazard = Hazard::Slot(slot.as_ptr().cast(), is_own);
    let is_written_down = look.finds(hazard);
    // SAFETY: the slots in `gone` are freed under the mutex only, which the caller holds.
    is_written_down || unsafe { slot.as_ref() }.is_pinned()
}

impl<S: ?Sized, P: ?Sized, O> Gone<S, P, O> {
    fn is(&self, id: SlotId) -> bool {
        // SAFETY: the slots in `gone` have not been freed.
        unsafe { self.slot.as_ref() }.id() == id
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Core<S, P, O> {
    fn drop(&mut self) {
        // Nobody else is left: walks borrow the core, and calls keep it.
        let writer = self.writer.get_mut();
        let current = NonNull::new(*self.list.get_mut());
        if let Some(list) = current {
            // SAFETY: see above.
            let slots = unsafe { list.as_ref() }.pointers();
            writer.gone.extend(slots.map(|slot| Gone {
                slot,
                version: 0,
                captures: Captures::Held,
            }));
        }
        for list in writer.retired.drain(..).chain(current) {
            // SAFETY: see above.
            drop(unsafe { Box::from_raw(list.as_ptr()) });
        }
        for gone in writer.gone.drain(..) {
            // SAFETY: see above.
            unsafe {
                if gone.captures == Captures::Held {
                    Slot::drop_captures(gone.slot);
                }
                Slot::free(gone.slot);
            }
        }
    }
}
