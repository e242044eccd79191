//! The layer that opens a visit for every request, and closes it on the response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, request};
use oauth_dance::{Dances, Visit, leaf};
use tower_layer::Layer;
use tower_service::Service;

use crate::asked::Asked;
use crate::error::Error;

/// Returns the browser's visit: the signed-in owner of each dance, API clients, flash messages.
///
/// # Errors
///
/// If neither [`layer`] nor [`mount`](crate::mount()) is around the service. As a response the error is a bare 500, and
/// the log says which call to add.
pub fn visit<B>(request: &Request<B>) -> Result<Visit, Error> {
    let visit = request.extensions().get().cloned();
    visit.ok_or_else(|| Error::no_visit(&Asked::new(request.method(), request.uri())))
}

/// Returns a layer that opens a visit for every request and adds the visit's cookies to the response.
///
/// A service finds the visit with [`visit`], and so does a receiver among the extensions of its request.
///
/// If a response asks for a login, because it was made of an [`Error`](crate::Error), the response of
/// [`leaf::login_required`] takes its place: a redirect to the login, after which the browser returns to the same
/// address, or 401 for a script.
///
/// After a login that was refused, discarded or failed, the response is a small page with the status 403 instead:
/// until the browser begins another login at `/login/…`, and for ten minutes at most. The page of the guide on
/// [failures](oauth_dance::guide::failures) has the rule.
pub fn layer(dances: &Dances) -> VisitLayer {
    VisitLayer {
        dances: dances.clone(),
        asked_by: Asked::of,
    }
}

/// The layer that [`layer`] returns.
#[derive(Clone)]
pub struct VisitLayer {
    dances: Dances,
    asked_by: fn(&request::Parts) -> Asked,
}

impl VisitLayer {
    /// Says how to read what a router outside of this layer has left in the request: the whole URI, if it has taken a
    /// prefix off, and the route that has matched. The default is [`Asked::of`], which knows no router.
    #[must_use]
    pub fn asked_by(self, asked_by: fn(&request::Parts) -> Asked) -> Self {
        Self { asked_by, ..self }
    }
}

impl fmt::Debug for VisitLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisitLayer")
            .field("dances", &self.dances)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for VisitLayer {
    type Service = VisitService<S>;

    fn layer(&self, inner: S) -> VisitService<S> {
        VisitService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service of [`VisitLayer`].
#[derive(Debug, Clone)]
pub struct VisitService<S> {
    inner: S,
    layer: VisitLayer,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for VisitService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Future: Send + 'static,
    ResBody: From<Bytes> + Send + 'static,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<ResBody>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let asked = (self.layer.asked_by)(&parts);
        // A router may take a prefix off the URI; the browser wants all of it.
        let visit = self.layer.dances.visit(&parts).at(asked.uri());
        parts.extensions.insert(visit.clone());

        let response = self.inner.call(Request::from_parts(parts, body));
        Box::pin(async move {
            let (mut parts, body) = response.await?.into_parts();
            let login = leaf::close(&visit, asked.for_the_log(), &mut parts).await;
            let body = login.map_or(body, ResBody::from);
            Ok(Response::from_parts(parts, body))
        })
    }
}
