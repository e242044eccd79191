//! The kinds of receivers: plain functions, async functions and closures of both kinds.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::answer::{IntoAnswer, Verdict};
use crate::engine::{self, Code};

/// A receiver's future.
pub(crate) type Answering<'a, O> = Pin<Box<dyn Answers<O> + Send + 'a>>;

/// A future with its return type made uniform. Another future around it would hold it twice, to move it once more.
pub(crate) trait Answers<O> {
    fn poll_verdict(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Verdict<O>>;
}

impl<O, F: Future<Output: IntoAnswer<O>>> Answers<O> for F {
    fn poll_verdict(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Verdict<O>> {
        self.poll(cx).map(IntoAnswer::into_answer)
    }
}

/// The kind of a receiver that is a plain function returning `R`.
#[derive(Debug)]
pub struct Plain<R>(std::convert::Infallible, std::marker::PhantomData<R>);

/// The kind of a receiver that a [`Signal`](crate::Signal) runs. Only [`Plain`] implements it.
///
/// A helper of [`Receive`] that tells the compiler the signature of a closure.
pub trait PlainKind: sealed::Sealed {
    /// The type that the receiver returns.
    type Returned;
}

impl<R> PlainKind for Plain<R> {
    type Returned = R;
}

/// The kind of a receiver that is an async function, or a function that returns a future.
#[derive(Debug)]
pub enum Async {}

/// A plain function of the sender and the payload, for [`Signal::connect`](crate::Signal::connect).
///
/// Implemented for every `Fn(&S, &P) -> R` that is `Send + Sync + 'static`, where `R` is a type that a
/// receiver may return (see [`IntoAnswer`]). `M` is the kind of the receiver, and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot receive this signal",
    label = "not a receiver of this signal",
    note = "a receiver is a plain `fn(&{S}, &{P})` or a closure `|sender, payload| …`",
    note = "a receiver returns nothing, an `Option` of the signal's outcome `{O}`, or a `Result` with one of these; if the outcome is `Infallible`, it returns nothing or a `Result` with nothing",
    note = "the error of a `Result` is `Send + Sync`, such as `Box<dyn Error + Send + Sync>`",
    note = "an async function needs an `AsyncSignal`"
)]
pub trait Receive<S: ?Sized, P: ?Sized, O, M: PlainKind>: Fn(&S, &P) -> M::Returned {
    #[doc(hidden)]
    fn into_receivable(self) -> Receivable<S, P, O>;
}

/// A plain or an async function of the sender and the payload, for
/// [`AsyncSignal::connect`](crate::AsyncSignal::connect).
///
/// Implemented for everything that [`Receive`] is implemented for, for every `async fn(&S, &P) -> R`,
/// and for every closure that returns a future of such an `R`. The future must be `Send`; it may borrow
/// both arguments. `M` is the kind of the receiver, and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot receive this signal",
    label = "not a receiver of this signal",
    note = "a receiver is a `fn` or `async fn` of `(&{S}, &{P})`, or a closure `|sender: &{S}, payload: &{P}| …` with both types written out",
    note = "a receiver returns nothing, an `Option` of the signal's outcome `{O}`, or a `Result` with one of these; if the outcome is `Infallible`, it returns nothing or a `Result` with nothing",
    note = "the error of a `Result` is `Send + Sync`, such as `Box<dyn Error + Send + Sync>`",
    note = "an async receiver must be `Send` across every `.await`; an `async` closure may capture nothing: let the signal lend it what it needs, `connect_with(Arc::new(state), async |state: &State, sender: &{S}, payload: &{P}| …)`"
)]
pub trait ReceiveAsync<S: ?Sized, P: ?Sized, O, M> {
    #[doc(hidden)]
    fn into_receivable(self) -> Receivable<S, P, O>;
}

/// An async function, for one lifetime of its arguments.
///
/// A helper of [`ReceiveAsync`]: `for<'a> AsyncCall<'a, S, P, O>` says that the future may borrow what it
/// is called with. Implemented for every function that fits.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an async receiver of this signal",
    label = "not an `async fn(&{S}, &{P})` whose future is `Send`"
)]
pub trait AsyncCall<'a, S: ?Sized + 'a, P: ?Sized + 'a, O>:
    Fn(&'a S, &'a P) -> Self::Future
{
    /// The type that the future returns.
    type Answer: IntoAnswer<O>;
    /// The future of one call.
    type Future: Future<Output = Self::Answer> + Send + 'a;
}

impl<'a, S, P, O, F, Fut> AsyncCall<'a, S, P, O> for F
where
    S: ?Sized + 'a,
    P: ?Sized + 'a,
    F: Fn(&'a S, &'a P) -> Fut,
    Fut: Future + Send + 'a,
    Fut::Output: IntoAnswer<O>,
{
    type Answer = Fut::Output;
    type Future = Fut;
}

/// A receiver in the form in which a signal keeps it, opaque outside of this crate.
pub struct Receivable<S: ?Sized, P: ?Sized, O>(pub(crate) Code<S, P, O>);

impl<S, P, O, F, R> Receive<S, P, O, Plain<R>> for F
where
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    F: Fn(&S, &P) -> R + Send + Sync + 'static,
    R: IntoAnswer<O> + 'static,
{
    fn into_receivable(self) -> Receivable<S, P, O> {
        Receivable(engine::plain(self))
    }
}

impl<S, P, O, F, R> ReceiveAsync<S, P, O, Plain<R>> for F
where
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    F: Fn(&S, &P) -> R + Send + Sync + 'static,
    R: IntoAnswer<O> + 'static,
{
    fn into_receivable(self) -> Receivable<S, P, O> {
        Receivable(engine::plain(self))
    }
}

impl<S, P, O, F> ReceiveAsync<S, P, O, Async> for F
where
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    F: for<'a> AsyncCall<'a, S, P, O> + Send + Sync + 'static,
{
    fn into_receivable(self) -> Receivable<S, P, O> {
        Receivable(engine::future(self))
    }
}

mod sealed {
    /// Keeps the list of kinds closed.
    pub trait Sealed {}

    impl<R> Sealed for super::Plain<R> {}
}
