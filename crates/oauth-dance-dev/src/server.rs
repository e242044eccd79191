//! The provider over a socket.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use crate::answer::plain;
use crate::faults::body::DeliveredBody;
use crate::faults::delivery::Delivery;
use crate::faults::stream::{Script, Stream};
use crate::provider::DevProvider;
use crate::route::MAX_REQUEST_BYTES;

/// How many connections are served at once; further ones wait.
const MAX_CONNECTIONS: usize = 256;
/// How long a client may take to send the head of a request.
const HEADER_DEADLINE: Duration = Duration::from_secs(10);
/// How long to wait before accepting again after it failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A provider that listens on a socket; made by [`DevProvider::serve`]. Dropping it closes the socket
/// and every connection.
#[must_use = "dropping it stops the server"]
pub struct RunningProvider {
    provider: DevProvider,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl DevProvider {
    /// Listens on `address`, for example `127.0.0.1:0` for a free port, until the returned handle is
    /// dropped. From now on the [issuer](Self::issuer) is this address, unless it was fixed.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on, or if the provider [stands in](crate::DevProviderBuilder::stand_in_for)
    /// for another one, whose addresses are elsewhere.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub async fn serve(&self, address: impl ToSocketAddrs) -> io::Result<RunningProvider> {
        self.serve_on(TcpListener::bind(address).await?)
    }

    /// Listens on a socket that is bound already, so that every endpoint is known before the provider
    /// is built. An application needs that if its redirect URI is to be registered, and it can tell
    /// the redirect URI only after it was told the endpoints.
    ///
    /// ```
    /// use oauth_dance_dev::{ClientRegistration, DevProvider};
    /// use tokio::net::TcpListener;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let issuer = format!("http://{}", listener.local_addr()?);
    /// // … start the application with these endpoints, and learn its redirect URI …
    /// let redirect_uri = "http://127.0.0.1:3000/login/dev/authorized";
    ///
    /// let server = DevProvider::builder()
    ///     .client(ClientRegistration::new("app", "secret").redirect_uri(redirect_uri))
    ///     .build()
    ///     .serve_on(listener)?;
    /// assert_eq!(server.issuer(), issuer);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the socket has no address, or if the provider stands in for another one.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn serve_on(&self, listener: TcpListener) -> io::Result<RunningProvider> {
        if self.inner.stand_in.is_some() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a stand-in answers at the addresses of its provider, in process: to listen on a socket, build a provider without `stand_in_for`",
            ));
        }
        let address = listener.local_addr()?;
        self.inner.issuer.lock().served_at(address);
        let accepting = tokio::spawn(accept(listener, self.clone()));
        Ok(RunningProvider {
            provider: self.clone(),
            address,
            accepting,
        })
    }
}

impl RunningProvider {
    /// Returns the address at which the provider listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the issuer: the URL of all endpoints up to their path.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.provider.issuer()
    }

    /// Closes the socket and every connection, and waits until they are closed.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // It was aborted, and says so.
        let _ = (&mut self.accepting).await;
    }

    /// Returns the provider that answers here.
    #[must_use]
    pub fn provider(&self) -> &DevProvider {
        &self.provider
    }
}

impl Drop for RunningProvider {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl fmt::Debug for RunningProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningProvider")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Accepts until aborted. The connections belong to this task, so they end with it.
async fn accept(listener: TcpListener, provider: DevProvider) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let provider = provider.clone();
                connections.spawn(async move {
                    serve_connection(stream, provider).await;
                    drop(slot);
                });
            }
            // Out of file descriptors, or the peer is gone already: let the others go on.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(stream: TcpStream, provider: DevProvider) {
    let script = Script::default();
    let stream = Stream::new(stream, script.clone());
    let service = service_fn(move |request| {
        let (provider, script) = (provider.clone(), script.clone());
        async move { respond(&provider, request, &script).await }
    });
    // A connection that breaks off is the client's affair.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_DEADLINE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The provider was told to close the connection without an answer.
#[derive(Debug)]
struct HangUp;

impl fmt::Display for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("told to hang up")
    }
}

impl std::error::Error for HangUp {}

async fn respond(
    provider: &DevProvider,
    request: Request<Incoming>,
    script: &Script,
) -> Result<Response<DeliveredBody>, HangUp> {
    let (parts, body) = request.into_parts();
    let delivery = match Limited::new(body, MAX_REQUEST_BYTES).collect().await {
        Ok(body) => provider.deliver(Request::from_parts(parts, body.to_bytes())),
        Err(_) => Delivery::Whole(plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request is too large.",
        )),
    };
    match delivery {
        Delivery::Whole(answer) => Ok(answer.map(DeliveredBody::whole)),
        Delivery::Endless(answer) => Ok(answer.map(|_| DeliveredBody::endless())),
        Delivery::Slow(answer, pause) => Ok(answer.map(|body| DeliveredBody::slow(body, pause))),
        // Ends with the connection: when the client leaves or the server is dropped.
        Delivery::Never => std::future::pending().await,
        Delivery::HangUp => Err(HangUp),
        Delivery::Raw(bytes) => {
            script.take_over(bytes);
            let mut last = Response::new(DeliveredBody::whole(Bytes::new()));
            last.headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
            Ok(last)
        }
    }
}
