//! The layer that opens a visit for every request, and closes it on the response.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{OriginalUri, Request};
use axum::response::Response;
use bytes::Bytes;
use http::header::{ETAG, EXPIRES, LAST_MODIFIED, SET_COOKIE};
use oauth_dance::{Dances, LoginRequired, leaf};
use tower_layer::Layer;
use tower_service::Service;

use crate::asked::Asked;
use crate::error::Untold;

/// Returns a layer that opens a visit for every request, for the extractors of this crate, and adds the
/// visit's cookies to the response.
///
/// If a handler asks for a login, the response is that of [`leaf::login_required`]: a redirect to the login,
/// after which the browser returns to the same address, or 401 for a script.
///
/// After a login that was refused, discarded or failed, the response is a small page with the status 403 instead:
/// until the browser begins another login at `/login/…`, and for ten minutes at most. The page of the guide on
/// [failures](oauth_dance::guide::failures) has the rule.
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
        let mut visit = self.dances.visit(&parts);
        // A nest takes its prefix off the URI; the browser wants all of it.
        if let Some(OriginalUri(uri)) = parts.extensions.get() {
            visit = visit.at(uri);
        }
        parts.extensions.insert(visit.clone());
        let asked = Asked::of(&parts);

        let response = self.inner.call(Request::from_parts(parts, body));
        Box::pin(async move {
            let mut response = response.await?;
            if let Some(required) = response.extensions_mut().remove::<LoginRequired>() {
                let login = leaf::login_required(&visit, &required).await;
                response = in_place_of(response, login);
            }
            if let Some(untold) = response.extensions_mut().remove::<Untold>() {
                untold.tell(asked.for_the_log());
            }
            leaf::finish(&visit, response.headers_mut());
            Ok(response)
        })
    }
}

/// Answers with `login`, and keeps the headers of the page that it takes the place of: a session layer inside of
/// this one has set its cookie there. Those that speak of the page's body, and of its caching, go.
fn in_place_of(page: Response, login: http::Response<Bytes>) -> Response {
    let (mut parts, _) = page.into_parts();
    let (login, body) = login.into_parts();
    let of_body = |name: &http::HeaderName| {
        let text = name.as_str();
        text.starts_with("content-")
            || text.ends_with("cache-control")
            || text == "surrogate-control"
            || [ETAG, EXPIRES, LAST_MODIFIED].contains(name)
    };
    let replaced: Vec<_> = parts
        .headers
        .keys()
        .filter(|name| of_body(name) || login.headers.contains_key(*name))
        .filter(|name| **name != SET_COOKIE)
        .cloned()
        .collect();
    for name in replaced {
        parts.headers.remove(name);
    }
    for (name, value) in &login.headers {
        parts.headers.append(name, value.clone());
    }
    parts.status = login.status;
    Response::from_parts(parts, Body::from(body))
}
