//! Receivers before they are connected, and what each kind of them is made of.

use std::any::type_name;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, needs_drop};
use std::panic::Location;
use std::ptr::NonNull;

use super::description::Details;
use super::sink::Sink;
use super::slot::{Code, Full, RawInvoke, Slot, State, Table, guarded, idle};
use crate::answer::{IntoAnswer, Verdict};
use crate::detach::{Launch, Report};
use crate::failure::{caught, drop_quietly};
use crate::info::TypeName;
use crate::receive::{Answering, AsyncCall};

/// A receiver that is in no list yet.
pub(crate) struct Unplugged<S: ?Sized, P: ?Sized, O> {
    slot: NonNull<Slot<S, P, O>>,
}

// SAFETY: what a slot owns (the receiver, its conditions, its description) is `Send + Sync` by the bounds
// of the constructors and of the closures in `Conditions`. `S`, `P` and `O` occur in arguments only.
unsafe impl<S: ?Sized, P: ?Sized, O> Send for Unplugged<S, P, O> {}
// SAFETY: as above.
unsafe impl<S: ?Sized, P: ?Sized, O> Sync for Unplugged<S, P, O> {}

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Unplugged<S, P, O> {
    /// A plain function or closure.
    pub(crate) fn plain<F, R>(receiver: F) -> Self
    where
        F: Fn(&S, &P) -> R + Send + Sync + 'static,
        R: IntoAnswer<O>,
    {
        Self::of::<Plain<F, R>>(receiver)
    }

    /// An async function, or a closure that returns a future.
    pub(crate) fn future<F>(receiver: F) -> Self
    where
        F: for<'a> AsyncCall<'a, S, P, O> + Send + Sync + 'static,
    {
        Self::of::<Future<F>>(receiver)
    }

    /// A closure that starts a receiver and returns the future of its verdict.
    #[cfg(feature = "tokio")]
    pub(crate) fn starting<F>(receiver: F) -> Self
    where
        F: for<'a> Fn(&'a S, &'a P) -> Answering<'a, O> + Send + Sync + 'static,
    {
        Self::of::<Starting<F>>(receiver)
    }

    /// A receiver that is launched into the background.
    pub(crate) fn detached(launch: Launch<S, P>) -> Self {
        Self::of::<Detached>(launch)
    }

    fn of<K: Kind<S, P, O>>(receiver: K::Receiver) -> Self {
        let full = Box::new(Full {
            // SAFETY: the tables are constants.
            slot: unsafe { Slot::new(table::<S, P, O, K>(State::Live)) },
            receiver: ManuallyDrop::new(receiver),
        });
        // The pointer keeps its right to the whole block; a reference to the header would not.
        let slot = NonNull::from(Box::leak(full)).cast();
        Self { slot }
    }
}

impl<S: ?Sized, P: ?Sized, O> Unplugged<S, P, O> {
    /// Starts it, if it is async.
    pub(crate) fn start<'a>(&self, sender: &'a S, payload: &'a P) -> Option<Answering<'a, O>> {
        // SAFETY: an unplugged slot is ours alone, and lives until `self` is dropped.
        match unsafe { self.slot.as_ref() }.invoke() {
            // SAFETY: as above.
            RawInvoke::Async(start) => Some(unsafe { start(self.slot, sender, payload) }),
            RawInvoke::Plain(_) | RawInvoke::Detached(_) => None,
        }
    }

    /// Says where it is connected, if there is no more to say.
    pub(crate) fn set_place(&mut self, place: &'static Location<'static>) {
        self.head().set_place(place);
    }

    /// Says all about it.
    pub(crate) fn set_details(&mut self, details: Box<Details<S, P>>) {
        self.head().set_details(details);
    }

    pub(super) fn set_sequence(&mut self, sequence: u64) {
        self.head().set_sequence(sequence);
    }

    fn head(&mut self) -> &mut Slot<S, P, O> {
        // SAFETY: nobody else knows the slot yet. The reference covers the header only.
        unsafe { self.slot.as_mut() }
    }

