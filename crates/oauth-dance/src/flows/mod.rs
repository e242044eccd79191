//! The conversations with a provider: one file a protocol.
//!
//! A flow takes the steps of its protocol in their order and sends the requests between them. It awaits
//! nothing but the way out to the provider. It knows nothing of browsers, receivers and stores.

pub(crate) mod oauth2;
pub(crate) mod outbound;

use std::time::Duration;

use crate::values::identity::Identity;
use crate::values::login_error::Failed;
use crate::values::token::Token;

pub(crate) use crate::steps::oauth2::begin::Begun;
pub(crate) use crate::steps::oauth2::callback::{Parameters, parameters};
pub(crate) use crate::steps::oauth2::reserved::may_add;

/// The token and the identity that the provider granted. They are checked, and not stored yet.
pub(crate) struct Granted {
    pub(crate) token: Token,
    pub(crate) identity: Option<Identity>,
}

/// Why a login was not finished.
pub(crate) struct Unfinished {
    pub(crate) failed: Failed,
    /// The token that the provider had granted before. It is lost: nothing stores it.
    pub(crate) lost: Option<Box<Token>>,
}

impl From<Failed> for Unfinished {
    fn from(failed: Failed) -> Self {
        Self { failed, lost: None }
    }
}

/// Why a refresh brought no token.
#[derive(Debug, Clone)]
pub(crate) enum RefreshError {
    /// The provider no longer honours the refresh token, or the user has signed out.
    LoginRequired,
    /// The provider granted no token this time. The stored one is untouched.
    Failed {
        failed: Failed,
        /// How long the provider asks to wait (RFC 9110 §10.2.3).
        retry_after: Option<Duration>,
    },
}

impl<F: Into<Failed>> From<F> for RefreshError {
    fn from(failure: F) -> Self {
        Self::Failed {
            failed: failure.into(),
            retry_after: None,
        }
    }
}
