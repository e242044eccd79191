//! What a receiver may return, and how each of those becomes one answer.

use std::error::Error;

use crate::failure::Failure;
use crate::info::ReceiverInfo;

/// What one call of one receiver came to: an outcome, nothing, or a failure.
pub(crate) type Verdict<O> = Result<Option<O>, Failure>;

/// What one receiver answered, and which receiver it was.
#[derive(Debug)]
pub struct Answer<O> {
    receiver: ReceiverInfo,
    verdict: Verdict<O>,
}

impl<O> Answer<O> {
    pub(crate) const fn new(receiver: ReceiverInfo, verdict: Verdict<O>) -> Self {
        Self { receiver, verdict }
    }

    /// Returns the receiver that gave this answer.
    pub const fn receiver(&self) -> &ReceiverInfo {
        &self.receiver
    }

    /// Returns the answer itself: `Ok(None)` if the receiver had nothing to say.
    pub const fn result(&self) -> Result<Option<&O>, &Failure> {
        match &self.verdict {
            Ok(outcome) => Ok(outcome.as_ref()),
            Err(failure) => Err(failure),
        }
    }

    /// Returns the outcome, if the receiver answered with one.
    pub const fn outcome(&self) -> Option<&O> {
        match &self.verdict {
            Ok(outcome) => outcome.as_ref(),
            Err(_) => None,
        }
    }

    /// Returns the failure, if the receiver failed.
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.verdict {
            Ok(_) => None,
            Err(failure) => Some(failure),
        }
    }

    /// Turns the answer into the result that it holds.
    pub fn into_result(self) -> Result<Option<O>, Failure> {
        self.verdict
    }

    /// Turns the answer into its outcome. A failure is dropped.
    pub fn into_outcome(self) -> Option<O> {
        self.verdict.ok().flatten()
    }

    pub(crate) fn into_parts(self) -> (ReceiverInfo, Verdict<O>) {
        (self.receiver, self.verdict)
    }
}

/// What a receiver may return: `()`, `Option<O>`, `Result<(), E>` or `Result<Option<O>, E>`.
///
/// A receiver that sends another signal may also return what came of that: an [`Answer<O>`](Answer), or
/// [`Outcomes<O>`](crate::Outcomes), of which it hands on the [result](crate::Outcomes::into_result).
///
/// `E` is any error that is `Send + Sync + 'static`: a type that implements [`std::error::Error`], a `String`, a
/// `&str`, a `Box<dyn Error + Send + Sync>`. A `Box<dyn Error>` is not, because it may hold an error that must stay
/// on its thread.
///
/// If the outcome of a signal is [`Infallible`](std::convert::Infallible), its receivers do not answer: they return
/// `()` or `Result<(), E>`.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "a receiver of this signal may not return `{Self}`",
    label = "this receiver returns `{Self}`",
    note = "a receiver may return `()`, `Option<{O}>`, `Result<(), E>` or `Result<Option<{O}>, E>`",
    note = "`E` is an error that is `Send + Sync + 'static`, such as `Box<dyn Error + Send + Sync>`, a `String` or a `&str`",
    note = "if the signal's outcome is `Infallible`, its receivers do not answer: they return `()` or `Result<(), E>`",
    note = "an async function needs an `AsyncSignal`, and what its future gives is one of these"
)]
pub trait IntoAnswer<O>: sealed::Sealed<O> {
    /// Turns the returned value into an outcome, nothing, or a failure.
    fn into_answer(self) -> Result<Option<O>, Failure>;
}

impl<O> IntoAnswer<O> for () {
    fn into_answer(self) -> Verdict<O> {
        Ok(None)
    }
}

impl<O> IntoAnswer<O> for Option<O> {
    fn into_answer(self) -> Verdict<O> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<O, E: Into<Box<dyn Error + Send + Sync>>> IntoAnswer<O> for Result<(), E> {
    fn into_answer(self) -> Verdict<O> {
        match self {
            Ok(()) => Ok(None),
            Err(error) => Err(Failure::error(error)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<O, E: Into<Box<dyn Error + Send + Sync>>> IntoAnswer<O> for Result<Option<O>, E> {
    fn into_answer(self) -> Verdict<O> {
        self.map_err(Failure::error)
    }
}

/// The type `!` of a closure that never returns, such as `|_, _| todo!()`, written as stable Rust allows.
type Never = <fn() -> ! as never::Returns>::Returned;

mod never {
    pub trait Returns {
        type Returned;
    }

    impl<R> Returns for fn() -> R {
        type Returned = R;
    }
}

#[diagnostic::do_not_recommend]
impl<O> IntoAnswer<O> for Never {
    fn into_answer(self) -> Verdict<O> {
        self
    }
}

/// An answer that is uniform already.
pub(crate) struct Answered<O>(pub(crate) Verdict<O>);

#[diagnostic::do_not_recommend]
impl<O> IntoAnswer<O> for Answered<O> {
    fn into_answer(self) -> Verdict<O> {
        self.0
    }
}

/// The answer of a receiver of another signal, handed on.
#[diagnostic::do_not_recommend]
impl<O> IntoAnswer<O> for Answer<O> {
    fn into_answer(self) -> Verdict<O> {
        self.verdict
    }
}

pub(crate) mod sealed {
    /// Keeps the list of return types closed, so that its error message stays true.
    pub trait Sealed<O> {}

    impl<O> Sealed<O> for () {}
    impl<O> Sealed<O> for Option<O> {}
    impl<O, E> Sealed<O> for Result<(), E> {}
    impl<O, E> Sealed<O> for Result<Option<O>, E> {}
    impl<O> Sealed<O> for super::Answered<O> {}
    impl<O> Sealed<O> for super::Never {}
    impl<O> Sealed<O> for super::Answer<O> {}
}
