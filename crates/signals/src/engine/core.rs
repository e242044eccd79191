//! A signal's pointer to its list, the changes to it, and the freeing of what they leave behind.

use std::collections::VecDeque;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::barrier;
use super::list::{List, Pinned};
use super::record::{self, Entered, Hazard};
use super::slot::{Sink, Slot, SlotId, Unplugged};
use crate::error::ConnectError;
use crate::info::{Meta, ReceiverInfo};
use crate::order::{self, Place};
use crate::outcomes::Outcomes;

type Pointer<S, P, O> = NonNull<Slot<S, P, O>>;

/// Lists and slots that nobody uses any more.
type Free<S, P, O> = (Vec<NonNull<List<S, P, O>>>, Vec<Pointer<S, P, O>>);

/// The receivers of one signal.
pub(crate) struct Core<S: ?Sized, P: ?Sized, O> {
    /// The current list; null if it is empty.
    list: AtomicPtr<List<S, P, O>>,
    /// The version of the current list.
    version: AtomicU64,
    /// How many disconnected receivers still have their captures.
    dying: AtomicUsize,
    writer: Mutex<Writer<S, P, O>>,
    /// Told whenever captures have been dropped.
    settled: Condvar,
}

struct Writer<S: ?Sized, P: ?Sized, O> {
    /// Whether any receiver ever asked for `before` or `after`.
    has_constraints: bool,
    /// Lists that were current, the oldest first.
    retired: VecDeque<NonNull<List<S, P, O>>>,
    gone: Vec<Gone<S, P, O>>,
}

/// A slot that is in the current list no more.
struct Gone<S: ?Sized, P: ?Sized, O> {
    slot: Pointer<S, P, O>,
    /// The last list that holds it.
    version: u64,
    captures: Captures,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Captures {
    Held,
    BeingDropped(ThreadId),
    Dropped,
}

/// A receiver that has entered or left the list.
pub(crate) struct Joined {
    pub(crate) id: SlotId,
    pub(crate) receiver: ReceiverInfo,
}

// SAFETY: lists and slots are shared between threads by the protocol that the module describes; what they
// own is `Send + Sync`, see `Unplugged`.
unsafe impl<S: ?Sized, P: ?Sized, O> Send for Core<S, P, O> {}
// SAFETY: as above.
unsafe impl<S: ?Sized, P: ?Sized, O> Sync for Core<S, P, O> {}

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    pub(crate) const fn new() -> Self {
        Self {
            list: AtomicPtr::new(null_mut()),
            version: AtomicU64::new(0),
            dying: AtomicUsize::new(0),
            writer: Mutex::new(Writer {
                has_constraints: false,
                retired: VecDeque::new(),
                gone: Vec::new(),
            }),
            settled: Condvar::new(),
        }
    }

