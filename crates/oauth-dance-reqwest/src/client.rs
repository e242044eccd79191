//! The client: one request out, one capped response back, before the deadline.

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_ENCODING;
use http::uri::{Scheme, Uri};
use http::{HeaderMap, Request, Response};
use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};

use crate::builder::ReqwestClientBuilder;
use crate::error::{BuildError, Problem, classify};

/// Sends the requests of the dance through reqwest.
///
/// Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct ReqwestClient {
    client: reqwest::Client,
    /// For loopback addresses. A proxy of the environment has a loopback of its own: what is meant for a
    /// provider on this machine, the client secret included, must not end up there.
    this_machine: reqwest::Client,
}

impl ReqwestClient {
    /// Whether this build can speak https, that is, has one of the features `rustls` and `native-tls`:
    /// for an application that would rather fail at its start than at the first login.
    // A feature of *ours* decides, even if another crate has switched TLS on in reqwest: without TLS,
    // reqwest would hand an https request to a proxy in clear text.
    pub const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

    /// A client with the configuration that suits most applications.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when TLS cannot be set up, for example in a container without any root
    /// certificates (Debian's package is called `ca-certificates`).
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Configures a client: name, root certificates, proxy and so on.
    pub fn builder() -> ReqwestClientBuilder {
        ReqwestClientBuilder::new()
    }

    /// Wraps clients that have the policies of the contract.
    pub(crate) fn from_policed(client: reqwest::Client, this_machine: reqwest::Client) -> Self {
        Self {
            client,
            this_machine,
        }
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        max_body_bytes: usize,
    ) -> Result<Response<Bytes>, ClientError> {
        self.check(request.uri())?;
        let client = if is_loopback(request.uri()) {
            &self.this_machine
        } else {
            &self.client
        };
        let request = reqwest::Request::try_from(request).map_err(classify)?;
        let mut answer = client.execute(request).await.map_err(classify)?;
        // What is still coded here is something other than the gzip that reqwest has undone.
        if has_content_coding(answer.headers()) {
            return Err(ClientError::with_source(
                ClientErrorKind::Transport,
                Problem::ContentCoding,
            ));
        }

        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        *response.body_mut() = read_capped(answer, max_body_bytes).await?;
        Ok(response)
    }
}

#[async_trait]
impl HttpClient for ReqwestClient {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        // Dropping the exchange at the deadline closes its connection.
        let exchange = self.exchange(request, limits.max_body_bytes);
        tokio::time::timeout(limits.deadline, exchange)
            .await
            .unwrap_or_else(|_| Err(ClientError::new(ClientErrorKind::Timeout)))
    }

    fn check(&self, endpoint: &Uri) -> Result<(), ClientError> {
        if !Self::HAS_TLS && endpoint.scheme() == Some(&Scheme::HTTPS) {
            return Err(ClientError::with_source(
                ClientErrorKind::Connect,
                Problem::NoTls,
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for ReqwestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not what reqwest prints: it shows default headers and proxies, which may hold credentials.
        f.debug_struct("ReqwestClient").finish_non_exhaustive()
    }
}

/// Whether the host is an address of this machine itself, or its customary name (RFC 6761 §6.3).
fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

fn has_content_coding(headers: &HeaderMap) -> bool {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Reads the body, after decompression, and gives up with the first chunk that exceeds the cap.
async fn read_capped(
    mut answer: reqwest::Response,
    max_body_bytes: usize,
) -> Result<Bytes, ClientError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(classify)? {
        if chunk.len() > max_body_bytes - body.len() {
            return Err(ClientError::new(ClientErrorKind::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
