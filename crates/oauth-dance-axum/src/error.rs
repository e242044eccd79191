//! Errors of the dance as axum responses.

use std::fmt;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use oauth_dance::{ApiError, LoginRequired, SignOutError, StoreError, leaf};

/// An error of the dance that a handler may return.
///
/// As a response, [`ApiError::LoginRequired`] leads the browser to the login, as [`layer`](crate::layer()) says.
/// Any other error is its status with an empty body, and one event in the log:
///
/// | made from | status |
/// |---|---|
/// | [`ApiError`], [`LoginRequired`] | [`ApiError::status`]: [`leaf::failed`] |
/// | [`StoreError`], as [`Dances::sessions`](oauth_dance::Dances::sessions) returns it | 503, or 500 if the store refused |
/// | [`SignOutError`], as [`Visit::sign_out`](oauth_dance::Visit::sign_out) returns it | [`SignOutError::status`]: [`leaf::not_signed_out`] |
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
pub struct Error(Kind);

#[derive(Debug)]
enum Kind {
    Api(ApiError),
    SignOut(SignOutError),
}

impl Error {
    /// Returns the error of the API call, the login or the store. It is `None` for a [`SignOutError`].
    #[must_use]
    pub fn as_api_error(&self) -> Option<&ApiError> {
        match &self.0 {
            Kind::Api(error) => Some(error),
            Kind::SignOut(_) => None,
        }
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self(Kind::Api(error))
    }
}

impl From<LoginRequired> for Error {
    fn from(required: LoginRequired) -> Self {
        ApiError::from(required).into()
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<SignOutError> for Error {
    fn from(error: SignOutError) -> Self {
        Self(Kind::SignOut(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Api(error) => error.fmt(f),
            Kind::SignOut(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Api(error) => error.source(),
            Kind::SignOut(error) => error.source(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let error = match self.0 {
            Kind::Api(error) => error,
            Kind::SignOut(error) => return leaf::not_signed_out(&error).map(Body::from),
        };
        let mut response = leaf::failed(&error).map(Body::from);
        // The layer knows the request and makes the login return to it. Without the layer the browser ends at
        // the dance's usual place.
        if let ApiError::LoginRequired(required) = error {
            response.extensions_mut().insert(required);
        }
        response
    }
}