    /// Identifies the core among those that live.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.load(Ordering::Acquire).is_null()
    }

    /// Calls every receiver, if they are all plain and bound to no sender, and the signal is not too deep
    /// in itself. Else calls nobody and returns `None`.
    ///
    /// `disconnect` is what a receiver is disconnected with whose last call this is.
    #[inline]
    pub(crate) fn run(
        &self,
        limit: u32,
        sender: &S,
        payload: &P,
        disconnect: &dyn Fn(SlotId),
    ) -> Option<Outcomes<O>> {
        // A thread's first send may be fenced where it need not be; the other way round cannot happen.
        if barrier::is_fenced() {
            self.run_behind::<true>(limit, sender, payload, disconnect)
        } else {
            self.run_behind::<false>(limit, sender, payload, disconnect)
        }
    }

    #[inline(always)]
    fn run_behind<const IS_FENCED: bool>(
        &self,
        limit: u32,
        sender: &S,
        payload: &P,
        disconnect: &dyn Fn(SlotId),
    ) -> Option<Outcomes<O>> {
        let entered = record::enter(self.address(), limit)?;
        let list = self.protect::<IS_FENCED>(&entered);
        // SAFETY: the frame keeps the list.
        let outcomes = match unsafe { list.as_ref() } {
            None => Some(Outcomes::new()),
            Some(list) if list.has_async || list.has_bound => None,
            Some(list) => {
                let mut sink = Sink::new(list, disconnect);
                let len = list.len();
                for entry in list.entries(len) {
                    let slot = entry.load(Ordering::Relaxed);
                    entered.call(slot);
                    barrier::light::<IS_FENCED>();
                    // SAFETY: an entry below the length is set, and the slots of a list live as long as it
                    // does. The frame keeps the list, and since before the code was loaded the captures.
                    unsafe {
                        let slot = NonNull::new_unchecked(slot);
                        (slot.as_ref().code())(slot, sender, payload, &mut sink);
                    }
                }
                Some(sink.into_outcomes(len))
            }
        };
        if entered.leave::<IS_FENCED>() {
            self.settle();
        }
        outcomes
    }

    /// The current list, written down in the frame.
    #[inline(always)]
    fn protect<const IS_FENCED: bool>(&self, entered: &Entered) -> *const List<S, P, O> {
        let mut list = self.list.load(Ordering::Acquire);
        loop {
            entered.frame.list.store(list.cast(), Ordering::Release);
            barrier::light::<IS_FENCED>();
            let again = self.list.load(Ordering::Acquire);
            if again == list {
                return list;
            }
            list = again;
        }
    }

    /// The current list, to be held for as long as one likes.
    pub(crate) fn pin(&self) -> Pinned<'_, S, P, O> {
        // The limit is on calls; looking at the list is none.
        let entered = record::enter(0, u32::MAX).expect("there is no limit");
        let list = NonNull::new(self.protect::<true>(&entered).cast_mut());
        if let Some(list) = list {
            // SAFETY: the frame keeps the list.
            unsafe { list.as_ref() }.pins.fetch_add(1, Ordering::SeqCst);
        }
        // SAFETY: the pin has just been taken.
        let pinned = unsafe { Pinned::new(self, list) };
        if entered.leave::<true>() {
            self.settle();
        }
        pinned
    }

    /// Connects all or none. Hands back who came and who was replaced.
    pub(crate) fn connect(
        &self,
        candidates: Vec<(Unplugged<S, P, O>, bool)>,
    ) -> Result<(Vec<Joined>, Vec<Joined>), ConnectError> {
        let mut writer = self.writer.lock();
        let mut slots = self.slots(&writer);
        let mut replaced = Vec::new();
        for (candidate, replaces) in &candidates {
            if let Some(place) = replaced_by(candidate.slot(), *replaces, &slots)? {
                replaced.push((slots.remove(place), place));
            }
            slots.push(candidate.as_ptr());
        }
        // SAFETY: slots of the current list live while the mutex is held, candidates while they are owned.
        let metas = candidates
            .iter()
            .map(|(candidate, _)| &candidate.slot().head().meta);
        let has_constraints =
            writer.has_constraints || metas.clone().any(|meta| meta.is_constrained());
        let slots = if has_constraints {
            arrange(&slots)?
        } else {
            sift(slots, candidates.len())
        };
        writer.has_constraints = has_constraints;
        let is_appended = match (&candidates[..], slots.last()) {
            ([(only, _)], Some(last)) if replaced.is_empty() && *last == only.as_ptr() => self
                .current(&writer)
                .is_some_and(|list| list.append(only.slot(), *last)),
            _ => false,
        };
        // From here on they belong to the core.
        let new: Vec<_> = candidates
            .into_iter()
            .map(|(candidate, _)| candidate.into_ptr())
            .collect();
        let joined = joined(&slots, &new);
        let left = replaced
            .iter()
            .map(|(slot, place)| join(*slot, *place))
            .collect();
        if !is_appended {
            let replaced = replaced.into_iter().map(|(slot, _)| slot).collect();
            self.publish(&mut writer, &slots, replaced);
            self.settle_with(writer);
        }
        Ok((joined, left))
    }

    /// Disconnects those that `leaves`, and hands them back.
    pub(crate) fn disconnect(&self, leaves: impl Fn(&Slot<S, P, O>) -> bool) -> Vec<Joined> {
        let mut writer = self.writer.lock();
        let slots = self.slots(&writer);
        // SAFETY: slots of the current list live while the mutex is held.
        let (gone, staying): (Vec<_>, Vec<_>) = slots
            .iter()
            .copied()
            .partition(|slot| leaves(unsafe { slot.as_ref() }));
        if gone.is_empty() {
            return Vec::new();
        }
        let left = joined(&slots, &gone);
        self.publish(&mut writer, &staying, gone);
        self.settle_with(writer);
        left
    }

    /// Disconnects one.
    pub(crate) fn disconnect_one(&self, id: SlotId) -> Option<Joined> {
        let mut writer = self.writer.lock();
        let mut slots = self.slots(&writer);
        let position = position(&slots, id)?;
        let slot = slots.remove(position);
        let left = join(slot, position);
        self.publish(&mut writer, &slots, vec![slot]);
        self.settle_with(writer);
        Some(left)
    }

    /// Waits until the captures of a slot have been dropped.
    pub(crate) fn wait(&self, id: SlotId) {
        let mut writer = self.writer.lock();
        // The destructor of a capture may ask for it, and would wait for itself.
        let done = [
            Captures::Dropped,
            Captures::BeingDropped(thread::current().id()),
        ];
        while writer
            .gone
            .iter()
            .any(|gone| gone.is(id) && !done.contains(&gone.captures))
        {
            // Who runs it tells at the end of its send; the end of its call is for us to notice.
            let told = self.settled.wait_for(&mut writer, Duration::from_millis(1));
            if told.timed_out() {
                self.settle_with(writer);
                writer = self.writer.lock();
            }
        }
    }

    /// Looks at a slot, if it is connected.
    pub(crate) fn with_slot<T>(
        &self,
        id: SlotId,
        look: impl FnOnce(&Slot<S, P, O>) -> T,
    ) -> Option<T> {
        let writer = self.writer.lock();
        let current = self.current(&writer)?;
        // SAFETY: slots of the current list live while the mutex is held.
        let mut slots = current
            .pointers()
            .rev()
            .map(|slot| unsafe { slot.as_ref() });
        slots.find(|slot| slot.id() == id).map(look)
    }

    /// Holds a slot back, or has it called again.
    pub(crate) fn set_blocked(&self, id: SlotId, is_blocked: bool) {
        self.with_slot(id, |slot| slot.set_blocked(is_blocked));
    }

    /// Called when a pin on the list of this version has been given back.
    pub(super) fn unpinned(&self, version: u64) {
        if version != self.version.load(Ordering::SeqCst) {
            self.settle();
        }
    }

    /// Called when a pin on a slot has been given back.
    pub(super) fn ended(&self) {
        if self.dying.load(Ordering::SeqCst) > 0 {
            self.settle();
        }
    }

    fn current(&self, _: &MutexGuard<'_, Writer<S, P, O>>) -> Option<&List<S, P, O>> {
        // SAFETY: the current list is only replaced, and freed after that, under the mutex; the caller
        // holds it for as long as it uses the result.
        unsafe { self.list.load(Ordering::Relaxed).as_ref() }
    }

    fn slots(&self, writer: &MutexGuard<'_, Writer<S, P, O>>) -> Vec<Pointer<S, P, O>> {
        self.current(writer)
            .map_or_else(Vec::new, |list| list.pointers().collect())
    }

    /// Makes these slots the current list, without those that are gone.
    fn publish(
        &self,
        writer: &mut MutexGuard<'_, Writer<S, P, O>>,
        slots: &[Pointer<S, P, O>],
        gone: Vec<Pointer<S, P, O>>,
    ) {
        let last = self.version.load(Ordering::Relaxed);
        let next = if slots.is_empty() {
            null_mut()
        } else {
            // SAFETY: a slot is freed when no list that holds it is left.
            Box::into_raw(Box::new(unsafe { List::of(slots, last + 1) }))
        };
        let previous = self.list.swap(next, Ordering::SeqCst);
        self.version.store(last + 1, Ordering::SeqCst);
        writer.retired.extend(NonNull::new(previous));
        for slot in gone {
            // SAFETY: it is in the list that was current, which is not freed yet.
            unsafe { slot.as_ref() }.kill();
            writer.gone.push(Gone {
                slot,
                version: last,
                captures: Captures::Held,
            });
        }
    }

    #[cold]
    fn settle(&self) {
        self.settle_with(self.writer.lock());
    }

    /// Frees what can be freed. Destructors of captures run with the mutex released.
    fn settle_with(&self, mut writer: MutexGuard<'_, Writer<S, P, O>>) {
        let (lists, slots) = loop {
            barrier::heavy();
            let mut is_news = false;
            let free = writer.free_now(&mut is_news);
            if !is_news {
                break free;
            }
        };
        writer.retired.drain(..lists.len());
        let here = thread::current().id();
        for gone in &mut writer.gone {
            if slots.contains(&gone.slot) {
                gone.captures = Captures::BeingDropped(here);
            }
        }
        let held = writer
            .gone
            .iter()
            .filter(|gone| gone.captures == Captures::Held);
        self.dying.store(held.count(), Ordering::SeqCst);
        drop(writer);

        for list in lists {
            // SAFETY: nobody has it written down or pinned, and it is not current: nobody can reach it.
            drop(unsafe { Box::from_raw(list.as_ptr()) });
        }
        for &slot in &slots {
            // SAFETY: nobody calls it, and its code does nothing now. Only we moved it to `BeingDropped`.
            unsafe { Slot::drop_captures(slot) };
        }

        let mut writer = self.writer.lock();
        for gone in &mut writer.gone {
            if slots.contains(&gone.slot) {
                gone.captures = Captures::Dropped;
            }
        }
        // SAFETY: the retired lists have not been freed.
        let oldest = writer
            .retired
            .front()
            .map(|list| unsafe { list.as_ref() }.version);
        writer.gone.retain(|gone| {
            let is_listed = oldest.is_some_and(|oldest| gone.version >= oldest);
            if gone.captures != Captures::Dropped || is_listed {
                return true;
            }
            // SAFETY: every list that holds it has been freed, and its captures are dropped.
            unsafe { Slot::free(gone.slot) };
            false
        });
        drop(writer);
        self.settled.notify_all();
    }
}