    pub(crate) fn type_name(&self) -> TypeName {
        self.slot().type_name()
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

/// What one kind of receiver is made of.
trait Kind<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> {
    /// Its own code and captures.
    type Receiver;
    const CODE: Code<S, P, O>;
    const INVOKE: RawInvoke<S, P, O>;

    const LIVE: Table<S, P, O> = table_of::<S, P, O, Self>(State::Live, Self::CODE);
    const GUARDED: Table<S, P, O> = table_of::<S, P, O, Self>(State::Guarded, guarded);
    const BLOCKED: Table<S, P, O> = table_of::<S, P, O, Self>(State::Blocked, idle);
    const DEAD: Table<S, P, O> = table_of::<S, P, O, Self>(State::Dead, idle);
}

const fn table_of<S, P, O, K>(state: State, code: Code<S, P, O>) -> Table<S, P, O>
where
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    K: Kind<S, P, O> + ?Sized,
{
    Table {
        code,
        state,
        in_state: table::<S, P, O, K>,
        receiver: K::CODE,
        invoke: K::INVOKE,
        drop_captures: drop_captures::<S, P, O, K::Receiver>,
        free: free::<S, P, O, K::Receiver>,
        needs_drop: needs_drop::<K::Receiver>(),
        type_name: type_name::<K::Receiver>,
    }
}

fn table<S, P, O, K>(state: State) -> NonNull<Table<S, P, O>>
where
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    K: Kind<S, P, O> + ?Sized,
{
    let table: &'static Table<S, P, O> = match state {
        State::Live => &K::LIVE,
        State::Guarded => &K::GUARDED,
        State::Blocked => &K::BLOCKED,
        State::Dead => &K::DEAD,
    };
    NonNull::from(table)
}

struct Plain<F, R>(PhantomData<(F, R)>);

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static, F, R> Kind<S, P, O> for Plain<F, R>
where
    F: Fn(&S, &P) -> R,
    R: IntoAnswer<O>,
{
    type Receiver = F;
    const CODE: Code<S, P, O> = run_plain::<S, P, O, F, R>;
    const INVOKE: RawInvoke<S, P, O> = RawInvoke::Plain(call_plain::<S, P, O, F, R>);
}

struct Future<F>(PhantomData<F>);

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static, F> Kind<S, P, O> for Future<F>
where
    F: for<'a> AsyncCall<'a, S, P, O>,
{
    type Receiver = F;
    const CODE: Code<S, P, O> = idle;
    const INVOKE: RawInvoke<S, P, O> = RawInvoke::Async(start_future::<S, P, O, F>);
}

#[cfg(feature = "tokio")]
struct Starting<F>(PhantomData<F>);

#[cfg(feature = "tokio")]
impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static, F> Kind<S, P, O> for Starting<F>
where
    F: for<'a> Fn(&'a S, &'a P) -> Answering<'a, O>,
{
    type Receiver = F;
    const CODE: Code<S, P, O> = idle;
    const INVOKE: RawInvoke<S, P, O> = RawInvoke::Async(start::<S, P, O, F>);
}

struct Detached;

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Kind<S, P, O> for Detached {
    type Receiver = Launch<S, P>;
    const CODE: Code<S, P, O> = idle;
    const INVOKE: RawInvoke<S, P, O> = RawInvoke::Detached(launch::<S, P, O>);
}

/// # Safety
///
/// See [`Code`]; the slot was made of an `F`.
unsafe fn call_plain<S: ?Sized, P: ?Sized, O, F, R>(
    slot: NonNull<Slot<S, P, O>>,
    sender: &S,
    payload: &P,
) -> Verdict<O>
where
    F: Fn(&S, &P) -> R,
    R: IntoAnswer<O>,
{
    // SAFETY: see above.
    let receiver = unsafe { captures::<S, P, O, F>(slot) };
    caught(|| receiver(sender, payload).into_answer()).unwrap_or_else(Err)
}

/// # Safety
///
/// See [`Code`]; the slot was made of an `F`.
unsafe fn run_plain<S: ?Sized, P: ?Sized, O, F, R>(
    slot: NonNull<Slot<S, P, O>>,
    sender: &S,
    payload: &P,
    sink: &mut Sink<'_, S, P, O>,
) where
    F: Fn(&S, &P) -> R,
    R: IntoAnswer<O>,
{
    // SAFETY: see above.
    match unsafe { call_plain::<S, P, O, F, R>(slot, sender, payload) } {
        // Every arm takes its value apart, so that nothing is left to drop on the common way.
        Ok(None) => {}
        Ok(Some(outcome)) => sink.push(slot, Ok(Some(outcome))),
        Err(failure) => sink.push(slot, Err(failure)),
    }
}

/// # Safety
///
/// See [`Code`]; the slot was made of an `F`.
unsafe fn start_future<'a, S: ?Sized, P: ?Sized, O, F>(
    slot: NonNull<Slot<S, P, O>>,
    sender: &'a S,
    payload: &'a P,
) -> Answering<'a, O>
where
    F: for<'b> AsyncCall<'b, S, P, O>,
{
    // SAFETY: see above. The future does not borrow from the receiver.
    let receiver = unsafe { captures::<S, P, O, F>(slot) };
    let answering = receiver(sender, payload);
    Box::pin(async move { answering.await.into_answer() })
}

/// # Safety
///
/// See [`Code`]; the slot was made of an `F`.
#[cfg(feature = "tokio")]
unsafe fn start<'a, S: ?Sized, P: ?Sized, O, F>(
    slot: NonNull<Slot<S, P, O>>,
    sender: &'a S,
    payload: &'a P,
) -> Answering<'a, O>
where
    F: for<'b> Fn(&'b S, &'b P) -> Answering<'b, O>,
{
    // SAFETY: see above.
    unsafe { captures::<S, P, O, F>(slot)(sender, payload) }
}

/// # Safety
///
/// See [`Code`]; the slot was made of a `Launch`.
unsafe fn launch<S: ?Sized, P: ?Sized, O>(
    slot: NonNull<Slot<S, P, O>>,
    sender: &S,
    payload: &P,
    report: Report,
) {
    // SAFETY: see above.
    unsafe { captures::<S, P, O, Launch<S, P>>(slot)(sender, payload, report) }
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
