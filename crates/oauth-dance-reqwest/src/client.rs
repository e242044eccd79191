//! The client: one request out, one capped response back, before the deadline.

use std::fmt;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, Request, Response, Uri};
use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};
use url::Url;

use crate::error::{Problem, Stage, classify};
use oauth_dance::leaf::is_loopback;

/// Sends the requests of the dance through reqwest.
///
/// A clone is cheap and shares the connections of the original.
#[derive(Clone)]
pub struct ReqwestClient {
    /// For providers elsewhere, over https.
    elsewhere: reqwest::Client,
    /// For loopback hosts. A proxy of the environment has a loopback of its own: what is meant for a
    /// provider on this machine, the client secret included, must not end up there.
    this_machine: reqwest::Client,
}

impl ReqwestClient {
    /// Whether this build can speak https: one of the features `rustls` and `native-tls` is on. An
    /// application can test this at its start instead of failing at the first login.
    // A feature of *ours* decides, even if another crate has switched TLS on in reqwest: without TLS,
    // reqwest would hand an https request to a proxy in clear text.
    pub const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

    /// Wraps clients that have the policies of the contract.
    pub(crate) fn from_policed(elsewhere: reqwest::Client, this_machine: reqwest::Client) -> Self {
        Self {
            elsewhere,
            this_machine,
        }
    }

    /// Returns the client that may send to `endpoint`.
    fn way_to(&self, endpoint: &Uri) -> Result<&reqwest::Client, Problem> {
        let url = Url::parse(&endpoint.to_string()).map_err(|_| Problem::NotAbsolute)?;
        match (url.scheme(), is_loopback(&url)) {
            ("https", _) if !Self::HAS_TLS => Err(Problem::NoTls),
            ("http" | "https", true) => Ok(&self.this_machine),
            ("https", false) => Ok(&self.elsewhere),
            ("http", false) => Err(Problem::HttpElsewhere),
            _ => Err(Problem::Scheme),
        }
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        max_body_bytes: usize,
    ) -> Result<Response<Bytes>, ClientError> {
        let client = self.way_to(request.uri()).map_err(refused)?;
        let request = reqwest::Request::try_from(request).map_err(at(Stage::Head))?;
        let mut answer = client.execute(request).await.map_err(at(Stage::Head))?;
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
        self.way_to(endpoint).map(drop).map_err(refused)
    }
}

/// Returns what makes an error of this stage one of the contract.
fn at(stage: Stage) -> impl Fn(reqwest::Error) -> ClientError {
    move |error| classify(error, stage)
}

/// The error for a request that was not sent.
fn refused(problem: Problem) -> ClientError {
    ClientError::with_source(ClientErrorKind::Connect, problem)
}

impl fmt::Debug for ReqwestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not what reqwest prints: it shows default headers and proxies, which may hold credentials.
        f.debug_struct("ReqwestClient").finish_non_exhaustive()
    }
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
    while let Some(chunk) = answer.chunk().await.map_err(at(Stage::Body))? {
        if chunk.len() > max_body_bytes - body.len() {
            return Err(ClientError::new(ClientErrorKind::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