impl<S: ?Sized, P: ?Sized, O> Writer<S, P, O> {
    /// The lists that nobody walks any more, from the oldest on, and the slots that nobody calls.
    fn free_now(&self, is_news: &mut bool) -> Free<S, P, O> {
        let mut lists = Vec::new();
        for list in &self.retired {
            // The records first: a walk writes the list down before it pins it.
            // SAFETY: retired lists are freed by whoever takes them out of `retired`.
            let is_used = record::is_written_down(Hazard::List(list.as_ptr().cast()), is_news)
                || unsafe { list.as_ref() }.pins.load(Ordering::SeqCst) > 0;
            if is_used {
                break;
            }
            lists.push(*list);
        }
        let held = self
            .gone
            .iter()
            .filter(|gone| gone.captures == Captures::Held);
        let slots = held
            .map(|gone| gone.slot)
            .filter(|slot| {
                let is_called =
                    record::is_written_down(Hazard::Slot(slot.as_ptr().cast()), is_news);
                // SAFETY: the slots in `gone` have not been freed.
                !is_called && unsafe { slot.as_ref() }.pins.load(Ordering::SeqCst) == 0
            })
            .collect();
        (lists, slots)
    }
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
        for list in writer.retired.drain(..).chain(current) {
            // SAFETY: see above.
            let list = unsafe { Box::from_raw(list.as_ptr()) };
            if Some(NonNull::from(&*list)) == current {
                for slot in list.pointers() {
                    writer.gone.push(Gone {
                        slot,
                        version: 0,
                        captures: Captures::Held,
                    });
                }
            }
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

/// The position of the slot that a candidate takes the place of.
fn replaced_by<S: ?Sized, P: ?Sized, O>(
    candidate: &Slot<S, P, O>,
    replaces: bool,
    slots: &[Pointer<S, P, O>],
) -> Result<Option<usize>, ConnectError> {
    let Some(key) = &candidate.head().meta.key else {
        return Ok(None);
    };
    let has_key = |slot: &Pointer<S, P, O>| {
        // SAFETY: the caller keeps the slots.
        unsafe { slot.as_ref() }.head().meta.key.as_ref() == Some(key)
    };
    match slots.iter().position(has_key) {
        Some(position) if !replaces => Err(ConnectError::DuplicateKey {
            key: key.to_string(),
            existing: join(slots[position], position).receiver,
        }),
        found => Ok(found),
    }
}

/// Sorts by `before` and `after`.
fn arrange<S: ?Sized, P: ?Sized, O>(
    slots: &[Pointer<S, P, O>],
) -> Result<Vec<Pointer<S, P, O>>, ConnectError> {
    // SAFETY: the caller keeps the slots.
    let heads = slots.iter().map(|slot| unsafe { slot.as_ref() }.head());
    let places: Vec<Place<'_>> = heads
        .map(|head| Place {
            meta: &head.meta,
            sequence: head.sequence,
        })
        .collect();
    let order = order::arrange(&places).map_err(|names| ConnectError::Cycle { names })?;
    Ok(order.into_iter().map(|index| slots[index]).collect())
}

/// Moves the last `new` slots, which are the youngest, to where their order puts them.
fn sift<S: ?Sized, P: ?Sized, O>(
    mut slots: Vec<Pointer<S, P, O>>,
    new: usize,
) -> Vec<Pointer<S, P, O>> {
    // SAFETY: the caller keeps the slots.
    let order = |slot: &Pointer<S, P, O>| unsafe { slot.as_ref() }.head().meta.order;
    for index in slots.len() - new..slots.len() {
        let slot = slots[index];
        let place = slots[..index].partition_point(|other| order(other) <= order(&slot));
        slots[place..=index].rotate_right(1);
    }
    slots
}

fn position<S: ?Sized, P: ?Sized, O>(slots: &[Pointer<S, P, O>], id: SlotId) -> Option<usize> {
    // Those that come last are the most likely to go first.
    let position = slots
        .iter()
        .rposition(|slot| slot.addr().get() == id.address)?;
    // SAFETY: the caller keeps the slots.
    (unsafe { slots[position].as_ref() }.id() == id).then_some(position)
}

fn join<S: ?Sized, P: ?Sized, O>(slot: Pointer<S, P, O>, position: usize) -> Joined {
    // SAFETY: the caller keeps the slot.
    let slot = unsafe { slot.as_ref() };
    let meta: &Arc<Meta> = &slot.head().meta;
    Joined {
        id: slot.id(),
        receiver: ReceiverInfo::new(Arc::clone(meta), position),
    }
}

/// Some of the slots, with their positions among all.
fn joined<S: ?Sized, P: ?Sized, O>(
    all: &[Pointer<S, P, O>],
    some: &[Pointer<S, P, O>],
) -> Vec<Joined> {
    let of = |slot: &Pointer<S, P, O>| {
        let position = all.iter().rposition(|other| other == slot);
        join(*slot, position.unwrap_or_default())
    };
    some.iter().map(of).collect()
}
