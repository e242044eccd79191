//! The conversations with a provider: one file a protocol.
//!
//! A flow takes the steps of its protocol in their order and sends the requests between them. It awaits
//! nothing but the way out to the provider, and knows nothing of browsers, receivers and what is kept.

pub(crate) mod oauth2;
pub(crate) mod outbound;

use crate::values::identity::Identity;
use crate::values::login_error::Failed;
use crate::values::token::Token;

pub(crate) use crate::steps::oauth2::begin::Begun;
pub(crate) use crate::steps::oauth2::callback::{Parameters, parameters};
pub(crate) use crate::steps::oauth2::reserved::may_add;

/// What the provider granted, and to whom. It is checked, and not stored yet.
pub(crate) struct Granted {
    pub(crate) token: Token,
    pub(crate) identity: Option<Identity>,
}

/// Why there is no fresh token.
#[derive(Debug, Clone)]
pub(crate) enum RefreshError {
    /// The provider no longer honours the refresh token, or the user has signed out.
    LoginRequired,
    /// The provider did not grant a token this time. The stored one is untouched.
    Failed(Failed),
}

impl<F: Into<Failed>> From<F> for RefreshError {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}
