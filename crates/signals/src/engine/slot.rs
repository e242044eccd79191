//! A receiver in memory: the header that all receivers of a signal share.

use std::mem::ManuallyDrop;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use super::description::{Described, Description, Details};
use super::sink::Sink;
use crate::answer::Verdict;
use crate::conditions::{Conditions, Skip};
use crate::detach::Report;
use crate::failure::{caught, drop_quietly};
use crate::info::{About, Meta, TypeName};
use crate::receive::Answering;
use crate::sender::Bound;

/// What a send calls: the receiver, the receiver behind its conditions, or nothing.
///
/// # Safety
///
/// The slot is live, and its captures are kept from being dropped: by the frame of the caller, or a pin.
pub(super) type Code<S, P, O> = unsafe fn(NonNull<Slot<S, P, O>>, &S, &P, &mut Sink<'_, S, P, O>);

/// What one kind of receiver is made of, in one of the states it may be in.
///
/// # Safety
///
/// As for [`Code`]. `drop_captures` and `free` are called once each, in this order, when nobody uses them.
pub(super) struct Table<S: ?Sized, P: ?Sized, O> {
    /// What is called in this state.
    pub(super) code: Code<S, P, O>,
    pub(super) state: State,
    /// The table of the same kind in another state.
    pub(super) in_state: fn(State) -> NonNull<Table<S, P, O>>,
    /// The receiver itself, whatever the state.
    pub(super) receiver: Code<S, P, O>,
    pub(super) invoke: RawInvoke<S, P, O>,
    pub(super) drop_captures: unsafe fn(NonNull<Slot<S, P, O>>),
    pub(super) free: unsafe fn(NonNull<Slot<S, P, O>>),
    /// Whether dropping the captures runs any code.
    pub(super) needs_drop: bool,
    pub(super) type_name: TypeName,
}

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Live,
    /// Its conditions are asked first.
    Guarded,
    Blocked,
    Dead,
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

/// Tells a slot from all others there ever were in its signal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SlotId {
    pub(super) address: usize,
    pub(super) sequence: u64,
}

/// The header of a receiver: three words, for there may be many. The rest of [`Full`] follows it in memory.
#[repr(C)]
pub(crate) struct Slot<S: ?Sized, P: ?Sized, O> {
    /// One of the tables of its kind, by its state.
    table: AtomicPtr<Table<S, P, O>>,
    description: Description<S, P>,
    /// Its place in the sequence of connections, and below that, in `PIN_BITS`, how many calls hold it other
    /// than by a frame.
    ticket: AtomicU64,
}

