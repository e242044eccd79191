//! Receivers that are lent a value with each call: methods of a type, and async functions that keep state.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use crate::answer::{Answered, IntoAnswer};
use crate::engine;
use crate::failure::Quietly;
use crate::receive::{Async, Plain, PlainKind, Receivable};

/// A plain function of a state, the sender and the payload, for
/// [`Signal::connect_with`](crate::Signal::connect_with).
///
/// Implemented for every `Fn(&T, &S, &P) -> R` that is `Send + Sync + 'static`, where `R` is a type that a receiver
/// may return (see [`IntoAnswer`]). `M` is the kind of the receiver, and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot receive this signal with a `{T}`",
    label = "not a receiver of this signal with a `{T}`",
    note = "a receiver with a state is a `fn(&{T}, &{S}, &{P})`, such as a method of `{T}`, or a closure `|state, sender, payload| …`",
    note = "a receiver returns nothing, an `Option` of the signal's outcome `{O}`, or a `Result` with one of these; if the outcome is `Infallible`, it returns nothing or a `Result` with nothing",
    note = "an async function needs an `AsyncSignal`"
)]
pub trait ReceiveWith<T: ?Sized, S: ?Sized, P: ?Sized, O, M: PlainKind>:
    Fn(&T, &S, &P) -> M::Returned
{
    #[doc(hidden)]
    fn into_receivable_with(self, state: State<T>) -> Receivable<S, P, O>;
}

/// A plain or an async function of a state, the sender and the payload, for
/// [`AsyncSignal::connect_with`](crate::AsyncSignal::connect_with).
///
/// Implemented for everything that [`ReceiveWith`] is implemented for, for every `async fn(&T, &S, &P) -> R`, and
/// for every closure that returns a future of such an `R`. The future must be `Send`; it may borrow all three
/// arguments. For an async function, `S` and `P` must be `Sync`. `M` is the kind of the receiver, and is always
/// inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot receive this signal with a `{T}`",
    label = "not a receiver of this signal with a `{T}`",
    note = "a receiver with a state is a `fn` or `async fn` of `(&{T}, &{S}, &{P})`, such as a method of `{T}`, or a closure `|state: &{T}, sender: &{S}, payload: &{P}| …` with all types written out",
    note = "a receiver returns nothing, an `Option` of the signal's outcome `{O}`, or a `Result` with one of these; if the outcome is `Infallible`, it returns nothing or a `Result` with nothing",
    note = "the error of a `Result` is `Send + Sync`, such as `Box<dyn Error + Send + Sync>`",
    note = "an async receiver must be `Send` across every `.await`, so `{S}` and `{P}` must be `Sync`"
)]
pub trait ReceiveAsyncWith<T: ?Sized, S: ?Sized, P: ?Sized, O, M> {
    #[doc(hidden)]
    fn into_receivable_with(self, state: State<T>) -> Receivable<S, P, O>;
}

