//! The pages of the dances and a visit around a service, in one.

use std::collections::HashSet;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use oauth_dance::{Dances, leaf};
use tower_layer::Layer as _;
use tower_service::Service;

use crate::route::handle;
use crate::visit::{VisitService, layer};

/// Answers the paths of the dances, passes every other request to `service`, and opens a visit for all of them: a
/// receiver finds the visit among the extensions of its request.
///
/// Applications that compose services and layers themselves use [`routes`](crate::routes()) and
/// [`layer`](crate::layer()).
///
/// ```no_run
/// # use bytes::Bytes;
/// # use http::{Request, Response};
/// # use http_body_util::Full;
/// # use hyper::body::Incoming;
/// # async fn example(dances: oauth_dance::Dances, stream: hyper_util::rt::TokioIo<tokio::net::TcpStream>)
/// #     -> Result<(), hyper::Error> {
/// use oauth_dance_tower::{Error, mount, service_fn};
///
/// async fn welcome(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Error> {
///     Ok(Response::new("Welcome!".into()))
/// }
///
/// let app = hyper_util::service::TowerToHyperService::new(mount(service_fn(welcome), &dances));
/// hyper::server::conn::http1::Builder::new().serve_connection(stream, app).await
/// # }
/// ```
pub fn mount<S>(service: S, dances: &Dances) -> VisitService<Mount<S>> {
    layer(dances).layer(Mount {
        inner: service,
        paths: Arc::new(leaf::paths(dances).collect()),
        dances: dances.clone(),
    })
}

/// The service inside of the visit that [`mount`] opens: the pages of the dances, and the application.
#[derive(Debug, Clone)]
pub struct Mount<S> {
    inner: S,
    paths: Arc<HashSet<String>>,
    dances: Dances,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Mount<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Future: Send + 'static,
    ReqBody: Body + Send + 'static,
    ReqBody::Data: Send,
    ReqBody::Error: Into<Box<dyn Error + Send + Sync>>,
    ResBody: From<Bytes>,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<ResBody>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        if self.paths.contains(request.uri().path()) {
            let dances = self.dances.clone();
            return Box::pin(async move { Ok(handle(&dances, request).await.map(ResBody::from)) });
        }
        Box::pin(self.inner.call(request))
    }
}
