//! A small HTTP client over plain sockets, for tests.

use std::io::ErrorKind;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{HOST, HeaderValue, USER_AGENT};
use http::{Request, Response, Uri};
use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};
use tokio::net::TcpStream;

use crate::exchange::{ExchangeError, exchange};

/// An [`HttpClient`] that speaks HTTP/1.1 over a new connection for each request. It keeps the contract:
/// nothing is followed, retried or remembered. It knows no TLS, so it is for providers on this machine.
///
/// ```
/// use bytes::Bytes;
/// use oauth_dance::{HttpClient as _, Limits};
/// use oauth_dance_testkit::{DevProvider, SocketClient};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = DevProvider::builder().build().serve("127.0.0.1:0").await?;
/// let metadata = format!("{}/.well-known/oauth-authorization-server", server.issuer());
/// let request = http::Request::get(metadata).body(Bytes::new())?;
/// let answer = SocketClient::new().send(request, Limits::DEFAULT).await?;
/// assert_eq!(answer.status(), 200);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SocketClient(());

impl SocketClient {
    /// Returns the client.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl HttpClient for SocketClient {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        tokio::time::timeout(limits.deadline, send(request, limits.max_body_bytes))
            .await
            .map_err(|_| ClientError::new(ClientErrorKind::Timeout))?
    }
}

async fn send(mut request: Request<Bytes>, cap: usize) -> Result<Response<Bytes>, ClientError> {
    let no_server = |why: &'static str| ClientError::with_source(ClientErrorKind::Connect, why);
    let uri = std::mem::take(request.uri_mut());
    if uri.scheme_str() != Some("http") {
        return Err(no_server("this client speaks plain http only"));
    }
    let authority = uri.authority().ok_or_else(|| no_server("no host"))?;
    let host = HeaderValue::try_from(authority.as_str()).map_err(|_| no_server("no host"))?;
    request.headers_mut().insert(HOST, host);
    let target = uri.path_and_query().cloned();
    *request.uri_mut() = target.map_or_else(|| Uri::from_static("/"), Uri::from);

    let address = (authority.host(), authority.port_u16().unwrap_or(80));
    request
        .headers_mut()
        .entry(USER_AGENT)
        .or_insert(HeaderValue::from_static("oauth-dance-testkit"));
    let addresses = tokio::net::lookup_host(address)
        .await
        .map_err(|error| ClientError::with_source(ClientErrorKind::Unresolved, error))?;
    let addresses: Vec<_> = addresses.collect();
    let stream = TcpStream::connect(&*addresses).await.map_err(|error| {
        let kind = match error.kind() {
            ErrorKind::ConnectionRefused => ClientErrorKind::Refused,
            _ => ClientErrorKind::Connect,
        };
        ClientError::with_source(kind, error)
    })?;
    exchange(stream, request, cap)
        .await
        .map_err(|error| match error {
            ExchangeError::TooLarge => ClientError::new(ClientErrorKind::TooLarge),
            ExchangeError::Broken { kind, source } => ClientError::with_source(kind, source),
        })
}
