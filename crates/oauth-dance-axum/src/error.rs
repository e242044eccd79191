//! Errors of the dance as axum responses.

use std::fmt;

use axum::response::{IntoResponse, Response};
use oauth_dance::{ApiError, LoginRequired, SignOutError, StoreError};

/// An error of the dance that a handler may return.
///
/// As a response, [`ApiError::LoginRequired`] leads the browser to the login, as [`layer`](crate::layer()) says.
/// Any other error is its status with an empty body, and one event in the log:
///
/// | made from | status |
/// |---|---|
/// | [`ApiError`], [`LoginRequired`] | [`ApiError::status`]: [`leaf::failed`](oauth_dance::leaf::failed) |
/// | [`StoreError`], as [`Dances::sessions`](oauth_dance::Dances::sessions) returns it | 503, or 500 if the store refused |
/// | [`SignOutError`], as [`Visit::sign_out`](oauth_dance::Visit::sign_out) returns it | [`SignOutError::status`]: [`leaf::not_signed_out`](oauth_dance::leaf::not_signed_out) |
///
/// ```
/// use oauth_dance_axum::{Error, Visit};
///
/// async fn repositories(Visit(visit): Visit) -> Result<String, Error> {
///     let response = visit.api("github")?.get("/user/repos").await?;
///     Ok(String::from_utf8_lossy(response.body()).into_owned())
/// }
/// ```
#[derive(Debug)]
pub struct Error(oauth_dance_tower::Error);

impl Error {
    /// Returns the error of the API call, the login or the store. It is `None` for a [`SignOutError`].
    #[must_use]
    pub fn as_api_error(&self) -> Option<&ApiError> {
        self.0.as_api_error()
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self(error.into())
    }
}

impl From<LoginRequired> for Error {
    fn from(required: LoginRequired) -> Self {
        Self(required.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl From<SignOutError> for Error {
    fn from(error: SignOutError) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
