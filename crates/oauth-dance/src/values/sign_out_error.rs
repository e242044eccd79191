//! Why a sign-out was not complete.

use std::error::Error as StdError;

use http::StatusCode;

use crate::values::login_error::{Cause, Failed, LoginError};

/// A part of a sign-out failed. The browser is signed out: the response deletes its cookies.
///
/// What may not have ended is the session in the session store, the token in the token store, or a session
/// of the application's own that a receiver of [`OAUTH_LOGGED_OUT`](crate::OAUTH_LOGGED_OUT) ends.
#[derive(Debug, thiserror::Error)]
#[error("the browser is signed out, but not completely: {error}")]
pub struct SignOutError {
    error: LoginError,
    #[source]
    cause: Option<Cause>,
}

impl SignOutError {
    /// Returns the part that failed: the store, or a receiver.
    #[must_use]
    pub fn error(&self) -> &LoginError {
        &self.error
    }

    /// Returns the status that fits: 500, 503 or 504.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        let status = self.error.status();
        status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
    }

    /// Returns the error of the store or of the receiver.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.cause.as_deref()
    }
}

impl From<Failed> for SignOutError {
    fn from(failed: Failed) -> Self {
        Self {
            error: failed.error,
            cause: failed.cause,
        }
    }
}
