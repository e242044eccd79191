//! Errors of the dance as axum responses.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode};
use oauth_dance::{ApiError, LoginRequired};

/// An [`ApiError`] that a handler may return.
///
/// As a response, [`ApiError::LoginRequired`] leads the browser to the login, as [`layer`](crate::layer())
/// says. Every other variant is
/// its [`ApiError::status`] with an empty body: the response holds no details.
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
pub struct Error(ApiError);

impl Error {
    /// Returns the error.
    #[must_use]
    pub fn into_inner(self) -> ApiError {
        self.0
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<LoginRequired> for Error {
    fn from(required: LoginRequired) -> Self {
        Self(required.into())
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
        match self.0 {
            ApiError::LoginRequired(required) => redirect_to_login(required),
            // A mistake of the developer's. The name that was asked for may come from a request, so the
            // response does not repeat it.
            ApiError::UnknownDance(unknown) => {
                let text = format!(
                    "no dance has the name that this page asks for; the dances are {}",
                    unknown.existing().join(", ")
                );
                (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
            }
            // The Display of the others may name what an application would rather keep to itself.
            error => error.status().into_response(),
        }
    }
}

/// The layer knows the request and makes the login return to it; without the layer the browser ends
/// at the dance's usual place.
fn redirect_to_login(required: LoginRequired) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::try_from(required.login_url(None).as_str()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(required);
    response
}
