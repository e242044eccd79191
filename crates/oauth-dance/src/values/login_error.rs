//! Why a login failed, and the one table from failures to HTTP statuses.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use url::Url;

use crate::values::endpoint::{At, EndpointKind};
use crate::values::no_answer::ClientErrorKind;

/// Why a login of this browser failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginError {
    /// The provider reported an error, at its authorization endpoint or its token endpoint.
    Provider(ProviderError),
    /// The callback has neither a code nor an error, or its code is malformed.
    MalformedCallback,
    /// The callback's `iss` is not the issuer that the login was begun with (RFC 9207 §2.4).
    IssuerMismatch,
    /// The provider's answer departs from RFC 6749 and from the provider's quirks. The text names the
    /// part.
    ProviderAnswer(&'static str),
    /// The provider could not be reached, did not answer in time, or its answer broke off or was too large.
    NoAnswer(ClientErrorKind),
    /// The token store refused this token.
    StoreRefused,
    /// The pending login does not fit the browser's cookies, because the scopes, the `next` and the remembered
    /// values together are very long. A [`PendingStore`](crate::PendingStore) has room for it.
    PendingTooLarge,
    /// The token store, or the store of pending logins, failed or could not be reached.
    StoreUnavailable,
    /// A receiver returned an error or panicked.
    ReceiverFailed {
        /// The receiver's name.
        receiver: String,
    },
    /// The receivers were not done when their deadline passed.
    ReceiverTimeout {
        /// The receiver that was running.
        receiver: String,
    },
    /// The operating system's random source failed.
    NoEntropy,
}

impl LoginError {
    /// Returns whether the user, or the provider on the user's behalf, refused the login: by `access_denied`
    /// (RFC 6749 §4.1.2.1), or in [the provider's own words](crate::Provider::denied_errors).
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Provider(error) if error.is_denied)
    }

    /// Returns the status of the response if no receiver answers.
    ///
    /// `None` means that the browser is sent to the configured URL. That is so for every error that the
    /// provider reported, and for a token that the store refused.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Provider(_) | Self::StoreRefused => None,
            Self::MalformedCallback | Self::IssuerMismatch => Some(StatusCode::BAD_REQUEST),
            Self::ProviderAnswer(_) => Some(StatusCode::BAD_GATEWAY),
            Self::NoAnswer(kind) => Some(kind.status()),
            Self::StoreUnavailable => Some(StatusCode::SERVICE_UNAVAILABLE),
            Self::PendingTooLarge
            | Self::ReceiverFailed { .. }
            | Self::ReceiverTimeout { .. }
            | Self::NoEntropy => Some(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The description is the provider's text. It is shown on request only.
            Self::Provider(error) => write!(f, "the provider reported {}", error.code),
            Self::MalformedCallback => f.write_str("the callback is malformed"),
            Self::IssuerMismatch => {
                f.write_str("the callback does not name the issuer that the login was begun with")
            }
            Self::ProviderAnswer(part) => write!(f, "the provider's answer is wrong: {part}"),
            Self::NoAnswer(kind) => kind.fmt(f),
            Self::StoreRefused => f.write_str("the store refused this token"),
            Self::PendingTooLarge => f.write_str(
                "the pending login does not fit the cookies: keep it with `DancesBuilder::pending_store`",
            ),
            Self::StoreUnavailable => f.write_str("the store is unavailable"),
            Self::ReceiverFailed { receiver } => write!(f, "the receiver {receiver} failed"),
            Self::ReceiverTimeout { receiver } => {
                write!(
                    f,
                    "the receiver {receiver} was not done before the deadline"
                )
            }
            Self::NoEntropy => f.write_str("the random source of the operating system failed"),
        }
    }
}

impl StdError for LoginError {}

/// A failure on its way through the driver, with its cause and its place, for the developer who debugs
/// it.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) error: LoginError,
    /// The error of a client, a store or a receiver.
    pub(crate) cause: Option<Cause>,
    /// The endpoint of the provider where it failed.
    #[cfg_attr(
        not(feature = "tracing"),
        allow(dead_code, reason = "only the events show it")
    )]
    pub(crate) at: Option<At>,
}

