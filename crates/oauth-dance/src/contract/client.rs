//! The contract with an HTTP client: one request out, one capped response back.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};

use crate::values::login_error::{Failed, LoginError};
use crate::values::no_answer::ClientErrorKind;

/// Sends the requests of the dance to providers.
///
/// `oauth-dance` has no HTTP client of its own. `oauth-dance-reqwest` is one, and a crate for another
/// client is small. An implementation must
///
/// - **not follow redirects**: a token endpoint that answers 307 would have the client secret and the
///   code posted to a host of its choosing (attack cases D06 and E14);
/// - stop reading at [`Limits::max_body_bytes`] **after** decompression (D01, D04);
/// - give up after [`Limits::deadline`], counted from the call to the last byte of the body (D02, D03);
/// - connect to a loopback address for `localhost` and every name below it, and ask no DNS for them: plain
///   http is allowed there because it stays on this machine ([`leaf::is_loopback`](crate::leaf::is_loopback));
/// - send a `User-Agent` with a request that has none: some providers refuse requests without one, and a flow
///   writes none, so that the client's setting reaches every request;
/// - verify certificates, and keep no cookies between calls (D26, D27);
/// - never retry a request it may have sent: an authorization code works once (RFC 6749 §4.1.2);
/// - never put a URL, a header or a body into its error: they carry secrets.
///
/// The driver applies the deadline and the cap once more, so that a careless implementation fails closed.
/// The driver cannot undo a redirect that the client has followed.
#[async_trait]
pub trait HttpClient: Send + Sync + 'static {
    /// Sends `request` and reads the whole response.
    ///
    /// # Errors
    ///
    /// [`ClientError`] with the kind of the failure. A 4xx or 5xx response is `Ok`.
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError>;

    /// Checks whether the client can send requests to `endpoint` at all.
    ///
    /// The dances ask once for each endpoint when they are built, so that a client without TLS is
    /// reported then and not at the first login. By default every endpoint passes.
    ///
    /// # Errors
    ///
    /// [`ClientError`] with the reason.
    fn check(&self, endpoint: &Uri) -> Result<(), ClientError> {
        let _ = endpoint;
        Ok(())
    }
}

#[async_trait]
impl<C: HttpClient + ?Sized> HttpClient for Arc<C> {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        (**self).send(request, limits).await
    }

    fn check(&self, endpoint: &Uri) -> Result<(), ClientError> {
        (**self).check(endpoint)
    }
}

/// The caps of one request to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of (decompressed) body that are read before the request fails.
    pub max_body_bytes: usize,
    /// The longest time of the request, from the call to the last byte of the body.
    pub deadline: Duration,
}

impl Limits {
    /// The default caps: 1 MiB and 10 seconds.
    pub const DEFAULT: Self = Self {
        max_body_bytes: 1024 * 1024,
        deadline: Duration::from_secs(10),
    };

    /// Returns the same limits with another body cap, in bytes.
    #[must_use]
    pub fn with_max_body_bytes(self, max_body_bytes: usize) -> Self {
        Self {
            max_body_bytes,
            ..self
        }
    }

    /// Returns the same limits with another deadline.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Why a request to a provider got no response.
///
/// The error carries the kind of failure and, for developers who debug a deployment, a source. The source
/// must not hold a URL, a header or a body.
#[derive(Debug)]
pub struct ClientError {
    kind: ClientErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ClientError {
    /// Makes an error of this kind without a cause.
    #[must_use]
    pub fn new(kind: ClientErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Makes an error of this kind with its cause. The cause must not hold a URL, a header or a body.
    #[must_use]
    pub fn with_source(
        kind: ClientErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// Returns the kind of the failure.
    #[must_use]
    pub fn kind(&self) -> ClientErrorKind {
        self.kind
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl StdError for ClientError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<ClientError> for Failed {
    fn from(error: ClientError) -> Self {
        Self::because(LoginError::NoAnswer(error.kind()), error)
    }
}
