//! Errors of the dance as axum responses.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, StatusCode};
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

impl Kind {
    fn status(&self) -> StatusCode {
        match self {
            Self::Api(error) => error.status(),
            Self::SignOut(error) => error.status(),
        }
    }

    /// Makes the response, and leaves one event in the log.
    fn tell(&self, asked: leaf::Asked<'_>) -> http::Response<Bytes> {
        match self {
            Self::Api(error) => leaf::failed(asked, error),
            Self::SignOut(error) => leaf::not_signed_out(asked, error),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Kind::Api(error @ ApiError::LoginRequired(required)) = &self.0 {
            // The layer knows the request and makes the login return to it. Without the layer the browser ends at
            // the dance's usual place. This leaves no event.
            let mut response = leaf::failed(leaf::Asked::default(), error).map(Body::from);
            response.extensions_mut().insert(required.clone());
            return response;
        }
        let mut response = self.0.status().into_response();
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let allowed = HeaderValue::from_static("POST");
            response.headers_mut().insert(ALLOW, allowed);
        }
        response.extensions_mut().insert(Untold::new(self.0));
        response
    }
}

/// An error that is not in the log yet. The layer knows the request and tells it. Without the layer it is told
/// without the request when the response has been used up.
#[derive(Clone)]
pub(crate) struct Untold(Arc<ToldInTheEnd>);

struct ToldInTheEnd(Mutex<Option<Kind>>);

impl Untold {
    fn new(kind: Kind) -> Self {
        Self(Arc::new(ToldInTheEnd(Mutex::new(Some(kind)))))
    }

    /// Leaves the event in the log, unless it is there.
    pub(crate) fn tell(&self, asked: leaf::Asked<'_>) {
        self.0.tell(asked);
    }
}

impl ToldInTheEnd {
    fn tell(&self, asked: leaf::Asked<'_>) {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = untold.take();
        drop(untold);
        if let Some(kind) = kind {
            kind.tell(asked);
        }
    }
}

impl Drop for ToldInTheEnd {
    fn drop(&mut self) {
        self.tell(leaf::Asked::default());
    }
}
