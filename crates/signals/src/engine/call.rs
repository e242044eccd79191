//! The kinds of receivers, and how each is called.

use std::any::type_name;
use std::marker::PhantomData;
use std::mem::needs_drop;
use std::panic::Location;
use std::sync::Arc;

use super::sink::Sink;
use super::slot::{Details, Slot, SlotRef};
use crate::answer::IntoAnswer;
use crate::detach::{Launch, Report};
use crate::failure::drop_quietly;
use crate::info::TypeName;
use crate::receive::{Answering, AsyncCall};

/// How a receiver is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// [`Call::call`]
    Plain,
    /// [`Call::start`]
    Async,
    /// [`Call::launch`]
    Detached,
}

/// A receiver's own code. Which of the methods does anything is said by its [`Kind`].
pub(crate) trait Call<S: ?Sized, P: ?Sized, O>: Release + Send + Sync {
    fn kind(&self) -> Kind;

    fn type_name(&self) -> TypeName;

    /// Runs it. A sink hears only of what is not nothing, so that a silent receiver costs no more than its call.
    fn call(&self, _sender: &S, _payload: &P, _sink: &mut Sink<'_, S, P, O>) {}

    /// Begins it, and returns what is to be polled to its end.
    fn start<'a>(&self, _sender: &'a S, _payload: &'a P) -> Answering<'a, O> {
        Box::pin(async { Ok(None) })
    }

    /// Has it run in the background.
    fn launch(&self, _sender: &S, _payload: &P, _report: Report) {}
}

/// Drops what a receiver has captured, before it goes itself.
pub(crate) trait Release {
    fn release(&mut self) {}
}

/// A receiver that is in no list yet.
pub(crate) struct Unplugged<S: ?Sized, P: ?Sized, O>(pub(super) SlotRef<S, P, O>);

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Unplugged<S, P, O> {
    /// A plain function or closure.
    pub(crate) fn plain<F, R>(receiver: F) -> Self
    where
        F: Fn(&S, &P) -> R + Send + Sync + 'static,
        R: IntoAnswer<O> + 'static,
    {
        if needs_drop::<F>() {
            return Self::of(Plain::<Captured<F>, R>(
                Captured(Some(receiver)),
                PhantomData,
            ));
        }
        Self::of(Plain::<Copied<F>, R>(Copied(receiver), PhantomData))
    }

    /// An async function, or a closure that returns a future.
    pub(crate) fn future<F>(receiver: F) -> Self
    where
        F: for<'a> AsyncCall<'a, S, P, O> + Send + Sync + 'static,
    {
        Self::of(Future(Captured(Some(receiver))))
    }

    /// A closure that starts a receiver and returns the future of its verdict.
    #[cfg(feature = "tokio")]
    pub(crate) fn starting<F>(receiver: F) -> Self
    where
        F: for<'a> Fn(&'a S, &'a P) -> Answering<'a, O> + Send + Sync + 'static,
    {
        Self::of(Starting(Captured(Some(receiver))))
    }

    /// A receiver that is launched into the background.
    pub(crate) fn detached(launch: Launch<S, P>) -> Self {
        Self::of(Detached(Captured(Some(launch))))
    }

    fn of(receiver: impl Call<S, P, O> + 'static) -> Self {
        Self(Arc::new(Slot::new(receiver)))
    }
}

impl<S: ?Sized, P: ?Sized, O> Unplugged<S, P, O> {
    pub(crate) fn slot(&self) -> &Slot<S, P, O> {
        &self.0
    }

    pub(super) fn slot_mut(&mut self) -> &mut Slot<S, P, O> {
        Arc::get_mut(&mut self.0).expect("only a list shares a slot")
    }

    /// Says where it is connected, if there is no more to say.
    pub(crate) fn set_place(&mut self, place: &'static Location<'static>) {
        self.slot_mut().set_place(place);
    }

    /// Says all about it.
    pub(crate) fn set_details(&mut self, details: Box<Details<S, P>>) {
        self.slot_mut().set_details(details);
    }

    pub(crate) fn type_name(&self) -> TypeName {
        self.0.receiver().type_name()
    }
}

/// Holds a receiver.
trait Hold: Release + Send + Sync {
    type Receiver;

