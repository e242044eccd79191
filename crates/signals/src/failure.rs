//! The failure of a receiver, kept apart from what receivers answer.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a receiver gave no answer: it returned an error, it panicked, or it was not allowed to run.
///
/// A failure is never an outcome: the sender reads it separately and chooses what it means.
///
/// As an [`Error`], a failure stands for the error that the receiver returned: it has the same text and the same
/// [`source`](Error::source). [`as_error`](Self::as_error) returns the error itself, to downcast it. A receiver may return
/// the failure of another send as its own error, also in a box. The failure is then handed on as it is, and is not wrapped.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
}

enum Kind {
    Error(Quietly<Box<dyn Error + Send + Sync>>),
    Panic(String),
    TooDeep {
        signal: Cow<'static, str>,
        limit: u32,
    },
    #[cfg(feature = "tokio")]
    TimedOut(std::time::Duration),
}

/// Something of a receiver's. To drop it is code of the receiver's, too, which may panic.
pub(crate) struct Quietly<T>(pub(crate) Option<T>);

impl<T> Quietly<T> {
    /// What was put in.
    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().expect("it is there until it is dropped")
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("it is there until it is dropped")
    }

    fn into_inner(mut self) -> T {
        self.0.take().expect("it is there until it is dropped")
    }
}

impl<T> Drop for Quietly<T> {
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            drop_quietly(value);
        }
    }
}

impl Failure {
    /// The failure of a receiver that returned this error. If that is a failure, which the receiver hands on, it stays
    /// what it is.
    pub(crate) fn error(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let error = match error.into().downcast::<Self>() {
            Ok(failure) => return *failure,
            Err(error) => error,
        };
        match error.downcast::<Box<Self>>() {
            Ok(failure) => **failure,
            Err(error) => Self {
                kind: Kind::Error(Quietly(Some(error))),
            },
        }
    }

    pub(crate) fn panic(payload: Box<dyn Any + Send>) -> Self {
        let message = match (
            payload.downcast_ref::<&str>(),
            payload.downcast_ref::<String>(),
        ) {
            (Some(text), _) => (*text).to_owned(),
            (_, Some(text)) => text.clone(),
            _ => "a value that is not text".to_owned(),
        };
        drop_quietly(payload);
        Self {
            kind: Kind::Panic(message),
        }
    }

    pub(crate) const fn too_deep(signal: Cow<'static, str>, limit: u32) -> Self {
        Self {
            kind: Kind::TooDeep { signal, limit },
        }
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn timed_out(after: std::time::Duration) -> Self {
        Self {
            kind: Kind::TimedOut(after),
        }
    }

    /// Returns whether the receiver exceeded its time limit.
    #[cfg(feature = "tokio")]
    pub const fn is_timeout(&self) -> bool {
        matches!(self.kind, Kind::TimedOut(_))
    }

    /// Returns whether the receiver panicked.
    pub const fn is_panic(&self) -> bool {
        matches!(self.kind, Kind::Panic(_))
    }

    /// Returns whether the receiver was not called because its signal was already being sent too many levels
    /// deep, each send inside a receiver of the one before.
    pub const fn is_recursion(&self) -> bool {
        matches!(self.kind, Kind::TooDeep { .. })
    }

    /// Returns the error that the receiver returned, if it returned one.
    pub fn as_error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match &self.kind {
            Kind::Error(error) => Some(&**error.get()),
            _ => None,
        }
    }

    /// Turns the failure into the error that the receiver returned.
    ///
    /// A receiver that sends another signal can hand on a failure as it is: see [`Outcomes::into_result`].
    ///
    /// [`Outcomes::into_result`]: crate::Outcomes::into_result
    ///
    /// # Errors
    ///
    /// The failure itself, if the receiver returned no error.
    pub fn into_error(self) -> Result<Box<dyn Error + Send + Sync>, Self> {
        match self.kind {
            Kind::Error(error) => Ok(error.into_inner()),
            kind => Err(Self { kind }),
        }
    }
}

/// The text of a receiver's error is code of the receiver's. If it panics, the one who reads it, or a log, is not
/// to feel that.
fn text(write: impl FnOnce() -> String) -> String {
    caught(write).unwrap_or_else(|_| "(the text of its error panicked)".to_owned())
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => {
                let text = text(|| format!("{:?}", error.get()));
                f.debug_tuple("Error")
                    .field(&format_args!("{text}"))
                    .finish()
            }
            Self::Panic(message) => f.debug_tuple("Panic").field(message).finish(),
            Self::TooDeep { signal, limit } => f
                .debug_struct("TooDeep")
                .field("signal", signal)
                .field("limit", limit)
                .finish(),
            #[cfg(feature = "tokio")]
            Self::TimedOut(after) => f.debug_tuple("TimedOut").field(after).finish(),
        }
    }
}

/// Writes the text of the receiver's error. If that panics, the panic is caught, and a fixed text takes its place.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Error(error) => f.write_str(&text(|| error.get().to_string())),
            Kind::Panic(message) => write!(f, "panicked: {message}"),
            #[cfg(feature = "tokio")]
            Kind::TimedOut(after) => write!(f, "gave no answer within {after:?}"),
            Kind::TooDeep { signal, limit } => write!(
                f,
                "not called: `{signal}` is already being sent {limit} levels deep, each inside a receiver of the one before"
            ),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Error(error) => error.get().source(),
            _ => None,
        }
    }
}

/// Runs a piece of a receiver; a panic in it becomes a failure.
///
/// Asserting unwind safety is right here: of what the receiver touched, the bus keeps nothing but the
/// receiver itself, and a receiver that panicked stays connected by design.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(run)).map_err(Failure::panic)
}

/// Drops a value that came from a receiver. Its `Drop` may panic; a sender must not feel that.
pub(crate) fn drop_quietly<T>(value: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(move || drop(value))) {
        // What it panicked with may panic when dropped, and so on without end: the next is left alone.
        if let Err(next) = catch_unwind(AssertUnwindSafe(move || drop(panic))) {
            std::mem::forget(next);
        }
    }
}
