//! A signal's pointer to its list, and how sends go through it.

use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::barrier;
use super::list::{List, Pinned};
use super::record::{self, Entered};
use super::settle::Writer;
use super::sink::Sink;
use super::slot::{Slot, SlotId};
use crate::info::ReceiverInfo;
use crate::outcomes::Outcomes;

pub(super) type Pointer<S, P, O> = NonNull<Slot<S, P, O>>;

/// The receivers of one signal.
pub(crate) struct Core<S: ?Sized, P: ?Sized, O> {
    /// The current list; null if it is empty.
    pub(super) list: AtomicPtr<List<S, P, O>>,
    /// The version of the current list.
    pub(super) version: AtomicU64,
    /// How many disconnected receivers still have their captures.
    pub(super) dying: AtomicUsize,
    pub(super) writer: Mutex<Writer<S, P, O>>,
    /// Told whenever captures have been dropped.
    pub(super) settled: Condvar,
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
            writer: Mutex::new(Writer::new()),
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

    /// Calls every receiver that the sender concerns, if all are plain and the signal is not too deep in
    /// itself. Else calls nobody and returns `false`.
    ///
    /// The outcomes are written where the caller wants them: moving them there costs more than a receiver.
    #[inline(always)]
    pub(crate) fn run(
        &self,
        limit: u32,
        (sender, payload): (&S, &P),
        outcomes: &mut Outcomes<O>,
        host: &dyn Host<S>,
    ) -> bool {
        // A thread's first send may be fenced where it need not be; the other way round cannot happen.
        if barrier::is_fenced() {
            self.run_fenced(limit, sender, payload, outcomes, host)
        } else {
            self.run_behind::<false>(limit, sender, payload, outcomes, host)
        }
    }

    // Out of line: where barriers are fences, a call more is nothing.
    #[inline(never)]
    fn run_fenced(
        &self,
        limit: u32,
        sender: &S,
        payload: &P,
        outcomes: &mut Outcomes<O>,
        host: &dyn Host<S>,
    ) -> bool {
        self.run_behind::<true>(limit, sender, payload, outcomes, host)
    }

    #[inline(always)]
    fn run_behind<const IS_FENCED: bool>(
        &self,
        limit: u32,
        sender: &S,
        payload: &P,
        outcomes: &mut Outcomes<O>,
        host: &dyn Host<S>,
    ) -> bool {
        let Some(entered) = record::enter(self.address(), limit) else {
            return false;
        };
        let list = self.protect::<IS_FENCED>(&entered);
        // SAFETY: the frame keeps the list.
        let is_done = match unsafe { list.as_ref() } {
            None => true,
            Some(list) if list.has_async => false,
            Some(list) if list.has_bound => {
                walk_bound::<IS_FENCED, _, _, _>(&entered, list, (sender, payload), outcomes, host);
                true
            }
            Some(list) => {
                let mut sink = Sink::new(list, outcomes, host);
                let len = list.len();
                for entry in list.entries(len) {
                    // SAFETY: the frame keeps the list, and an entry below the length is set.
                    unsafe {
                        call::<IS_FENCED, _, _, _>(&entered, entry, (sender, payload), &mut sink);
                    };
                }
                let skipped = sink.skipped();
                outcomes.count(len - skipped);
                true
            }
        };
        if entered.leave::<IS_FENCED>() {
            self.settle();
        }
        is_done
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

    /// Looks at a slot, if it is connected.
    pub(crate) fn with_slot<T>(
        &self,
        id: SlotId,
        look: impl FnOnce(&Slot<S, P, O>) -> T,
    ) -> Option<T> {
        let writer = self.writer.lock();
        let (_, slot) = self.current(&writer)?.find(id)?;
        // SAFETY: slots of the current list live while the mutex is held.
        Some(look(unsafe { slot.as_ref() }))
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

    /// The current list, as long as the mutex is held.
    pub(super) fn current(&self, _: &MutexGuard<'_, Writer<S, P, O>>) -> Option<&List<S, P, O>> {
        // SAFETY: the current list is only replaced, and freed after that, under the mutex; the caller
        // holds it for as long as it uses the result.
        unsafe { self.list.load(Ordering::Relaxed).as_ref() }
    }
}

/// What a send asks of the signal it is sent through.
pub(crate) trait Host<S: ?Sized> {
    /// The hash of a sender, if any receiver is bound to one.
    fn hash(&self, sender: &S) -> Option<u64>;
    /// Disconnects a receiver whose last call this is.
    fn disconnect(&self, slot: SlotId);
}

/// Writes a slot down and calls it.
///
/// # Safety
///
/// The frame keeps a list, and this is one of its entries below the length.
#[inline(always)]
unsafe fn call<const IS_FENCED: bool, S: ?Sized, P: ?Sized, O>(
    entered: &Entered,
    entry: &AtomicPtr<Slot<S, P, O>>,
    (sender, payload): (&S, &P),
    sink: &mut Sink<'_, S, P, O>,
) {
    let slot = entry.load(Ordering::Relaxed);
    entered.call(slot);
    barrier::light::<IS_FENCED>();
    // SAFETY: the slots of a list live as long as it does. The frame keeps the list, and since before the
    // code is loaded the captures.
    unsafe {
        let slot = NonNull::new_unchecked(slot);
        (slot.as_ref().code())(slot, sender, payload, sink);
    }
}

/// Calls the receivers that are bound to this sender or to none.
#[inline(never)]
fn walk_bound<const IS_FENCED: bool, S: ?Sized, P: ?Sized, O>(
    entered: &Entered,
    list: &List<S, P, O>,
    (sender, payload): (&S, &P),
    outcomes: &mut Outcomes<O>,
    host: &dyn Host<S>,
) {
    let (len, index) = (list.len(), list.index());
    let mut picks = list.picks(host.hash(sender));
    let mut sink = Sink::new(list, outcomes, host);
    let mut called = 0;
    while let Some(position) = picks.next(len, index) {
        let entry = &list.entries(len)[position];
        // SAFETY: the frame keeps the list.
        unsafe { call::<IS_FENCED, _, _, _>(entered, entry, (sender, payload), &mut sink) };
        called += 1;
    }
    let skipped = sink.skipped();
    outcomes.count(called - skipped);
}