    fn get(&self) -> Option<&Self::Receiver>;
}

/// One with something to drop, which is taken out for that: where a panic in it is caught.
struct Captured<F>(Option<F>);

/// One with nothing to drop.
struct Copied<F>(F);

impl<F: Send + Sync> Hold for Captured<F> {
    type Receiver = F;

    #[inline(always)]
    fn get(&self) -> Option<&F> {
        self.0.as_ref()
    }
}

impl<F> Release for Captured<F> {
    fn release(&mut self) {
        drop_quietly(self.0.take());
    }
}

impl<F: Send + Sync> Hold for Copied<F> {
    type Receiver = F;

    #[inline(always)]
    fn get(&self) -> Option<&F> {
        Some(&self.0)
    }
}

impl<F> Release for Copied<F> {}

/// Passes on what a kind has to say of its captures.
macro_rules! release {
    ($($Kind:ident<$($T:ident),+>)*) => {$(
        impl<$($T: Release),+> Release for $Kind<$($T),+> {
            fn release(&mut self) {
                self.0.release();
            }
        }
    )*};
}

struct Plain<H, R>(H, PhantomData<fn() -> R>);
struct Future<H>(H);
#[cfg(feature = "tokio")]
struct Starting<H>(H);
struct Detached<S: ?Sized, P: ?Sized>(Captured<Launch<S, P>>);

release!(Future<H>);
#[cfg(feature = "tokio")]
release!(Starting<H>);

impl<H: Release, R> Release for Plain<H, R> {
    fn release(&mut self) {
        self.0.release();
    }
}

impl<S: ?Sized, P: ?Sized> Release for Detached<S, P> {
    fn release(&mut self) {
        self.0.release();
    }
}

impl<S: ?Sized, P: ?Sized, O, H, R> Call<S, P, O> for Plain<H, R>
where
    H: Hold<Receiver: Fn(&S, &P) -> R>,
    R: IntoAnswer<O>,
{
    fn kind(&self) -> Kind {
        Kind::Plain
    }

    fn type_name(&self) -> TypeName {
        type_name::<H::Receiver>
    }

    fn call(&self, sender: &S, payload: &P, sink: &mut Sink<'_, S, P, O>) {
        let Some(receiver) = self.0.get() else {
            return;
        };
        match receiver(sender, payload).into_answer() {
            // Every arm takes its value apart, so that nothing is left to drop on the common way.
            Ok(None) => {}
            Ok(Some(outcome)) => sink.push(Ok(Some(outcome))),
            Err(failure) => sink.push(Err(failure)),
        }
    }
}

impl<S, P, O, F> Call<S, P, O> for Future<Captured<F>>
where
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    F: for<'a> AsyncCall<'a, S, P, O> + Send + Sync,
{
    fn kind(&self) -> Kind {
        Kind::Async
    }

    fn type_name(&self) -> TypeName {
        type_name::<F>
    }

    fn start<'a>(&self, sender: &'a S, payload: &'a P) -> Answering<'a, O> {
        match self.0.get() {
            None => Box::pin(async { Ok(None) }),
            Some(receiver) => {
                let answering = receiver(sender, payload);
                Box::pin(async move { answering.await.into_answer() })
            }
        }
    }
}

#[cfg(feature = "tokio")]
impl<S, P, O, F> Call<S, P, O> for Starting<Captured<F>>
where
    S: ?Sized,
    P: ?Sized,
    F: for<'a> Fn(&'a S, &'a P) -> Answering<'a, O> + Send + Sync,
{
    fn kind(&self) -> Kind {
        Kind::Async
    }

    fn type_name(&self) -> TypeName {
        type_name::<F>
    }

    fn start<'a>(&self, sender: &'a S, payload: &'a P) -> Answering<'a, O> {
        match self.0.get() {
            None => Box::pin(async { Ok(None) }),
            Some(receiver) => receiver(sender, payload),
        }
    }
}

impl<S: ?Sized, P: ?Sized, O> Call<S, P, O> for Detached<S, P> {
    fn kind(&self) -> Kind {
        Kind::Detached
    }

    fn type_name(&self) -> TypeName {
        type_name::<Launch<S, P>>
    }

    fn launch(&self, sender: &S, payload: &P, report: Report) {
        if let Some(launch) = self.0.get() {
            launch(sender, payload, report);
        }
    }
}
