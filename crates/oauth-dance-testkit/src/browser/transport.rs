//! How a request reaches its server: over a new connection, or by a call into this process.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use tokio::net::TcpStream;
use url::{Host, Url};

use super::BrowserError;
use crate::exchange::{ExchangeError, exchange};
use oauth_dance::leaf::is_loopback;

/// How much of a page is read.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

type Answered = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;
type Handler = Arc<dyn Fn(Request<Bytes>) -> Answered + Send + Sync>;

/// Where an origin is served.
#[derive(Clone)]
enum Server {
    /// In this process.
    Here(Handler),
    /// By whatever listens at this address.
    At(SocketAddr),
}

/// The servers that are elsewhere than their origin says, by origin.
#[derive(Clone, Default)]
pub(crate) struct Mounts(HashMap<String, Server>);

impl Mounts {
    pub(crate) fn insert<H, F>(&mut self, origin: &str, handler: H)
    where
        H: Fn(Request<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |request| Box::pin(handler(request)));
        self.0.insert(serialized(origin), Server::Here(handler));
    }

    pub(crate) fn forward(&mut self, origin: &str, address: SocketAddr) {
        self.0.insert(serialized(origin), Server::At(address));
    }

    /// Brings the request to the server of `url`.
    pub(crate) async fn send(
        &self,
        url: &Url,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, BrowserError> {
        match self.0.get(&url.origin().ascii_serialization()) {
            Some(Server::Here(handler)) => Ok(handler(request).await),
            Some(Server::At(address)) => over_a_socket(TcpStream::connect(address), request).await,
            None if url.scheme() == "http" => over_a_socket(connect(url), request).await,
            None => Err(BrowserError::new(
                "over sockets the browser speaks plain http only",
            )),
        }
    }
}

/// The origin of a URL, or the text itself.
fn serialized(origin: &str) -> String {
    Url::parse(origin).map_or_else(
        |_| origin.to_owned(),
        |url| url.origin().ascii_serialization(),
    )
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
            ExchangeError::Broken(source) => {
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
