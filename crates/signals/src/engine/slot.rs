//! A receiver in memory: a header that all receivers of a signal share, and its own code and captures.

use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, transmute};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};

use super::list::List;
use crate::answer::{Answer, IntoAnswer, Verdict};
use crate::conditions::{Conditions, Skip};
use crate::detach::{Launch, Report};
use crate::failure::{caught, drop_quietly};
use crate::info::{Meta, ReceiverInfo};
use crate::outcomes::Outcomes;
use crate::receive::{Answering, AsyncCall};

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
struct Table<S: ?Sized, P: ?Sized, O> {
    code: Code<S, P, O>,
    invoke: RawInvoke<S, P, O>,
    drop_captures: unsafe fn(NonNull<Slot<S, P, O>>),
    free: unsafe fn(NonNull<Slot<S, P, O>>),
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
    /// The hash of the sender it is bound to, for the index.
    pub(crate) bound: Option<u64>,
    /// Whether what it is tied to may go.
    pub(crate) is_tied: bool,
}

/// Tells a slot from all others there ever were in its signal.
#[derive(Clone, Copy, PartialEq, Eq)]
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
    state: AtomicU8,
    /// Calls that hold it other than by a frame.
    pub(super) pins: AtomicUsize,
    table: Table<S, P, O>,
    head: Option<Head>,
    /// Dropped with the captures.
    conditions: UnsafeCell<Option<Box<Conditions<S, P>>>>,
}

/// One block of memory for a receiver of type `F`.
#[repr(C)]
struct Full<S: ?Sized, P: ?Sized, O, F> {
    slot: Slot<S, P, O>,
    receiver: ManuallyDrop<F>,
}

impl<S: ?Sized, P: ?Sized, O> Slot<S, P, O> {
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
        !matches!(self.table.invoke, RawInvoke::Plain(_))
    }

    pub(crate) fn is_blocked(&self) -> bool {
        self.state.load(Ordering::Acquire) == BLOCKED
    }

    pub(super) fn is_dead(&self) -> bool {
        self.state.load(Ordering::Acquire) == DEAD
    }

    pub(super) fn invoke(&self) -> &RawInvoke<S, P, O> {
        &self.table.invoke
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
            None => self.table.code,
        }
    }

    /// # Safety
    ///
    /// Once, when nobody uses the captures and nobody can begin to.
    pub(super) unsafe fn drop_captures(slot: NonNull<Self>) {
        // SAFETY: the slot's memory is live; see above for the rest.
        unsafe {
            drop_quietly((*slot.as_ref().conditions.get()).take());
            (slot.as_ref().table.drop_captures)(slot);
        }
    }

    /// # Safety
    ///
    /// Once, after `drop_captures`, when nobody can reach the slot.
    pub(super) unsafe fn free(slot: NonNull<Self>) {
        // SAFETY: the slot's memory is live; see above for the rest.
        unsafe { (slot.as_ref().table.free)(slot) }
    }
}

/// Does nothing: the receiver is blocked or gone.
unsafe fn idle<S: ?Sized, P: ?Sized, O>(
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
                (sink.disconnect)(this.id());
            }
            // SAFETY: as above.
            unsafe { (this.table.code)(slot, sender, payload, sink) };
            drop_quietly(admitted.keep);
        }
        Ok(Err(skip)) => {
            sink.skipped += 1;
            if matches!(skip, Skip::OwnerGone) {
                (sink.disconnect)(this.id());
            }
        }
        Err(failure) => sink.push(slot, Err(failure)),
    }
}

/// Where a send's answers go.
pub(crate) struct Sink<'a, S: ?Sized, P: ?Sized, O> {
    list: &'a List<S, P, O>,
    outcomes: &'a mut Outcomes<O>,
    /// Where in the list the last answer came from: the next comes from behind it.
    hint: usize,
    skipped: usize,
    disconnect: &'a dyn Fn(SlotId),
}

impl<'a, S: ?Sized, P: ?Sized, O> Sink<'a, S, P, O> {
    pub(super) const fn new(
        list: &'a List<S, P, O>,
        outcomes: &'a mut Outcomes<O>,
        disconnect: &'a dyn Fn(SlotId),
    ) -> Self {
        Self {
            list,
            outcomes,
            hint: 0,
            skipped: 0,
            disconnect,
        }
    }

    /// How many of those called did not run.
    pub(super) const fn skipped(&self) -> usize {
        self.skipped
    }

