//! The layer that opens a visit for every request, and closes it on the response.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::{OriginalUri, Request};
use axum::response::Response;
use http::header::LOCATION;
use http::{HeaderValue, Method, Uri};
use oauth_dance::{Dances, LoginRequired, leaf};
use tower_layer::Layer;
use tower_service::Service;

/// Returns a layer that opens a visit for every request, for the extractors of this crate, and adds the
/// visit's cookies to the response.
///
/// If a handler asks for a login in answer to a GET, the browser returns to the same address after the
/// login.
pub fn layer(dances: &Dances) -> VisitLayer {
    VisitLayer {
        dances: dances.clone(),
    }
}

/// The layer that [`layer`] returns.
#[derive(Debug, Clone)]
pub struct VisitLayer {
    dances: Dances,
}

impl<S> Layer<S> for VisitLayer {
    type Service = VisitService<S>;

    fn layer(&self, inner: S) -> VisitService<S> {
        VisitService {
            inner,
            dances: self.dances.clone(),
        }
    }
}

/// The service of [`VisitLayer`].
#[derive(Debug, Clone)]
pub struct VisitService<S> {
    inner: S,
    dances: Dances,
}

impl<S> Service<Request> for VisitService<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let visit = self.dances.visit(&parts);
        parts.extensions.insert(visit.clone());
        let wanted = (parts.method == Method::GET).then(|| {
            // A nest takes its prefix off the URI; the browser wants all of it.
            let original = parts.extensions.get::<OriginalUri>();
            original.map_or(&parts.uri, |uri| &uri.0).clone()
        });

        let response = self.inner.call(Request::from_parts(parts, body));
        Box::pin(async move {
            let mut response = response.await?;
            if let Some(required) = response.extensions_mut().remove::<LoginRequired>() {
                return_to(&mut response, &required, wanted.as_ref());
            }
            leaf::finish(&visit, response.headers_mut());
            Ok(response)
        })
    }
}

/// Makes the login that `response` redirects to return to `wanted`.
fn return_to(response: &mut Response, required: &LoginRequired, wanted: Option<&Uri>) {
    let next = wanted.and_then(Uri::path_and_query);
    let login_url = required.login_url(next.map(http::uri::PathAndQuery::as_str));
    if let Ok(location) = HeaderValue::try_from(login_url.as_str()) {
        response.headers_mut().insert(LOCATION, location);
    }
}
