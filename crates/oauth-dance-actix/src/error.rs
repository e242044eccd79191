//! Errors of the dance as actix-web responses.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use oauth_dance::{ApiError, LoginRequired, SignOutError, StoreError, leaf};

use crate::convert::{self, Asked};

/// An error of the dance that a handler may return.
///
/// As a response, [`ApiError::LoginRequired`] leads the browser to the login, as [`visits`](crate::visits()) says.
/// Any other error is its status with an empty body, and one event in the log:
///
/// | made from | status |
/// |---|---|
/// | [`ApiError`], [`LoginRequired`] | [`ApiError::status`]: [`leaf::failed`] |
/// | [`StoreError`], as [`Dances::sessions`](oauth_dance::Dances::sessions) returns it | 503, or 500 if the store refused |
/// | [`SignOutError`], as [`Visit::sign_out`](oauth_dance::Visit::sign_out) returns it | [`SignOutError::status`]: [`leaf::not_signed_out`] |
/// | [`LayerMissing`] | 500 |
///
/// ```
/// use oauth_dance_actix::{Error, Visit};
///
/// async fn repositories(Visit(visit): Visit) -> Result<String, Error> {
///     let response = visit.api("github")?.get("/user/repos").await?;
///     Ok(String::from_utf8_lossy(response.body()).into_owned())
/// }
/// ```
///
/// An error type of the application's own that holds this one returns the response of this one. By default
/// actix-web would show the text of the error to the visitor:
///
/// ```
/// use actix_web::{HttpResponse, ResponseError};
/// use oauth_dance_actix::Error;
///
/// #[derive(Debug)]
/// enum PageError {
///     Dance(Error),
///     Full,
/// }
///
/// impl std::fmt::Display for PageError {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         write!(f, "{self:?}")
///     }
/// }
///
/// impl ResponseError for PageError {
///     fn error_response(&self) -> HttpResponse {
///         match self {
///             Self::Dance(error) => error.error_response(),
///             Self::Full => HttpResponse::InsufficientStorage().finish(),
///         }
///     }
/// }
/// ```
pub struct Error(Arc<Failure>);

struct Failure {
    kind: Kind,
    /// Whether the event is in the log.
    is_told: AtomicBool,
}

#[derive(Debug)]
enum Kind {
    Api(ApiError),
    SignOut(SignOutError),
    NoVisit(LayerMissing),
}

impl Error {
    /// Returns the error of the API call, the login or the store. It is `None` for a [`SignOutError`] and for
    /// [`LayerMissing`].
    #[must_use]
    pub fn as_api_error(&self) -> Option<&ApiError> {
        match &self.0.kind {
            Kind::Api(error) => Some(error),
            Kind::SignOut(_) | Kind::NoVisit(_) => None,
        }
    }

    fn new(kind: Kind, is_told: bool) -> Self {
        let is_told = AtomicBool::new(is_told);
        Self(Arc::new(Failure { kind, is_told }))
    }

    /// The error of an extractor, which knows the request. It is told at once, because a handler that takes an
    /// `Option` drops it.
    pub(crate) fn of_extractor(error: ApiError, request: &HttpRequest) -> Self {
        let error = Self::from(error);
        if !error.is_login_required() {
            error.0.tell(Asked::of(request).for_the_log());
        }
        error
    }

    pub(crate) fn is_login_required(&self) -> bool {
        matches!(&self.0.kind, Kind::Api(ApiError::LoginRequired(_)))
    }
}

impl Failure {
    /// Leaves one event in the log.
    fn tell(&self, asked: leaf::Asked<'_>) {
        if self.is_told.swap(true, Ordering::Relaxed) {
            return;
        }
        // The response is made by `error_response`, more than once where middleware looks at it.
        let _ = match &self.kind {
            Kind::Api(error) => leaf::failed(asked, error),
            Kind::SignOut(error) => leaf::not_signed_out(asked, error),
            Kind::NoVisit(_) => return,
        };
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self::new(Kind::Api(error), false)
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
        Self::new(Kind::SignOut(error), false)
    }
}

impl From<LayerMissing> for Error {
    fn from(missing: LayerMissing) -> Self {
        Self::new(Kind::NoVisit(missing), true)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Error").field(&self.0.kind).finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::Api(error) => error.fmt(f),
            Kind::SignOut(error) => error.fmt(f),
            Kind::NoVisit(missing) => missing.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            Kind::Api(error) => error.source(),
            Kind::SignOut(error) => error.source(),
            Kind::NoVisit(_) => None,
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match &self.0.kind {
            Kind::Api(error) => convert::status(error.status()),
            Kind::SignOut(error) => convert::status(error.status()),
            Kind::NoVisit(missing) => missing.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Kind::Api(error @ ApiError::LoginRequired(required)) = &self.0.kind {
            // The middleware knows the request and makes the login return to it. Without the middleware the browser
            // ends at the dance's usual place. This leaves no event.
            let mut response = convert::response(leaf::failed(leaf::Asked::default(), error));
            response.extensions_mut().insert(required.clone());
            return response;
        }
        let mut response = HttpResponse::new(self.status_code());
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let allowed = HeaderValue::from_static("POST");
            response.headers_mut().insert(ALLOW, allowed);
        }
        let untold = Untold(Arc::clone(&self.0));
        response.extensions_mut().insert(untold);
        response
    }
}

/// An error that may not be in the log yet. The middleware knows the request and tells it. Without the middleware it
/// is told without the request when the response has been used up.
pub(crate) struct Untold(Arc<Failure>);

impl Untold {
    /// Leaves the event in the log, unless it is there.
    pub(crate) fn tell(&self, asked: leaf::Asked<'_>) {
        self.0.tell(asked);
    }
}

impl Drop for Untold {
    fn drop(&mut self) {
        self.tell(leaf::Asked::default());
    }
}

/// The error of an extractor that is used without [`visits`](crate::visits()). As a response it is a bare 500, and
/// the text is in the log.
#[derive(Debug, Clone)]
pub struct LayerMissing(());

/// What a developer should look at.
const CHECK: &str =
    "whether `.wrap(oauth_dance_actix::visits(&dances))` is called on the `App` of this route";

impl LayerMissing {
    /// Leaves the event in the log at once, because a handler that takes an `Option` drops the error.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let _ = leaf::no_visit(Asked::of(request).for_the_log(), CHECK);
        Self(())
    }
}

impl fmt::Display for LayerMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an extractor of oauth-dance-actix has no visit: check {CHECK}"
        )
    }
}

impl std::error::Error for LayerMissing {}

impl ResponseError for LayerMissing {
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
