//! Why a browser is not signed out, or not completely.

use std::error::Error as StdError;

use http::StatusCode;

use crate::values::login_error::{Cause, Failed, LoginError};

/// Why [`Visit::sign_out`](crate::Visit::sign_out) has not signed the browser out, or not completely.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignOutError {
    /// A page of another site has sent the request. Nothing has changed.
    #[error("a page of another site asks to sign the browser out, so nothing was changed")]
    CrossSite,
    /// The method of the request changes nothing (RFC 9110 §9.2.1), so that any link may use it. Nothing has
    /// changed.
    #[error(
        "a sign-out is asked for by a method that changes nothing, such as GET, so nothing was changed: ask by POST"
    )]
    SafeMethod,
    /// A part of the sign-out failed. The browser is signed out: the response deletes its cookies.
    ///
    /// What may not have ended is the session in the session store, the token in the token store, or a session
    /// of the application's own that a receiver of [`OAUTH_LOGGED_OUT`](crate::OAUTH_LOGGED_OUT) ends.
    #[error("the browser is signed out, but not completely: {error}")]
    Incomplete {
        /// The part that failed: the store, or a receiver.
        error: LoginError,
        /// The error of the store or of the receiver.
        #[source]
        cause: Option<Cause>,
    },
}

impl SignOutError {
    /// Returns the status that fits: 403 or 405 if the sign-out was refused, and 500, 503 or 504 if a part of it
    /// failed.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::SafeMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Incomplete { error, .. } => {
                error.status().unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }

    /// Returns the error of the store or of the receiver.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        match self {
            Self::Incomplete { cause, .. } => cause.as_deref(),
            Self::CrossSite | Self::SafeMethod => None,
        }
    }
}

impl From<Failed> for SignOutError {
    fn from(failed: Failed) -> Self {
        Self::Incomplete {
            error: failed.error,
            cause: failed.cause,
        }
    }
}
