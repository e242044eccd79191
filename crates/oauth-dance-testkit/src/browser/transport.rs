//! How a request reaches its server: over a new connection, or by a call into this process.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Body;
use oauth_dance::leaf::is_loopback;
use oauth_dance_dev::DevProvider;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tower_service::Service;
use url::{Host, Url};

use super::error::{BrowserError, Source};
use crate::exchange::{ExchangeError, exchange};

/// How much of a page is read.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

type Answering = Pin<Box<dyn Future<Output = Result<Response<Bytes>, BrowserError>> + Send>>;
type Handler = Arc<dyn Fn(Request<Bytes>) -> Answering + Send + Sync>;

/// Where an origin is served.
#[derive(Clone)]
enum Server {
    /// In this process.
    Here(Handler),
    /// By the server that listens at this address.
    At(SocketAddr),
}

/// The servers that are elsewhere than their origin says.
#[derive(Clone, Default)]
pub(crate) struct Mounts {
    /// By origin.
    servers: HashMap<String, Server>,
    /// The provider that the browser was sent to last, by origin. All tabs share it.
    stand_ins: Arc<Mutex<HashMap<String, DevProvider>>>,
}

impl Mounts {
    pub(crate) fn insert<H, F>(&mut self, origin: &str, handler: H)
    where
        H: Fn(Request<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |request| {
            let answering = handler(request);
            Box::pin(async { Ok(answering.await) })
        });
        self.servers
            .insert(serialized(origin), Server::Here(handler));
    }

    /// Serves an origin by a service, behind a proxy that takes `prefix` off each path.
    pub(crate) fn insert_service<S, B>(&mut self, origin: &str, prefix: &str, service: S)
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Source>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Source>,
    {
        // A clone of a service need not be shared between threads, and the original is for clones only.
        let service = Mutex::new(service);
        let prefix = prefix.to_owned();
        let handler: Handler = Arc::new(move |request| {
            let Some(request) = without_prefix(&prefix, request) else {
                return Box::pin(async { Ok(not_of_the_application()) });
            };
            let service = service.lock().clone();
            Box::pin(call(service, request))
        });
        self.servers
            .insert(serialized(origin), Server::Here(handler));
    }

    pub(crate) fn forward(&mut self, origin: &str, address: SocketAddr) {
        self.servers.insert(serialized(origin), Server::At(address));
    }

    /// Brings the request to the server of `url`.
    pub(crate) async fn send(
        &self,
        url: &Url,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, BrowserError> {
        let origin = url.origin().ascii_serialization();
        match self.servers.get(&origin) {
            Some(Server::Here(handler)) => return handler(request).await,
            Some(Server::At(address)) => {
                return over_a_socket(TcpStream::connect(address), request).await;
            }
            None => {}
        }
        if let Some(stand_in) = self.stand_in(url, &origin) {
            return Ok(stand_in.handle(request));
        }
        if url.scheme() == "http" {
            over_a_socket(connect(url), request).await
        } else {
            Err(BrowserError::new(format!(
                "nothing serves {origin}: over sockets the browser speaks plain http only, and no provider of \
                 this process stands in for it"
            )))
        }
    }

    /// The provider of this process that stands in for the one at `url`.
    fn stand_in(&self, url: &Url, origin: &str) -> Option<DevProvider> {
        let mut stand_ins = self.stand_ins.lock();
        if let Some(found) = DevProvider::stand_in_at(url) {
            stand_ins.insert(origin.to_owned(), found);
        }
        stand_ins.get(origin).cloned()
    }
}

/// The origin of a URL, or the text itself.
fn serialized(origin: &str) -> String {
    Url::parse(origin).map_or_else(
        |_| origin.to_owned(),
        |url| url.origin().ascii_serialization(),
    )
}

/// Takes the prefix off the path. Returns `None` if the path is not below the prefix.
fn without_prefix(prefix: &str, mut request: Request<Bytes>) -> Option<Request<Bytes>> {
    let path = request.uri().path_and_query()?.as_str();
    let rest = path.strip_prefix(prefix)?;
    let rest = match rest.as_bytes().first() {
        Some(b'/') => rest.to_owned(),
        Some(b'?') | None => format!("/{rest}"),
        Some(_) => return None,
    };
    *request.uri_mut() = rest.parse().ok()?;
    Some(request)
}

/// The answer of a proxy whose application is elsewhere.
fn not_of_the_application() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(
        b"The proxy has no application at this path.",
    ));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Calls a service, and reads its answer to the end.
async fn call<S, B>(
    mut service: S,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, BrowserError>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<Source>,
    B: Body,
    B::Error: Into<Source>,
{
    let failed = |error: S::Error| BrowserError::from_source("the application failed", error);
    poll_fn(|context| service.poll_ready(context))
        .await
        .map_err(failed)?;
    let response = service.call(request.map(Full::new)).await.map_err(failed)?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_PAGE_BYTES)
        .collect()
        .await
        .map_err(|error| BrowserError::from_source("the page broke off, or is too large", error))?;
    Ok(Response::from_parts(head, body.to_bytes()))
}

async fn over_a_socket(
    connecting: impl Future<Output = io::Result<TcpStream>>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, BrowserError> {
    let stream = connecting
        .await
        .map_err(|error| BrowserError::from_source("no connection", error))?;
    exchange(stream, request, MAX_PAGE_BYTES)
        .await
        .map_err(|error| match error {
            ExchangeError::TooLarge => BrowserError::new("the page is too large"),
            ExchangeError::Broken { source, .. } => {
                BrowserError::from_source("the exchange broke off", source)
            }
        })
}

async fn connect(url: &Url) -> io::Result<TcpStream> {
    let port = url.port_or_known_default().unwrap_or(80);
    match url.host() {
        // As browsers do: every name below `localhost` is this machine, without asking DNS.
        Some(Host::Domain(_)) if is_loopback(url) => {
            match TcpStream::connect(("127.0.0.1", port)).await {
                Ok(stream) => Ok(stream),
                Err(_) => TcpStream::connect(("::1", port)).await,
            }
        }
        Some(Host::Domain(name)) => TcpStream::connect((name, port)).await,
        Some(Host::Ipv4(address)) => TcpStream::connect((address, port)).await,
        Some(Host::Ipv6(address)) => TcpStream::connect((address, port)).await,
        None => Err(io::Error::other("the URL names no host")),
    }
}
