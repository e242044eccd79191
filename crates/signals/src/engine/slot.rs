//! A receiver in memory: the header that all receivers of a signal share.

use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, transmute};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, Ordering};

use super::sink::Sink;
use crate::answer::Verdict;
use crate::conditions::{Conditions, Skip};
use crate::detach::Report;
use crate::failure::{caught, drop_quietly};
use crate::info::Meta;
use crate::receive::Answering;

/// What a send calls: the receiver, the receiver behind its conditions, or nothing.
///
/// # Safety
///
/// The slot is live, and its captures are kept from being dropped: by the frame of the caller, or a pin.
pub(super) type Code<S, P, O> = unsafe fn(NonNull<Slot<S, P, O>>, &S, &P, &mut Sink<'_, S, P, O>);

/// What one kind of receiver is made of.
///
/// # Safety
///
/// As for [`Code`]. `drop_captures` and `free` are called once each, in this order, when nobody uses them.
pub(super) struct Table<S: ?Sized, P: ?Sized, O> {
    pub(super) code: Code<S, P, O>,
    pub(super) invoke: RawInvoke<S, P, O>,
    pub(super) drop_captures: unsafe fn(NonNull<Slot<S, P, O>>),
    pub(super) free: unsafe fn(NonNull<Slot<S, P, O>>),
}

pub(super) enum RawInvoke<S: ?Sized, P: ?Sized, O> {
    Plain(RawPlain<S, P, O>),
    Async(RawAsync<S, P, O>),
    Detached(RawDetached<S, P, O>),
}

pub(super) type RawPlain<S, P, O> = unsafe fn(NonNull<Slot<S, P, O>>, &S, &P) -> Verdict<O>;
pub(super) type RawAsync<S, P, O> =
    for<'a> unsafe fn(NonNull<Slot<S, P, O>>, &'a S, &'a P) -> Answering<'a, O>;
pub(super) type RawDetached<S, P, O> = unsafe fn(NonNull<Slot<S, P, O>>, &S, &P, Report);

/// What is fixed about a receiver once it is connected.
pub(crate) struct Head {
    pub(crate) meta: Arc<Meta>,
    /// Ties of `order` go by this: the place in the sequence of connections.
    pub(crate) sequence: u64,
}

/// Tells a slot from all others there ever were in its signal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SlotId {
    pub(super) address: usize,
    pub(super) sequence: u64,
}

const LIVE: u8 = 0;
const BLOCKED: u8 = 1;
const DEAD: u8 = 2;

/// The header of a receiver. The rest of [`Full`] follows it in memory.
#[repr(C)]
pub(crate) struct Slot<S: ?Sized, P: ?Sized, O> {
    code: AtomicPtr<()>,
    table: NonNull<Table<S, P, O>>,
    head: Option<Head>,
    /// Dropped with the captures.
    conditions: UnsafeCell<Option<Box<Conditions<S, P>>>>,
    /// Calls that hold it other than by a frame.
    pub(super) pins: AtomicU32,
    state: AtomicU8,
}

/// One block of memory for a receiver of type `F`.
#[repr(C)]
pub(super) struct Full<S: ?Sized, P: ?Sized, O, F> {
    pub(super) slot: Slot<S, P, O>,
    pub(super) receiver: ManuallyDrop<F>,
}

impl<S: ?Sized, P: ?Sized, O> Slot<S, P, O> {
    /// A slot that is not connected yet.
    ///
    /// # Safety
    ///
    /// The table lives forever.
    pub(super) unsafe fn new(table: NonNull<Table<S, P, O>>) -> Self {
        // SAFETY: see above.
        let code = unsafe { table.as_ref() }.code;
        Self {
            code: AtomicPtr::new(code as *mut ()),
            table,
            head: None,
            conditions: UnsafeCell::new(None),
            pins: AtomicU32::new(0),
            state: AtomicU8::new(LIVE),
        }
    }

    /// What is said about it, before it is connected.
    pub(super) fn describe(&mut self, head: Head, conditions: Option<Box<Conditions<S, P>>>) {
        self.head = Some(head);
        *self.conditions.get_mut() = conditions;
        if !self.is_async() {
            self.set_code(self.live_code());
        }
    }

    fn table(&self) -> &Table<S, P, O> {
        // SAFETY: see `new`.
        unsafe { self.table.as_ref() }
    }

    pub(crate) fn head(&self) -> &Head {
        self.head.as_ref().expect("set before the slot is shared")
    }