    /// Takes in an outcome or a failure. Cold, so that receivers with nothing to say stay small.
    #[cold]
    #[inline(never)]
    fn push(&mut self, slot: NonNull<Slot<S, P, O>>, verdict: Verdict<O>) {
        self.hint = self.list.position_from(self.hint, slot);
        // SAFETY: whoever runs the slot keeps it.
        let meta = unsafe { Arc::clone(&slot.as_ref().head().meta) };
        let receiver = ReceiverInfo::new(meta, self.hint);
        self.outcomes.note(Answer::new(receiver, verdict));
    }
}

/// A receiver that is in no list yet.
pub(crate) struct Unplugged<S: ?Sized, P: ?Sized, O> {
    slot: NonNull<Slot<S, P, O>>,
}

// SAFETY: what a slot owns (the receiver, its conditions, its description) is `Send + Sync` by the bounds
// of the constructors and of the closures in `Conditions`. `S`, `P` and `O` occur in arguments only.
unsafe impl<S: ?Sized, P: ?Sized, O> Send for Unplugged<S, P, O> {}
// SAFETY: as above.
unsafe impl<S: ?Sized, P: ?Sized, O> Sync for Unplugged<S, P, O> {}

impl<S: ?Sized, P: ?Sized, O> Unplugged<S, P, O> {
    /// A plain function or closure.
    pub(crate) fn plain<F, R>(receiver: F) -> Self
    where
        F: Fn(&S, &P) -> R + Send + Sync + 'static,
        R: IntoAnswer<O>,
    {
        unsafe fn call<S: ?Sized, P: ?Sized, O, F: Fn(&S, &P) -> R, R: IntoAnswer<O>>(
            slot: NonNull<Slot<S, P, O>>,
            sender: &S,
            payload: &P,
        ) -> Verdict<O> {
            // SAFETY: see `Code`; the slot was made of an `F`.
            let receiver = unsafe { captures::<S, P, O, F>(slot) };
            caught(|| receiver(sender, payload).into_answer()).unwrap_or_else(Err)
        }

        unsafe fn run<S: ?Sized, P: ?Sized, O, F: Fn(&S, &P) -> R, R: IntoAnswer<O>>(
            slot: NonNull<Slot<S, P, O>>,
            sender: &S,
            payload: &P,
            sink: &mut Sink<'_, S, P, O>,
        ) {
            // SAFETY: the same is asked of our caller.
            match unsafe { call::<S, P, O, F, R>(slot, sender, payload) } {
                // Every arm takes its value apart, so that nothing is left to drop on the common way.
                Ok(None) => {}
                Ok(Some(outcome)) => sink.push(slot, Ok(Some(outcome))),
                Err(failure) => sink.push(slot, Err(failure)),
            }
        }

        Self::of(
            receiver,
            run::<S, P, O, F, R>,
            RawInvoke::Plain(call::<S, P, O, F, R>),
        )
    }

    /// An async function, or a closure that returns a future.
    pub(crate) fn future<F>(receiver: F) -> Self
    where
        F: for<'a> AsyncCall<'a, S, P, O> + Send + Sync + 'static,
    {
        unsafe fn start<'a, S, P, O, F>(
            slot: NonNull<Slot<S, P, O>>,
            sender: &'a S,
            payload: &'a P,
        ) -> Answering<'a, O>
        where
            S: ?Sized,
            P: ?Sized,
            F: for<'b> AsyncCall<'b, S, P, O>,
        {
            // SAFETY: see `Code`; the slot was made of an `F`. The future does not borrow from it.
            let receiver = unsafe { captures::<S, P, O, F>(slot) };
            let answering = receiver(sender, payload);
            Box::pin(async move { answering.await.into_answer() })
        }