/// An async function of a state, the sender and the payload, for one lifetime of its arguments.
///
/// A helper of [`ReceiveAsyncWith`]: `for<'a> AsyncCallWith<'a, T, S, P, O>` says that the future may borrow what it
/// is called with. Implemented for every function that fits.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an async receiver of this signal",
    label = "not an `async fn(&{T}, &{S}, &{P})` whose future is `Send`"
)]
pub trait AsyncCallWith<'a, T: ?Sized + 'a, S: ?Sized + 'a, P: ?Sized + 'a, O>:
    Fn(&'a T, &'a S, &'a P) -> Self::Future
{
    /// The type that the future returns.
    type Answer: IntoAnswer<O>;
    /// The future of one call.
    type Future: Future<Output = Self::Answer> + Send + 'a;
}

impl<'a, T, S, P, O, F, Fut> AsyncCallWith<'a, T, S, P, O> for F
where
    T: ?Sized + 'a,
    S: ?Sized + 'a,
    P: ?Sized + 'a,
    F: Fn(&'a T, &'a S, &'a P) -> Fut,
    Fut: Future + Send + 'a,
    Fut::Output: IntoAnswer<O>,
{
    type Answer = Fut::Output;
    type Future = Fut;
}

/// The state of a receiver, as the signal keeps it. Opaque outside of this crate.
pub struct State<T: ?Sized>(Hold<T>);

enum Hold<T: ?Sized> {
    /// Quietly: what panics in its destructor is not to meet what panics in that of the handler.
    Strong(Quietly<Arc<T>>),
    Weak(Weak<T>),
}

impl<T: ?Sized> State<T> {
    pub(crate) const fn strong(state: Arc<T>) -> Self {
        Self(Hold::Strong(Quietly(Some(state))))
    }

    pub(crate) fn weak(owner: &Arc<T>) -> Self {
        Self(Hold::Weak(Arc::downgrade(owner)))
    }

    /// Returns the state for the length of one call; `None` if its owner is gone.
    fn get(&self) -> Option<Arc<T>> {
        match &self.0 {
            Hold::Strong(state) => Some(Arc::clone(state.get())),
            Hold::Weak(owner) => owner.upgrade(),
        }
    }
}

impl<T, S, P, O, F, R> ReceiveWith<T, S, P, O, Plain<R>> for F
where
    T: ?Sized + Send + Sync + 'static,
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    F: Fn(&T, &S, &P) -> R + Send + Sync + 'static,
    R: IntoAnswer<O> + 'static,
{
    fn into_receivable_with(self, state: State<T>) -> Receivable<S, P, O> {
        plain(self, state)
    }
}

impl<T, S, P, O, F, R> ReceiveAsyncWith<T, S, P, O, Plain<R>> for F
where
    T: ?Sized + Send + Sync + 'static,
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    F: Fn(&T, &S, &P) -> R + Send + Sync + 'static,
    R: IntoAnswer<O> + 'static,
{
    fn into_receivable_with(self, state: State<T>) -> Receivable<S, P, O> {
        plain(self, state)
    }
}

impl<T, S, P, O, F> ReceiveAsyncWith<T, S, P, O, Async> for F
where
    T: ?Sized + Send + Sync + 'static,
    S: ?Sized + Sync + 'static,
    P: ?Sized + Sync + 'static,
    O: 'static,
    F: for<'a> AsyncCallWith<'a, T, S, P, O> + Send + Sync + 'static,
{
    fn into_receivable_with(self, state: State<T>) -> Receivable<S, P, O> {
        let handler = Arc::new(self);
        Receivable(engine::future(lending(move |sender, payload| {
            // Both are owned by the future, which lends them to the future of the handler.
            let called = state.get().map(|state| (state, Arc::clone(&handler)));
            Box::pin(async move {
                match called {
                    Some((state, handler)) => {
                        Answered(handler(&state, sender, payload).await.into_answer())
                    }
                    None => Answered(Ok(None)),
                }
            })
        })))
    }
}

fn plain<T, S, P, O, F, R>(handler: F, state: State<T>) -> Receivable<S, P, O>
where
    T: ?Sized + Send + Sync + 'static,
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    F: Fn(&T, &S, &P) -> R + Send + Sync + 'static,
    R: IntoAnswer<O> + 'static,
{
    Receivable(match state.0 {
        Hold::Strong(state) => {
            engine::plain(move |sender: &S, payload: &P| handler(state.get(), sender, payload))
        }
        Hold::Weak(owner) => engine::plain(move |sender: &S, payload: &P| {
            let owner = owner.upgrade();
            Answered(owner.map_or(Ok(None), |owner| {
                handler(&owner, sender, payload).into_answer()
            }))
        }),
    })
}

/// The future of one call, with a type that says that it may cross threads.
type Lent<'a, O> = Pin<Box<dyn Future<Output = Answered<O>> + Send + 'a>>;

/// Tells the compiler that a closure borrows from its arguments.
const fn lending<S: ?Sized, P: ?Sized, O, F>(f: F) -> F
where
    F: for<'a> Fn(&'a S, &'a P) -> Lent<'a, O>,
{
    f
}