    pub(crate) fn id(&self) -> SlotId {
        SlotId {
            address: std::ptr::from_ref(self).addr(),
            sequence: self.head().sequence,
        }
    }

    pub(crate) fn is_async(&self) -> bool {
        !matches!(self.table().invoke, RawInvoke::Plain(_))
    }

    pub(crate) fn is_blocked(&self) -> bool {
        self.state.load(Ordering::Acquire) == BLOCKED
    }

    pub(super) fn is_dead(&self) -> bool {
        self.state.load(Ordering::Acquire) == DEAD
    }

    pub(super) fn invoke(&self) -> &RawInvoke<S, P, O> {
        &self.table().invoke
    }

    /// # Safety
    ///
    /// As for [`Code`], for as long as the result is used.
    pub(super) unsafe fn conditions(&self) -> Option<&Conditions<S, P>> {
        // SAFETY: they are written before the slot is shared and dropped with the captures, which the
        // caller keeps.
        unsafe { (*self.conditions.get()).as_deref() }
    }

    /// The code to call. To be loaded after the slot has been written down.
    pub(super) fn code(&self) -> Code<S, P, O> {
        let code = self.code.load(Ordering::Acquire);
        // SAFETY: `code` holds nothing but what `set_code` and `Unplugged::of` made of a `Code`.
        unsafe { transmute::<*mut (), Code<S, P, O>>(code) }
    }

    fn set_code(&self, code: Code<S, P, O>) {
        self.code.store(code as *mut (), Ordering::Release);
    }

    /// Holds it back, or has it called again. Under the mutex of the core.
    pub(super) fn set_blocked(&self, is_blocked: bool) {
        if self.is_dead() {
            return;
        }
        if is_blocked {
            self.state.store(BLOCKED, Ordering::Release);
            self.set_code(idle);
        } else {
            self.state.store(LIVE, Ordering::Release);
            self.set_code(self.live_code());
        }
    }

    /// Has it never called again. Under the mutex of the core; a heavy barrier must follow.
    pub(super) fn kill(&self) {
        self.state.store(DEAD, Ordering::SeqCst);
        self.set_code(idle);
    }

    fn live_code(&self) -> Code<S, P, O> {
        // SAFETY: the slot is not dead, and only killed under the mutex that the caller holds.
        match unsafe { self.conditions() } {
            Some(_) => guarded,
            None => self.table().code,
        }
    }

    /// # Safety
    ///
    /// Once, when nobody uses the captures and nobody can begin to.
    pub(super) unsafe fn drop_captures(slot: NonNull<Self>) {
        // SAFETY: the slot's memory is live; see above for the rest.
        unsafe {
            drop_quietly((*slot.as_ref().conditions.get()).take());
            (slot.as_ref().table().drop_captures)(slot);
        }
    }

    /// # Safety
    ///
    /// Once, after `drop_captures`, when nobody can reach the slot.
    pub(super) unsafe fn free(slot: NonNull<Self>) {
        // SAFETY: the slot's memory is live; see above for the rest.
        unsafe { (slot.as_ref().table().free)(slot) }
    }
}

/// Does nothing: the receiver is blocked or gone.
pub(super) unsafe fn idle<S: ?Sized, P: ?Sized, O>(
    _: NonNull<Slot<S, P, O>>,
    _: &S,
    _: &P,
    sink: &mut Sink<'_, S, P, O>,
) {
    sink.skipped += 1;
}

/// Asks the conditions before the receiver.
unsafe fn guarded<S: ?Sized, P: ?Sized, O>(
    slot: NonNull<Slot<S, P, O>>,
    sender: &S,
    payload: &P,
    sink: &mut Sink<'_, S, P, O>,
) {
    // SAFETY: the caller keeps the slot and its captures, conditions included.
    let (this, conditions) = unsafe { (slot.as_ref(), slot.as_ref().conditions()) };
    let Some(conditions) = conditions else {
        return;
    };
    match caught(|| conditions.admit(sender, payload)) {
        Ok(Ok(admitted)) => {
            if admitted.is_last {
                sink.host.disconnect(this.id());
            }
            // SAFETY: as above.
            unsafe { (this.table().code)(slot, sender, payload, sink) };
            drop_quietly(admitted.keep);
        }
        Ok(Err(skip)) => {
            sink.skipped += 1;
            if matches!(skip, Skip::OwnerGone) {
                sink.host.disconnect(this.id());
            }
        }
        Err(failure) => sink.push(slot, Err(failure)),
    }
}