        Self::of(receiver, idle, RawInvoke::Async(start::<S, P, O, F>))
    }

    /// A closure that starts a receiver and returns the future of its verdict.
    #[cfg(feature = "tokio")]
    pub(crate) fn starting<F>(receiver: F) -> Self
    where
        F: for<'a> Fn(&'a S, &'a P) -> Answering<'a, O> + Send + Sync + 'static,
    {
        unsafe fn start<'a, S, P, O, F>(
            slot: NonNull<Slot<S, P, O>>,
            sender: &'a S,
            payload: &'a P,
        ) -> Answering<'a, O>
        where
            S: ?Sized,
            P: ?Sized,
            F: for<'b> Fn(&'b S, &'b P) -> Answering<'b, O>,
        {
            // SAFETY: see `Code`; the slot was made of an `F`.
            unsafe { captures::<S, P, O, F>(slot)(sender, payload) }
        }

        Self::of(receiver, idle, RawInvoke::Async(start::<S, P, O, F>))
    }

    /// A receiver that is launched into the background.
    pub(crate) fn detached(launch: Launch<S, P>) -> Self {
        unsafe fn launched<S: ?Sized, P: ?Sized, O>(
            slot: NonNull<Slot<S, P, O>>,
            sender: &S,
            payload: &P,
            report: Report,
        ) {
            // SAFETY: see `Code`; the slot was made of a `Launch`.
            unsafe { captures::<S, P, O, Launch<S, P>>(slot)(sender, payload, report) }
        }

        Self::of(launch, idle, RawInvoke::Detached(launched::<S, P, O>))
    }

    fn of<F>(receiver: F, code: Code<S, P, O>, invoke: RawInvoke<S, P, O>) -> Self {
        let full = Box::new(Full {
            slot: Slot {
                code: AtomicPtr::new(code as *mut ()),
                state: AtomicU8::new(LIVE),
                pins: AtomicUsize::new(0),
                table: Table {
                    code,
                    invoke,
                    drop_captures: drop_captures::<S, P, O, F>,
                    free: free::<S, P, O, F>,
                },
                head: None,
                conditions: UnsafeCell::new(None),
            },
            receiver: ManuallyDrop::new(receiver),
        });
        // The pointer keeps its right to the whole block; a reference to the header would not.
        let slot = NonNull::from(Box::leak(full)).cast();
        Self { slot }
    }

    /// Starts it, if it is async.
    pub(crate) fn start<'a>(&self, sender: &'a S, payload: &'a P) -> Option<Answering<'a, O>> {
        // SAFETY: an unplugged slot is ours alone, and lives until `self` is dropped.
        match unsafe { self.slot.as_ref() }.invoke() {
            // SAFETY: as above.
            RawInvoke::Async(start) => Some(unsafe { start(self.slot, sender, payload) }),
            RawInvoke::Plain(_) | RawInvoke::Detached(_) => None,
        }
    }

    /// Completes it.
    pub(crate) fn describe(&mut self, head: Head, conditions: Option<Box<Conditions<S, P>>>) {
        // SAFETY: nobody else knows the slot yet. The reference covers the header only and ends here.
        let header = unsafe { self.slot.as_mut() };
        header.head = Some(head);
        *header.conditions.get_mut() = conditions;
        if !header.is_async() {
            header.set_code(header.live_code());
        }
    }

    pub(crate) fn slot(&self) -> &Slot<S, P, O> {
        // SAFETY: an unplugged slot lives until `self` is dropped.
        unsafe { self.slot.as_ref() }
    }

    pub(super) fn as_ptr(&self) -> NonNull<Slot<S, P, O>> {
        self.slot
    }

    /// Leaves the slot to the caller.
    pub(super) fn into_ptr(self) -> NonNull<Slot<S, P, O>> {
        ManuallyDrop::new(self).slot
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Unplugged<S, P, O> {
    fn drop(&mut self) {
        // SAFETY: nobody else knows the slot.
        unsafe {
            Slot::drop_captures(self.slot);
            Slot::free(self.slot);
        }
    }
}

/// # Safety
///
/// The slot was made of an `F`, and its captures are kept from being dropped for as long as `'a`.
unsafe fn captures<'a, S: ?Sized, P: ?Sized, O, F>(slot: NonNull<Slot<S, P, O>>) -> &'a F {
    // SAFETY: see above; `Full` begins with its slot.
    unsafe { &(*slot.cast::<Full<S, P, O, F>>().as_ptr()).receiver }
}

/// # Safety
///
/// See [`Table`]; the slot was made of an `F`.
unsafe fn drop_captures<S: ?Sized, P: ?Sized, O, F>(slot: NonNull<Slot<S, P, O>>) {
    // SAFETY: see above. Taken out first, so that a panic in it is caught with nothing borrowed.
    let receiver =
        unsafe { ManuallyDrop::take(&mut (*slot.cast::<Full<S, P, O, F>>().as_ptr()).receiver) };
    drop_quietly(receiver);
}

/// # Safety
///
/// See [`Table`]; the slot was made of an `F`.
unsafe fn free<S: ?Sized, P: ?Sized, O, F>(slot: NonNull<Slot<S, P, O>>) {
    // SAFETY: see above; the block was made by `Box`, and its receiver is a `ManuallyDrop`.
    drop(unsafe { Box::from_raw(slot.cast::<Full<S, P, O, F>>().as_ptr()) });
}
