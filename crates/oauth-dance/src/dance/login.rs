//! A login that the provider has confirmed, as receivers see it.

use std::sync::Arc;

use url::Url;

use crate::dance::Dance;
use crate::keep::record::Record;
use crate::values::identity::Identity;
use crate::values::missing::Missing;
use crate::values::pending::Pending;

/// A login that the provider has confirmed. Clones are the same login.
#[derive(Clone)]
pub(crate) struct Login(Arc<Parts>);

struct Parts {
    dance: Dance,
    record: Record,
    pending: Pending,
    next: Url,
}

impl Login {
    /// Makes a login that ends at `next`, unless a receiver answers.
    pub(crate) fn new(dance: Dance, record: Record, pending: Pending, next: Url) -> Self {
        Self(Arc::new(Parts {
            dance,
            record,
            pending,
            next,
        }))
    }

    pub(crate) fn dance(&self) -> &Dance {
        &self.0.dance
    }

    pub(crate) fn record(&self) -> &Record {
        &self.0.record
    }

    pub(crate) fn next(&self) -> &Url {
        &self.0.next
    }

    pub(crate) fn remembered(&self, name: &str) -> Option<&str> {
        self.0.pending.remembered.get(name).map(String::as_str)
    }

    pub(crate) fn require_identity(&self) -> Result<&Identity, Missing> {
        let identity = self.0.record.identity.as_ref();
        identity.ok_or_else(|| Missing::Identity {
            dance: self.0.dance.name().to_owned(),
        })
    }
}

/// The methods by which the payload of a signal shows the login, written once. The payload has a method
/// `login`.
macro_rules! shows_the_login {
    ($payload:ty) => {
        impl $payload {
            /// Returns the token.
            #[must_use]
            pub fn token(&self) -> &$crate::Token {
                &self.login().record().token
            }

            /// Returns the identity of the user, or `None` if the provider was not asked.
            #[must_use]
            pub fn identity(&self) -> Option<&$crate::Identity> {
                self.login().record().identity.as_ref()
            }

            /// Returns the identity of the user.
            ///
            /// # Errors
            ///
            /// [`Missing::Identity`](crate::Missing::Identity) if the provider was not asked.
            pub fn require_identity(&self) -> Result<&$crate::Identity, $crate::Missing> {
                self.login().require_identity()
            }

            /// Returns the URL that the browser is sent to, unless a receiver answers.
            #[must_use]
            pub fn next(&self) -> &url::Url {
                self.login().next()
            }

            /// Returns the value that a receiver of [`OAUTH_BEFORE_LOGIN`](crate::OAUTH_BEFORE_LOGIN)
            /// remembered under `name`.
            #[must_use]
            pub fn remembered(&self, name: &str) -> Option<&str> {
                self.login().remembered(name)
            }
        }
    };
}
pub(crate) use shows_the_login;
