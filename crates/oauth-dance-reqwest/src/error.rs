//! The errors: why a client could not be built, and why a request failed.

use std::error::Error as StdError;

use oauth_dance::{ClientError, ClientErrorKind};

/// Why a [`ReqwestClient`](crate::ReqwestClient) could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be built: {problem}")]
pub struct BuildError {
    problem: &'static str,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl BuildError {
    #[cfg(feature = "rustls")]
    pub(crate) fn tls(
        problem: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            problem,
            source: Some(source.into()),
        }
    }

    pub(crate) fn reqwest(error: reqwest::Error) -> Self {
        Self {
            problem: "reqwest refused its configuration",
            source: Some(error.without_url().into()),
        }
    }
}

/// Why this crate gave up on a request. It names nothing of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error(
        "https needs TLS, and this build has none: \
         switch on the feature `rustls` (or `native-tls`) of oauth-dance-reqwest"
    )]
    NoTls,
    #[error(
        "http elsewhere is refused: plain http is for loopback hosts (localhost, *.localhost, \
         127.0.0.0/8, [::1]); use https"
    )]
    HttpElsewhere,
    #[error("the URL is neither https nor http")]
    Scheme,
    #[error("the URL is not a valid absolute URL")]
    NotAbsolute,
    #[error("the response has a content coding that was not requested")]
    ContentCoding,
}

/// Turns an error of reqwest into one of the contract, without the URL: its query may hold a code or a
/// token.
pub(crate) fn classify(error: reqwest::Error) -> ClientError {
    // A builder error is a URL that reqwest cannot send to. As with a failed connection, nothing was
    // sent; the same holds if the operating system gave up on the connection after a while.
    let kind = if error.is_connect() || error.is_builder() {
        ClientErrorKind::Connect
    } else if error.is_timeout() {
        ClientErrorKind::Timeout
    } else {
        ClientErrorKind::Transport
    };
    ClientError::with_source(kind, error.without_url())
}
