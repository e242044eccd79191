//! Why a client could not be built, and what a failed request is called.

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

/// A reason of ours to give up on a request; it names nothing of the request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error(
        "https needs TLS, and this build has none: \
         switch on the feature `rustls` (or `native-tls`) of oauth-dance-reqwest"
    )]
    NoTls,
    #[error("the answer has a content coding that was not asked for")]
    ContentCoding,
}

/// Sorts an error of reqwest into a kind. Its URL goes: it may carry a code or a token in its query.
pub(crate) fn classify(error: reqwest::Error) -> ClientError {
    // A builder error is a URL that cannot be sent to. As with a failed connection, nothing was sent,
    // also when it was the operating system's patience with the connection that ended.
    let kind = if error.is_connect() || error.is_builder() {
        ClientErrorKind::Connect
    } else if error.is_timeout() {
        ClientErrorKind::Timeout
    } else {
        ClientErrorKind::Transport
    };
    ClientError::with_source(kind, error.without_url())
}
