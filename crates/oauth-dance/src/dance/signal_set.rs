//! Signals of an application's own, so that tests and tenants in one process do not meet.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use signals::AsyncSignal;

use crate::dance::Dance;
use crate::dance::signals::authorized::{Authorized, OAUTH_AUTHORIZED};
use crate::dance::signals::before_login::{BeforeLogin, OAUTH_BEFORE_LOGIN};
use crate::dance::signals::error::{LoginFailure, OAUTH_ERROR};
use crate::dance::signals::logged_in::{LoggedIn, OAUTH_LOGGED_IN};
use crate::dance::signals::logged_out::{LoggedOut, OAUTH_LOGGED_OUT};
use crate::dance::signals::rejected::{OAUTH_REJECTED, Rejected};
use crate::dance::signals::reply_ignored::{OAUTH_REPLY_IGNORED, ReplyIgnored};
use crate::dance::signals::token_refreshed::{OAUTH_TOKEN_REFRESHED, TokenRefreshed};
use crate::dance::signals::token_revoked::{OAUTH_TOKEN_REVOKED, TokenRevoked};
use crate::values::outcome::{Outcome, Reply};

/// A private twin of every signal of the dance.
///
/// The signals are `static`: a receiver of [`OAUTH_AUTHORIZED`](crate::OAUTH_AUTHORIZED) is called for
/// every login of the process. If an application has a set of its own
/// ([`DancesBuilder::signals`](crate::DancesBuilder::signals)), it sends through the set's twins instead,
/// and only the receivers that are connected there are called.
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
#[derive(Clone)]
pub struct SignalSet(Arc<Twins>);

/// The payload of a signal of the dance. It names its signal, and the signal's twin in a set.
///
/// The trait is sealed: only the payloads of this crate implement it. Generic code uses it as a bound.
pub trait Payload: Send + Sync + Sized + 'static {
    /// The answer that receivers may give.
    type Outcome: Send + 'static;

    /// Returns the static signal.
    fn signal() -> &'static AsyncSignal<Dance, Self, Self::Outcome>;

    /// Returns its twin.
    #[doc(hidden)]
    fn twin(twins: &Twins) -> &AsyncSignal<Dance, Self, Self::Outcome>;
}

macro_rules! twins {
    ($($name:ident: $signal:ident, $payload:ty, $outcome:ty;)*) => {
        /// One twin for each signal.
        pub struct Twins {
            $($name: AsyncSignal<Dance, $payload, $outcome>,)*
        }

        impl Twins {
            fn new() -> Self {
                Self {
                    $($name: $signal.twin(),)*
                }
            }
        }

        $(impl Payload for $payload {
            type Outcome = $outcome;

            fn signal() -> &'static AsyncSignal<Dance, Self, $outcome> {
                &$signal
            }

            fn twin(twins: &Twins) -> &AsyncSignal<Dance, Self, $outcome> {
                &twins.$name
            }
        })*
    };
}

twins! {
    before_login: OAUTH_BEFORE_LOGIN, BeforeLogin, Reply;
    authorized: OAUTH_AUTHORIZED, Authorized, Outcome;
    logged_in: OAUTH_LOGGED_IN, LoggedIn, Infallible;
    error: OAUTH_ERROR, LoginFailure, Reply;
    rejected: OAUTH_REJECTED, Rejected, Infallible;
    reply_ignored: OAUTH_REPLY_IGNORED, ReplyIgnored, Infallible;
    token_refreshed: OAUTH_TOKEN_REFRESHED, TokenRefreshed, Infallible;
    token_revoked: OAUTH_TOKEN_REVOKED, TokenRevoked, Infallible;
    logged_out: OAUTH_LOGGED_OUT, LoggedOut, Infallible;
}

impl SignalSet {
    /// Makes a set without receivers.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Twins::new()))
    }

    /// Returns this set's twin of `signal`, the same one at every call.
    ///
    /// # Panics
    ///
    /// Panics if `signal` is not one of the signals of this crate.
    #[must_use]
    pub fn of<P: Payload>(
        &self,
        signal: &'static AsyncSignal<Dance, P, P::Outcome>,
    ) -> &AsyncSignal<Dance, P, P::Outcome> {
        assert!(
            std::ptr::eq(signal, P::signal()),
            "{} is not a signal of oauth-dance, so a set has no twin of it",
            signal.name()
        );
        P::twin(&self.0)
    }
}

impl Default for SignalSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SignalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalSet").finish_non_exhaustive()
    }
}

/// Returns the signal that `dance` sends with this payload: the static one, or the twin in the
/// application's own set.
pub(crate) fn signal<P: Payload>(dance: &Dance) -> &AsyncSignal<Dance, P, P::Outcome> {
    let set = dance.site().signals.as_deref();
    match set.and_then(|set| set.downcast_ref::<SignalSet>()) {
        Some(set) => P::twin(&set.0),
        None => P::signal(),
    }
}
