//! The errors: why a client could not be built, and why a request failed.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};

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

/// A host name that could not be resolved.
#[derive(Debug, thiserror::Error)]
#[error("the host name was not resolved")]
pub(crate) struct Unresolved(#[source] pub(crate) io::Error);

/// How far an exchange came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// Up to the head of the answer.
    Head,
    /// In the body of the answer.
    Body,
}

/// Turns an error of reqwest into one of the contract, without the URL: its query may hold a code or a
/// token.
pub(crate) fn classify(error: reqwest::Error, stage: Stage) -> ClientError {
    let kind = if error.is_connect() || error.is_builder() {
        // A builder error is a URL that reqwest cannot send to. As with a failed connection, nothing was
        // sent; the same holds if the operating system gave up on the connection after a while.
        no_connection(&error)
    } else if error.is_timeout() {
        ClientErrorKind::Timeout
    } else if ends_early(&error) {
        match stage {
            Stage::Head => ClientErrorKind::Closed,
            Stage::Body => ClientErrorKind::Truncated,
        }
    } else {
        ClientErrorKind::Transport
    };
    ClientError::with_source(kind, error.without_url())
}

fn no_connection(error: &reqwest::Error) -> ClientErrorKind {
    for error in chain(error) {
        if error.is::<Unresolved>() {
            return ClientErrorKind::Unresolved;
        }
        if io_kind(error) == Some(ErrorKind::ConnectionRefused) {
            return ClientErrorKind::Refused;
        }
    }
    ClientErrorKind::Connect
}

/// Returns whether the connection ended before the answer did.
fn ends_early(error: &reqwest::Error) -> bool {
    chain(error).any(|error| {
        let incomplete = error.downcast_ref().is_some_and(|error: &hyper::Error| {
            error.is_incomplete_message() || error.is_closed() || error.is_canceled()
        });
        let cut = io_kind(error).is_some_and(|kind| {
            matches!(
                kind,
                ErrorKind::UnexpectedEof
                    | ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::BrokenPipe
            )
        });
        incomplete || cut
    })
}

fn io_kind(error: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    error.downcast_ref().map(io::Error::kind)
}

fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}
