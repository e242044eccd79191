//! What changes leave behind, and when it is freed.

use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::atomic::Ordering;
use std::thread::{self, ThreadId};
use std::time::Duration;

use parking_lot::MutexGuard;

use super::barrier;
use super::core::{Core, Pointer};
use super::list::List;
use super::record::{self, Hazard};
use super::slot::{Slot, SlotId};

/// What is behind the mutex of a core.
pub(super) struct Writer<S: ?Sized, P: ?Sized, O> {
    /// Whether any receiver ever asked for `before` or `after`.
    pub(super) has_constraints: bool,
    /// Lists that were current, the oldest first.
    pub(super) retired: VecDeque<NonNull<List<S, P, O>>>,
    pub(super) gone: Vec<Gone<S, P, O>>,
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
    BeingDropped { by: ThreadId, round: u64 },
    Dropped,
}

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    /// Waits until the captures of a slot have been dropped.
    pub(crate) fn wait(&self, id: SlotId) {
        let here = thread::current().id();
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

    /// Frees what can be freed. Destructors of captures run with the mutex released.
    pub(super) fn settle_with(&self, mut writer: MutexGuard<'_, Writer<S, P, O>>) {
        writer.rounds += 1;
        let dropping = Captures::BeingDropped {
            by: thread::current().id(),
            round: writer.rounds,
        };
        let lists = loop {
            barrier::heavy();
            let mut is_news = false;
            let lists = writer.look(dropping, &mut is_news);
            if !is_news {
                break lists;
            }
        };
        for list in writer.retired.drain(..lists) {
            // SAFETY: nobody has it written down or pinned, and it is not current: nobody can reach it.
            drop(unsafe { Box::from_raw(list.as_ptr()) });
        }
        let in_stage = |stage| move |gone: &&Gone<S, P, O>| gone.captures == stage;
        let held = writer.gone.iter().filter(in_stage(Captures::Held)).count();
        self.dying.store(held, Ordering::SeqCst);
        let dying = writer.gone.iter().filter(in_stage(dropping));
        let dying: Vec<_> = dying.map(|gone| gone.slot).collect();
        drop(writer);

        for slot in dying {
            // SAFETY: nobody calls it, and its code does nothing now. The round is ours alone.
            unsafe { Slot::drop_captures(slot) };
        }

        self.writer.lock().free_slots(dropping);
        self.settled.notify_all();
    }
}

impl<S: ?Sized, P: ?Sized, O> Writer<S, P, O> {
    pub(super) const fn new() -> Self {
        Self {
            has_constraints: false,
            retired: VecDeque::new(),
            gone: Vec::new(),
            rounds: 0,
        }
    }

    /// How many lists nobody walks any more, from the oldest on. Slots that nobody calls become `dropping`.
    fn look(&mut self, dropping: Captures, is_news: &mut bool) -> usize {
        for gone in &mut self.gone {
            if gone.captures == Captures::Held && !is_called(gone.slot, is_news) {
                gone.captures = dropping;
            }
        }
        let mut lists = self.retired.iter();
        let walked = lists.position(|list| is_walked(*list, is_news));
        walked.unwrap_or(self.retired.len())
    }

    /// Frees the slots that are in no list any more, when the captures of this round are dropped.
    fn free_slots(&mut self, dropped: Captures) {
        // SAFETY: the retired lists have not been freed.
        let oldest = self
            .retired
            .front()
            .map(|list| unsafe { list.as_ref() }.version);
        self.gone.retain_mut(|gone| {
            if gone.captures == dropped {
                gone.captures = Captures::Dropped;
            }
            let is_listed = oldest.is_some_and(|oldest| gone.version >= oldest);
            if gone.captures != Captures::Dropped || is_listed {
                return true;
            }
            // SAFETY: every list that holds it has been freed, and its captures are dropped.
            unsafe { Slot::free(gone.slot) };
            false
        });
    }
}

// In both, the records are looked at first: a walk writes the list down before it pins it.

fn is_walked<S: ?Sized, P: ?Sized, O>(list: NonNull<List<S, P, O>>, is_news: &mut bool) -> bool {
    let is_written_down = record::is_written_down(Hazard::List(list.as_ptr().cast()), is_news);
    // SAFETY: retired lists are freed under the mutex only, which the caller holds.
    is_written_down || unsafe { list.as_ref() }.pins.load(Ordering::SeqCst) > 0
}

fn is_called<S: ?Sized, P: ?Sized, O>(slot: Pointer<S, P, O>, is_news: &mut bool) -> bool {
    let is_written_down = record::is_written_down(Hazard::Slot(slot.as_ptr().cast()), is_news);
    // SAFETY: the slots in `gone` are freed under the mutex only, which the caller holds.
    is_written_down || unsafe { slot.as_ref() }.pins.load(Ordering::SeqCst) > 0
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
