//! The service that opens a visit for every request, and closes it on the response.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Request;
use http_body::Body;
use oauth_dance::Dances;
use oauth_dance_tower::{VisitService, layer};
use tower_layer::Layer as _;
use tower_service::Service;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reject::Rejection;
use warp::reply::{Reply, Response};

use crate::current::Current;
use crate::error::recover;

type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// Makes a service of the filter of the application, as [`warp::service`] does, and opens a visit for every request: for
/// the filters of this crate, and for receivers among the extensions of their request. The visit's cookies are added to
/// every response, that of a rejection included.
///
/// If a filter or a handler asks for a login, the response is that of [`leaf::login_required`](oauth_dance::leaf::login_required): a redirect to the
/// login, after which the browser returns to the same address, or 401 for a script. This is so for an
/// [`Error`](crate::Error) that is a reply, and for a rejection. If a `recover` of the application makes an error page
/// (4xx or 5xx) of such a rejection, the login takes the place of the page. If another filter behind `or` answers with a
/// page that is not an error, the page stays.
///
/// After a login that was refused, discarded or failed, the response is a small page with the status 403 instead:
/// until the browser begins another login at `/login/…`, and for ten minutes at most. The page of the guide on
/// [failures](oauth_dance::guide::failures) has the rule.
///
/// # Serving
///
/// `warp::serve` takes a filter, and a filter of warp cannot hand values to the filters inside of it. So the service is
/// served by what warp itself uses, `hyper-util`, with HTTP/1, HTTP/2 and upgrades. The
/// [example](crate) of this crate has the lines. A server that adds the address of the browser to the extensions of the
/// request, such as a [`SocketAddr`](std::net::SocketAddr), takes the place of `warp::addr::remote()`, which is `None`:
/// filters read it by `warp::ext::get::<SocketAddr>()`.
///
/// ```
/// # use std::net::SocketAddr;
/// # use hyper_util::rt::{TokioExecutor, TokioIo};
/// # use hyper_util::server::conn::auto;
/// # use hyper_util::service::TowerToHyperService;
/// # use oauth_dance_warp::App;
/// # use tokio::net::TcpStream;
/// use tower_service::Service as _;
///
/// # async fn serve(app: App, stream: TcpStream, address: SocketAddr) {
/// let app = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
///     request.extensions_mut().insert(address);
///     app.clone().call(request)
/// });
/// let server = auto::Builder::new(TokioExecutor::new());
/// let _ = server.serve_connection_with_upgrades(TokioIo::new(stream), app).await;
/// # }
/// ```
pub fn service<F, R>(filter: F, dances: &Dances) -> App
where
    F: Filter<Extract = (R,)> + Send + Sync + 'static,
    F::Error: Into<Rejection>,
    R: Reply + 'static,
{
    let filter = filter.boxed().map(Reply::into_response);
    let filter = filter.recover(recover).unify().boxed();
    App(layer(dances).layer(Pages { filter }))
}

/// The service that [`service`] returns: the filter of the application, and a visit for every request. Clones are
/// cheap. Layers of tower go around it.
#[derive(Debug, Clone)]
pub struct App(VisitService<Pages>);

impl<B> Service<Request<B>> for App
where
    B: Body + Send + Sync + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        self.0.call(request)
    }
}

/// The filter of the application, inside of the visit.
#[derive(Clone)]
struct Pages {
    filter: BoxedFilter<(Response,)>,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for Pages
where
    B: Body + Send + Sync + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        let (parts, body) = request.into_parts();
        let current = Current::new(&parts);
        let mut pages = warp::service(self.filter.clone());
        Box::pin(async move {
            let request = Request::from_parts(parts, body);
            let response = current.answer(pages.call(request)).await?;
            Ok(current.complete(response))
        })
    }
}
