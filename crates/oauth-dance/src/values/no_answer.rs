//! Why a request to a provider got no answer.

use std::fmt;

use http::StatusCode;

/// Why a request to a provider got no answer: the kinds of [`ClientError`](crate::ClientError).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientErrorKind {
    /// The host name of the provider could not be resolved. Nothing was sent.
    Unresolved,
    /// The provider's host refused the connection. Nothing was sent.
    Refused,
    /// There was no connection for another reason: no route, a failed TLS handshake, a URL that the client does
    /// not send to. Nothing was sent.
    Connect,
    /// The deadline passed.
    Timeout,
    /// The connection was closed or reset before the answer began.
    Closed,
    /// The answer broke off.
    Truncated,
    /// The answer is larger than the cap.
    TooLarge,
    /// The answer is not HTTP, or anything else went wrong with the exchange.
    Transport,
}

impl ClientErrorKind {
    /// Returns the status of the application's answer (RFC 9110 §15.6).
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        }
    }
}

impl fmt::Display for ClientErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unresolved => "the host name of the provider could not be resolved",
            Self::Refused => "the provider refused the connection",
            Self::Connect => "no connection to the provider",
            Self::Timeout => "the provider did not answer before the deadline",
            Self::Closed => "the provider closed the connection before it answered",
            Self::Truncated => "the provider's answer broke off",
            Self::TooLarge => "the provider's answer is larger than the cap",
            Self::Transport => "the exchange with the provider failed",
        })
    }
}
