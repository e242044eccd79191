//! A signal's pointer to its list, and how sends go through it.

use std::mem::ManuallyDrop;
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::barrier;
use super::list::List;
use super::pinned::Pinned;
use super::record::{self, Entered, Frame, NO_CORE};
use super::settle::Writer;
use super::sink::Sink;
use super::slot::{Slot, SlotId};
use super::way::{walk, walk_any};
use crate::info::ReceiverInfo;
use crate::outcomes::Outcomes;
use crate::shared::Shared;

pub(super) type Pointer<S, P, O> = NonNull<Slot<S, P, O>>;

/// The receivers of one signal.
pub(crate) struct Core<S: ?Sized, P: ?Sized, O> {
    /// The current list; null if it is empty.
    pub(super) list: AtomicPtr<List<S, P, O>>,
    /// How deep a thread may be in sends of this signal.
    limit: u32,
    /// The version of the current list.
    pub(super) version: AtomicU64,
    /// How many disconnected receivers may still have their captures.
    pub(super) dying: AtomicUsize,
    /// How many guards keep the signal quiet. Changed under the mutex.
    pub(super) muted: AtomicUsize,
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
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            list: AtomicPtr::new(null_mut()),
            limit,
            version: AtomicU64::new(0),
            dying: AtomicUsize::new(0),
            muted: AtomicUsize::new(0),
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
    /// itself. Else calls nobody. `shared` is what this core is part of.
    ///
    /// Everything that is not needed to call plain receivers is out of line and comes last, so that nothing
    /// has to be set aside for it.
    #[inline(always)]
    pub(crate) fn run(
        &self,
        shared: &Shared<S, P, O>,
        sender: &S,
        payload: &P,
    ) -> Option<Outcomes<O>> {
        let list = self.list.load(Ordering::Acquire);
        if list.is_null() {
            return Some(Outcomes::new());
        }
        let Some(entered) = record::enter_quickly() else {
            return self.run_with_care(shared, sender, payload);
        };
        let list = self.protect::<false>(&entered, list);
        // SAFETY: the frame keeps the list.
        match unsafe { list.as_ref() } {
            Some(list) if list.traits() == 0 => {
                let mut sink = Sink::new(list, shared);
                // SAFETY: as above.
                unsafe { walk::<false, _, _, _>(&entered, sender, payload, &mut sink) };
                if entered.leave::<false>() {
                    // Not `self`, which would have to be kept at hand meanwhile.
                    sink.shared.core().settle();
                }
                Some(sink.finish())
            }
            _ => self.run_special(entered.suspend(), shared, sender, payload),
        }
    }

    /// As [`run`](Self::run), for a thread's first send, for sends inside of receivers, and for all sends
    /// where barriers are fences.
    #[inline(never)]
    fn run_with_care(
        &self,
        shared: &Shared<S, P, O>,
        sender: &S,
        payload: &P,
    ) -> Option<Outcomes<O>> {
        let entered = record::enter(self.address(), self.limit)?;
        if barrier::is_fenced() {
            self.run_any::<true>(entered, shared, sender, payload)
        } else {
            self.run_any::<false>(entered, shared, sender, payload)
        }
    }

    /// As [`run`](Self::run), for lists that not every send calls all of.
    #[inline(never)]
    fn run_special(
        &self,
        frame: &'static Frame,
        shared: &Shared<S, P, O>,
        sender: &S,
        payload: &P,
    ) -> Option<Outcomes<O>> {
        let entered = Entered::resume(frame);
        let list = frame.list.load(Ordering::Relaxed).cast();
        // SAFETY: the frame keeps the list that is written down in it.
        unsafe { self.run_list::<false>(entered, list, shared, sender, payload) }
    }

    fn run_any<const IS_FENCED: bool>(
        &self,
        entered: Entered,
        shared: &Shared<S, P, O>,
        sender: &S,
        payload: &P,
    ) -> Option<Outcomes<O>> {
        let list = self.protect::<IS_FENCED>(&entered, self.list.load(Ordering::Acquire));
        // SAFETY: the frame keeps the list.
        unsafe { self.run_list::<IS_FENCED>(entered, list, shared, sender, payload) }
    }

    /// # Safety
    ///
    /// The frame keeps the list, if it is not null.
    #[inline(always)]
    unsafe fn run_list<const IS_FENCED: bool>(
        &self,
        entered: Entered,
        list: *const List<S, P, O>,
        shared: &Shared<S, P, O>,
        sender: &S,
        payload: &P,
    ) -> Option<Outcomes<O>> {
        let inside = Inside::<IS_FENCED, _, _, _> {
            core: self,
            entered: ManuallyDrop::new(entered),
        };
        // SAFETY: see above.
        match unsafe { list.as_ref() } {
            // SAFETY: see above.
            Some(list) => unsafe {
                walk_any::<IS_FENCED, _, _, _>(&inside.entered, list, shared, sender, payload)
            },
            None => Some(Outcomes::new()),
        }
    }

    #[inline(always)]
    fn leave<const IS_FENCED: bool>(&self, entered: Entered) {
        if entered.leave::<IS_FENCED>() {
            self.settle();
        }
    }

    /// The current list, written down in the frame. `list` is what has been loaded before.
    #[inline(always)]
    fn protect<const IS_FENCED: bool>(
        &self,
        entered: &Entered,
        mut list: *mut List<S, P, O>,
    ) -> *const List<S, P, O> {
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

    /// Notes that this thread is in the middle of a call by other ways than [`run`](Self::run); `None` if
    /// the signal is too deep in itself.
    pub(crate) fn enter(&self) -> Option<Entered> {
        record::enter(self.address(), self.limit)
    }

    /// The current list, to be held for as long as one likes.
    pub(crate) fn pin(&self) -> Pinned<'_, S, P, O> {
        // The limit is on calls; looking at the list is none.
        let entered = record::enter(NO_CORE, 0).expect("there is no limit");
        let list = self.list.load(Ordering::Acquire);
        let list = NonNull::new(self.protect::<true>(&entered, list).cast_mut());
        if let Some(list) = list {
            // SAFETY: the frame keeps the list.
            unsafe { list.as_ref() }.pins.fetch_add(1, Ordering::SeqCst);
        }
        // SAFETY: the pin has just been taken.
        let pinned = unsafe { Pinned::new(self, list) };
        self.leave::<true>(entered);
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

    /// Has sends call nobody, until it is told as often that they may again.
    pub(crate) fn set_muted(&self, is_muted: bool) {
        let writer = self.writer.lock();
        let muted = self.muted.load(Ordering::Relaxed);
        let muted = if is_muted { muted + 1 } else { muted - 1 };
        self.muted.store(muted, Ordering::Release);
        if let Some(list) = self.current(&writer) {
            list.set_muted(muted > 0);
        }
    }

    pub(crate) fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Acquire) > 0
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

/// Leaves the frame of a send however it ends: the keys of its sender are code of the user, and may panic.
struct Inside<'a, const IS_FENCED: bool, S: ?Sized, P: ?Sized, O> {
    core: &'a Core<S, P, O>,
    entered: ManuallyDrop<Entered>,
}

impl<const IS_FENCED: bool, S: ?Sized, P: ?Sized, O> Drop for Inside<'_, IS_FENCED, S, P, O> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: it is not used after this.
        let entered = unsafe { ManuallyDrop::take(&mut self.entered) };
        self.core.leave::<IS_FENCED>(entered);
    }
}
