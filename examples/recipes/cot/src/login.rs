//! The tower crate for Cot: a layer that mounts the dances, and errors as responses.

use bytes::Bytes;
use cot::Body;
use cot::request::Request;
use cot::response::Response;
use oauth_dance::Dances;
use oauth_dance_tower::{Error, Mount, VisitService, mount};
use tower::util::MapResponse;
use tower::{Layer, Service};

/// The body of Cot, which the dances make of bytes.
pub(crate) struct Page(Body);

impl From<Bytes> for Page {
    fn from(bytes: Bytes) -> Self {
        Self(Body::fixed(bytes))
    }
}

type Wrap = fn(Response) -> http::Response<Page>;
type Unwrap = fn(http::Response<Page>) -> Response;

/// Makes the response of an error that a handler got: a redirect to the login, or a status.
pub(crate) fn refused(error: impl Into<Error>) -> Response {
    unwrap(error.into().into_response())
}

/// Returns a layer that serves the pages of the dances, and opens a visit for every request.
pub(crate) fn layer(dances: &Dances) -> Login {
    Login(dances.clone())
}

/// The layer that [`layer`] returns.
#[derive(Debug, Clone)]
pub(crate) struct Login(Dances);

impl<S> Layer<S> for Login
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
{
    type Service = MapResponse<VisitService<Mount<MapResponse<S, Wrap>>>, Unwrap>;

    fn layer(&self, inner: S) -> Self::Service {
        let pages = MapResponse::new(inner, wrap as Wrap);
        MapResponse::new(mount(pages, &self.0), unwrap as Unwrap)
    }
}

fn wrap(response: Response) -> http::Response<Page> {
    response.map(Page)
}

fn unwrap(response: http::Response<Page>) -> Response {
    response.map(|Page(body)| body)
}