/// Leaves 40 bits for the sequence: at ten thousand connections a second it comes round after three years.
const PIN_BITS: u32 = 24;
const PINS: u64 = (1 << PIN_BITS) - 1;

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
    /// The table lives forever, and so do those of its kind in other states.
    pub(super) unsafe fn new(table: NonNull<Table<S, P, O>>) -> Self {
        Self {
            table: AtomicPtr::new(table.as_ptr()),
            description: Description::place(Location::caller()),
            ticket: AtomicU64::new(0),
        }
    }

    /// Says where it is connected.
    pub(super) fn set_place(&mut self, place: &'static Location<'static>) {
        self.description = Description::place(place);
    }

    /// Says all about it.
    pub(super) fn set_details(&mut self, details: Box<Details<S, P>>) {
        self.description = Description::details(details);
        self.enter(self.calling_state());
    }

    /// Under the mutex of the core, which hands the sequence out; or before the slot is shared.
    pub(super) fn set_sequence(&mut self, sequence: u64) {
        *self.ticket.get_mut() = sequence << PIN_BITS;
    }

    #[inline(always)]
    fn table(&self) -> &Table<S, P, O> {
        // SAFETY: see `new`.
        unsafe { &*self.table.load(Ordering::Acquire) }
    }

    pub(crate) fn id(&self) -> SlotId {
        SlotId {
            address: std::ptr::from_ref(self).addr(),
            sequence: self.sequence(),
        }
    }

    pub(super) fn sequence(&self) -> u64 {
        self.ticket.load(Ordering::Relaxed) >> PIN_BITS
    }

    pub(crate) fn about(&self) -> About {
        match self.description.get() {
            Described::Place(place) => About::Plain(place, self.type_name()),
            Described::Details(details) => About::Full(Arc::clone(&details.meta)),
        }
    }

    /// What was asked for, if any option was set.
    pub(crate) fn meta(&self) -> Option<&Meta> {
        self.details().map(|details| &*details.meta)
    }

    pub(super) fn order(&self) -> i32 {
        self.meta().map_or(0, |meta| meta.order)
    }

    pub(super) fn bound(&self) -> Option<&dyn Bound<S>> {
        self.details()?.bound.as_deref()
    }

    pub(super) fn type_name(&self) -> TypeName {
        self.table().type_name
    }

    /// Whether there is anything to run when the captures are dropped.
    pub(super) fn needs_drop(&self) -> bool {
        self.table().needs_drop || self.details().is_some()
    }

    fn details(&self) -> Option<&Details<S, P>> {
        match self.description.get() {
            Described::Place(_) => None,
            Described::Details(details) => Some(details),
        }
    }

    pub(crate) fn is_async(&self) -> bool {
        !matches!(self.table().invoke, RawInvoke::Plain(_))
    }

    pub(crate) fn is_blocked(&self) -> bool {
        self.table().state == State::Blocked
    }

    pub(super) fn is_dead(&self) -> bool {
        self.table().state == State::Dead
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
        unsafe { (*self.details()?.conditions.get()).as_ref() }
    }

    /// The code to call. To be loaded after the slot has been written down.
    #[inline(always)]
    pub(super) fn code(&self) -> Code<S, P, O> {
        self.table().code
    }

    fn enter(&self, state: State) {
        let table = (self.table().in_state)(state);
        self.table.store(table.as_ptr(), Ordering::SeqCst);
    }

    /// Holds it back, or has it called again. Under the mutex of the core.
    pub(super) fn set_blocked(&self, is_blocked: bool) {
        if self.is_dead() {
            return;
        }
        self.enter(if is_blocked {
            State::Blocked
        } else {
            self.calling_state()
        });
    }

    /// Has it never called again. Under the mutex of the core; a heavy barrier must follow.
    pub(super) fn kill(&self) {
        self.enter(State::Dead);
    }

    /// The state in which it is called.
    fn calling_state(&self) -> State {
        // SAFETY: the slot is not dead, and only killed under the mutex that the caller holds.
        match unsafe { self.conditions() } {
            // A send calls nobody who is bound to another sender, so that need not be asked again.
            Some(conditions) if !conditions.is_sender_only() => State::Guarded,
            _ => State::Live,
        }
    }

    /// Holds it for a call, other than by a frame.
    ///
    /// # Panics
    ///
    /// If it is held by millions of calls, which its count has no room for.
    pub(super) fn pin(&self) {
        let before = self.ticket.fetch_add(1, Ordering::SeqCst) & PINS;
        if before > PINS / 2 {
            self.ticket.fetch_sub(1, Ordering::SeqCst);
            panic!("one receiver is called more than {before} times at once");
        }
    }

    /// Gives a pin back. After this the slot may be gone.
    pub(super) fn unpin(&self) {
        self.ticket.fetch_sub(1, Ordering::SeqCst);
    }

    pub(super) fn is_pinned(&self) -> bool {
        self.ticket.load(Ordering::SeqCst) & PINS > 0
    }

    /// # Safety
    ///
    /// Once, when nobody uses the captures and nobody can begin to.
    pub(super) unsafe fn drop_captures(slot: NonNull<Self>) {
        // SAFETY: the slot's memory is live; see above for the rest.
        unsafe {
            if let Some(details) = slot.as_ref().details() {
                drop_quietly((*details.conditions.get()).take());
            }
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
    sink.ran -= 1;
}

/// Asks the conditions before the receiver.
pub(super) unsafe fn guarded<S: ?Sized, P: ?Sized, O>(
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
                sink.shared.disconnect_one(this.id());
            }
            // SAFETY: as above.
            unsafe { (this.table().receiver)(slot, sender, payload, sink) };
            drop_quietly(admitted.keep);
        }
        Ok(Err(skip)) => {
            sink.ran -= 1;
            if matches!(skip, Skip::OwnerGone) {
                sink.shared.disconnect_one(this.id());
            }
        }
        Err(failure) => sink.push(slot, Err(failure)),
    }
}