pub(crate) type Cause = Arc<dyn StdError + Send + Sync>;

impl Failed {
    pub(crate) fn because(error: LoginError, cause: impl StdError + Send + Sync + 'static) -> Self {
        Self {
            error,
            cause: Some(Arc::new(cause)),
            at: None,
        }
    }

    /// Returns the same failure with its endpoint.
    pub(crate) fn at(self, endpoint: EndpointKind, status: Option<StatusCode>) -> Self {
        let at = Some(At { endpoint, status });
        Self { at, ..self }
    }
}

impl From<LoginError> for Failed {
    fn from(error: LoginError) -> Self {
        Self {
            error,
            cause: None,
            at: None,
        }
    }
}

/// An error that the provider reported (RFC 6749 §4.1.2.1 and §5.2).
///
/// The texts are the provider's, cut and cleaned of control characters. If a page shows them, it has to
/// escape them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderError {
    code: String,
    description: Option<String>,
    is_denied: bool,
    // Boxed, because a failure is the error of nearly every step and should be small.
    uri: Option<Box<Url>>,
}

impl ProviderError {
    const MAX_CODE: usize = 64;
    const MAX_DESCRIPTION: usize = 256;

    /// Makes an error of what the provider said. `is_denied` is what its code means at this provider.
    pub(crate) fn new(
        code: &str,
        description: Option<&str>,
        uri: Option<&str>,
        is_denied: bool,
    ) -> Self {
        let code = clean(code, Self::MAX_CODE);
        Self {
            is_denied,
            // An empty or unprintable code is still an error, just one without a name.
            code: if code.is_empty() {
                "unknown_error".to_owned()
            } else {
                code
            },
            description: description
                .map(|text| clean(text, Self::MAX_DESCRIPTION))
                .filter(|text| !text.is_empty()),
            uri: uri
                .filter(|text| text.len() <= 1024)
                .and_then(|text| Url::parse(text).ok())
                .filter(|url| matches!(url.scheme(), "https" | "http"))
                .map(Box::new),
        }
    }

    /// Returns the code, such as `access_denied`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the description, a sentence for developers of at most 256 characters.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Returns the URL of a page about the error.
    #[must_use]
    pub fn uri(&self) -> Option<&Url> {
        self.uri.as_deref()
    }
}

/// Keeps the characters that RFC 6749 §4.1.2.1 allows in `error` and `error_description`.
fn clean(text: &str, max: usize) -> String {
    text.chars()
        .filter(|c| matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e'))
        .take(max)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Why a callback was rejected: the callback proved no link to a pending login of this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectReason {
    /// The query is too long, not form-encoded UTF-8, or repeats a parameter.
    Malformed,
    /// `state` is missing or was not issued by this application.
    NoState,
    /// This browser has no pending login with this `state`. It was begun in another browser, is finished
    /// already, or its cookie is lost.
    NoPendingLogin,
    /// This browser has no pending login with this `state`, and it has as many others as it has room for.
    /// The login was given up for later ones.
    GivenUp,
    /// The pending login has expired.
    Expired,
    /// The pending login belongs to another dance.
    OtherDance,
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the callback is malformed",
            Self::NoState => "the callback has no usable state",
            Self::NoPendingLogin => "this browser has no pending login with that state",
            Self::GivenUp => "the login was given up for later ones of this browser",
            Self::Expired => "the login was begun too long ago",
            Self::OtherDance => "the login was begun with another provider",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a15_d20_k05_provider_text_is_cut_and_cleaned() {
        let long = "x".repeat(5000);
        let error = ProviderError::new(
            "access_denied\r\n",
            Some(&format!("\x1b[31m<b>\"no\\\" {long}")),
            Some("javascript:alert(1)"),
            true,
        );
        assert_eq!(error.code(), "access_denied");
        let description = error.description().unwrap();
        assert!(description.starts_with("[31m<b>no "));
        assert!(description.len() <= 256);
        assert_eq!(error.uri(), None);
    }

    #[test]
    fn an_unprintable_code_is_still_an_error() {
        assert_eq!(
            ProviderError::new("\0", None, None, false).code(),
            "unknown_error"
        );
    }
}
