//! Why an ID token is not taken: one variant for each check.

use crate::values::algorithm::Algorithm;
use crate::values::json::JsonError;

/// Why an ID token is not taken. Its text may hold issuers, audiences and media types, each cut and escaped for a log.
/// It never holds a token or a nonce.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdTokenError {
    #[error("the token is not an ID token: the `typ` of its header is {received:?}")]
    Typ { received: String },
    #[error("the payload of the ID token {0}")]
    Json(JsonError),
    #[error("the token is not an ID token but an event (`events`), such as a logout token")]
    Event,
    #[error("the ID token lacks {0:?}, which it must have")]
    Missing(&'static str),
    #[error("the claim {0:?} of the ID token is not a text")]
    NotText(&'static str),
    #[error("the claim {0:?} of the ID token is not a number")]
    NotNumber(&'static str),
    #[error("the claim {0:?} of the ID token is a time before 1970 or after the year 9999")]
    OutOfRange(&'static str),
    #[error(
        "the ID token is from the issuer {received:?}, and {expected:?} was expected: every character counts, also a slash at the end"
    )]
    Issuer { expected: String, received: String },
    #[error("the audience of the ID token is neither a text nor a list of texts")]
    AudienceType,
    #[error("the ID token is for {received:?}, and the client is {expected:?}")]
    Audience {
        expected: String,
        received: Vec<String>,
    },
    #[error(
        "the ID token is also for {others:?}, which the application does not trust: list them if they may see it"
    )]
    OtherAudiences { others: Vec<String> },
    #[error("the ID token was requested by {received:?} (`azp`), and the client is {expected:?}")]
    AuthorizedParty { expected: String, received: String },
    #[error("the subject of the ID token is empty")]
    EmptySubject,
    #[error("the subject of the ID token has {bytes} bytes: at most 255 are allowed")]
    LongSubject { bytes: usize },
    #[error("the subject of the ID token is not ASCII")]
    SubjectNotAscii,
    #[error(
        "the ID token expired {seconds} s ago, beyond the skew of {skew} s: compare the clocks of this machine and of the provider"
    )]
    Expired { seconds: u64, skew: u64 },
    #[error(
        "the ID token was issued {seconds} s in the future, beyond the skew of {skew} s: compare the clocks of this machine and of the provider"
    )]
    IssuedLater { seconds: u64, skew: u64 },
    #[error("the ID token was issued {seconds} s ago, and not for this login")]
    IssuedLongAgo { seconds: u64 },
    #[error("the ID token expires when it is issued, or before")]
    NoLifetime,
    #[error(
        "the ID token is valid in {seconds} s only, beyond the skew of {skew} s: compare the clocks of this machine and of the provider"
    )]
    NotYet { seconds: u64, skew: u64 },
    #[error("the `nonce` of the ID token is not the one of this login")]
    Nonce,
    #[error(
        "the `at_hash` of the ID token does not belong to the access token that came with it (its hash is that of {algorithm})"
    )]
    AccessTokenHash { algorithm: Algorithm },
    #[error("the user signed in at the provider {seconds} s ago, and {max_age} s were asked for")]
    OldSignIn { seconds: u64, max_age: u64 },
    #[error("the user signed in at the provider {seconds} s in the future (`auth_time`)")]
    LaterSignIn { seconds: u64 },
    #[error(
        "the user signed in by the method {received:?} (`acr`), and one of {expected:?} was asked for"
    )]
    AuthenticationClass {
        expected: Vec<String>,
        received: String,
    },
}
