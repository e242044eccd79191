//! Errors of the dance as responses.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, Response, StatusCode};
use oauth_dance::{ApiError, LoginRequired, SignOutError, StoreError, leaf};

use crate::asked::Asked;

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
/// | [`NoVisit`], as [`visit`](crate::visit()) returns it | 500: [`leaf::no_visit`] |
///
/// [`service_fn`](crate::service_fn()) makes the response by itself. Other services call
/// [`into_response`](Self::into_response), or `Response::from`.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use oauth_dance_tower::{Error, visit};
///
/// async fn repositories(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Error> {
///     let response = visit(&request)?.api("github")?.get("/user/repos").await?;
///     Ok(response.into_response().map(Full::new))
/// }
/// ```
#[derive(Debug)]
pub struct Error(Kind);

#[derive(Debug)]
enum Kind {
    Api(ApiError),
    SignOut(SignOutError),
    NoVisit(NoVisit),
}

impl Error {
    /// Makes the response. Its event is left in the log by [`layer`](crate::layer()), which knows the request, or when
    /// the response is dropped.
    #[must_use]
    pub fn into_response<B: From<Bytes>>(self) -> Response<B> {
        if let Kind::Api(error @ ApiError::LoginRequired(required)) = &self.0 {
            // The layer knows the request and makes the login return to it. Without the layer the browser ends at
            // the dance's usual place. This leaves no event.
            let mut response = leaf::failed(leaf::Asked::default(), error).map(B::from);
            response.extensions_mut().insert(required.clone());
            return response;
        }
        let mut response = Response::new(B::from(Bytes::new()));
        *response.status_mut() = self.0.status();
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let allowed = HeaderValue::from_static("POST");
            response.headers_mut().insert(ALLOW, allowed);
        }
        response.extensions_mut().insert(Untold::new(self.0));
        response
    }

    /// Returns the error of the API call, the login or the store. It is `None` for a [`SignOutError`] and
    /// for [`NoVisit`].
    #[must_use]
    pub fn as_api_error(&self) -> Option<&ApiError> {
        match &self.0 {
            Kind::Api(error) => Some(error),
            Kind::SignOut(_) | Kind::NoVisit(_) => None,
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

impl From<NoVisit> for Error {
    fn from(error: NoVisit) -> Self {
        Self(Kind::NoVisit(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Api(error) => error.fmt(f),
            Kind::SignOut(error) => error.fmt(f),
            Kind::NoVisit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Api(error) => error.source(),
            Kind::SignOut(error) => error.source(),
            Kind::NoVisit(error) => error.source(),
        }
    }
}

impl Kind {
    fn status(&self) -> StatusCode {
        match self {
            Self::Api(error) => error.status(),
            Self::SignOut(error) => error.status(),
            Self::NoVisit(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Makes the response, and leaves one event in the log.
    fn tell(&self, asked: leaf::Asked<'_>) -> Response<Bytes> {
        match self {
            Self::Api(error) => leaf::failed(asked, error),
            Self::SignOut(error) => leaf::not_signed_out(asked, error),
            // It knows its request by itself.
            Self::NoVisit(error) => leaf::no_visit(error.0.for_the_log(), CHECK),
        }
    }
}

impl<B: From<Bytes>> From<Error> for Response<B> {
    fn from(error: Error) -> Self {
        error.into_response()
    }
}

/// The error of [`visit`](crate::visit()) for a request without [`layer`](crate::layer()) or [`mount`](crate::mount()).
/// As a response it is a bare 500, and the text is in the log.
#[derive(Debug, Clone)]
pub struct NoVisit(Box<Asked>);

/// What a developer should look at.
const CHECK: &str = "whether `oauth_dance_tower::mount` or `oauth_dance_tower::layer(&dances)` is around the service";

impl NoVisit {
    pub(crate) fn new(asked: Asked) -> Self {
        Self(Box::new(asked))
    }
}

impl fmt::Display for NoVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request has no visit: check {CHECK}")
    }
}

impl std::error::Error for NoVisit {}

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
