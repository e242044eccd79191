//! Signals of an application's own, so that tests and tenants in one process do not meet.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use parking_lot::Mutex;
use signals::AsyncSignal;

/// A private twin of every signal of the dance.
///
/// The signals are `static`: whoever connects to [`OAUTH_AUTHORIZED`](crate::OAUTH_AUTHORIZED) hears
/// every login of the process. An application that is given a set of its own
/// ([`DancesBuilder::signals`](crate::DancesBuilder::signals)) sends through the set's twins instead,
/// and only receivers connected there hear it.
///
/// ```
/// use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, SignalSet};
///
/// let signals = SignalSet::new();
/// signals.of(&OAUTH_AUTHORIZED).connect(|dance: &Dance, login: &Authorized| {
///     login.flash(format!("Hello from {}", dance.display_name()));
/// });
/// ```
///
/// Clones are the same set.
#[derive(Clone, Default)]
pub struct SignalSet {
    twins: Arc<Mutex<HashMap<&'static str, Arc<dyn Any + Send + Sync>>>>,
}

impl SignalSet {
    /// A set without receivers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// This set's twin of `signal`, the same one at every call.
    ///
    /// # Panics
    ///
    /// When two signals of different types have the same name, which those of this crate have not.
    #[must_use]
    pub fn of<S, P, O>(&self, signal: &'static AsyncSignal<S, P, O>) -> Arc<AsyncSignal<S, P, O>>
    where
        AsyncSignal<S, P, O>: Send + Sync + 'static,
    {
        let twin = Arc::clone(
            self.twins
                .lock()
                .entry(signal.name())
                .or_insert_with(|| Arc::new(signal.twin())),
        );
        twin.downcast().expect("signals of one name have one type")
    }
}

impl fmt::Debug for SignalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.twins.lock().keys()).finish()
    }
}

/// The signal to send: the static one, or its twin.
pub(crate) enum Chosen<S: 'static, P: 'static, O: 'static> {
    Static(&'static AsyncSignal<S, P, O>),
    Twin(Arc<AsyncSignal<S, P, O>>),
}

impl<S, P, O> Deref for Chosen<S, P, O> {
    type Target = AsyncSignal<S, P, O>;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Static(signal) => signal,
            Self::Twin(signal) => signal,
        }
    }
}
