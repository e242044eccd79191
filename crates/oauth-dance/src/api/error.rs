//! Why a call to a provider's API failed, and the status that fits.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use url::Url;

use crate::contract::client::ClientError;
use crate::contract::token_store::StoreError;
use crate::dance::Dance;
use crate::dances::Dances;
use crate::flows::RefreshError;
use crate::values::login_error::{Cause, LoginError};

/// Why a call to a provider's API failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The browser is not signed in, or the token has expired and cannot be refreshed. Adapters turn
    /// this into a redirect to the login.
    #[error(transparent)]
    LoginRequired(LoginRequired),
    /// The token has expired, and the provider did not refresh it this time. The stored token is
    /// untouched: try again later.
    #[error("the token could not be refreshed: {error}")]
    Refresh {
        /// The name of the dance.
        dance: String,
        /// What went wrong.
        error: LoginError,
        /// The error of the client or the store that caused it.
        #[source]
        cause: Option<Cause>,
    },
    /// The provider's API could not be reached.
    #[error("the provider's API sent no response")]
    Client {
        /// The name of the dance with this provider.
        dance: String,
        /// What went wrong.
        #[source]
        error: ClientError,
    },
    /// The token store or the session store failed.
    #[error("a store failed or refused")]
    Store(#[source] Arc<StoreError>),
    /// The token has expired, and the response that could carry a new one was sent already. See
    /// [`leaf::finish`](crate::leaf::finish).
    #[error(
        "the token has expired, and the visit is finished: a new token could not reach the browser"
    )]
    VisitFinished,
    /// The URL leads to another origin than the provider's API. The token must not go there.
    #[error(
        "the URL is not on the origin of the provider's API, so the token was not sent: use a path below the API base"
    )]
    ForeignOrigin,
    /// The request cannot be sent. The text names the reason.
    #[error("the request cannot be sent: {0}")]
    InvalidRequest(&'static str),
    /// The provider's API answered with an error status.
    #[error(transparent)]
    Status(ErrorStatus),
    /// The response is not JSON of the expected shape.
    #[error("the provider's response is not JSON of the expected shape")]
    NotJson {
        /// The name of the dance with this provider.
        dance: String,
    },
    /// The application has no dance of this name.
    #[error(transparent)]
    UnknownDance(UnknownDance),
    /// The page asks for a type that cannot be read from the identifier of the signed-in user.
    #[error(
        "the user who is signed in is not a `{expected}`: a receiver has passed another identifier to `Authorized::sign_in`"
    )]
    AnotherUserType {
        /// The name of the type.
        expected: &'static str,
    },
}

/// The provider's API answered with an error status.
///
/// The body is the provider's and may hold personal data: neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("the provider's API answered {status}")]
pub struct ErrorStatus {
    dance: String,
    status: StatusCode,
    body: Bytes,
}

impl ErrorStatus {
    /// The most bytes of the body that are kept.
    pub const MAX_BODY_BYTES: usize = 4096;

    pub(crate) fn new(dance: &str, status: StatusCode, body: &Bytes) -> Self {
        // A copy, so that a short excerpt does not keep a long body in memory.
        let excerpt = &body[..body.len().min(Self::MAX_BODY_BYTES)];
        Self {
            dance: dance.to_owned(),
            status,
            body: Bytes::copy_from_slice(excerpt),
        }
    }

    /// Returns the name of the dance with this provider.
    #[must_use]
    pub fn dance(&self) -> &str {
        &self.dance
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the beginning of the body, at most [`MAX_BODY_BYTES`](Self::MAX_BODY_BYTES).
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for ErrorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorStatus")
            .field("dance", &self.dance)
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The application has no dance of the name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no dance called {asked:?}; the dances are {}", existing.join(", "))]
pub struct UnknownDance {
    asked: String,
    existing: Vec<String>,
}

impl UnknownDance {
    pub(crate) fn new(asked: &str, dances: &Dances) -> Self {
        Self {
            asked: asked.to_owned(),
            existing: dances.iter().map(|dance| dance.name().to_owned()).collect(),
        }
    }

    /// Returns the names of the dances that there are.
    #[must_use]
    pub fn existing(&self) -> &[String] {
        &self.existing
    }

    /// Returns the name that was asked for.
    #[must_use]
    pub fn asked(&self) -> &str {
        &self.asked
    }
}

/// The browser has to sign in first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the browser is not signed in with {dance}")]
pub struct LoginRequired {
    dance: String,
    login_url: Url,
    is_for_a_user: bool,
}

impl LoginRequired {
    /// Says that the browser has to sign in with `dance`, for a page that finds so by itself: because the
    /// user's rights are not enough, say. Adapters turn it into a redirect to the login.
    #[must_use]
    pub fn new(dance: &Dance) -> Self {
        Self {
            dance: dance.name().to_owned(),
            login_url: dance.login_url().clone(),
            is_for_a_user: false,
        }
    }

    /// Says that the page needs a user of the application, and not only a token.
    pub(crate) fn of_a_user(mut self) -> Self {
        self.is_for_a_user = true;
        self
    }

    /// Returns whether the page needs a user of the application.
    pub(crate) fn is_for_a_user(&self) -> bool {
        self.is_for_a_user
    }

    /// Returns the name of the dance to sign in with.
    #[must_use]
    pub fn dance(&self) -> &str {
        &self.dance
    }

    /// Returns the URL where the login begins. After the login the browser is sent to `next`, a path as browsers
    /// see it: it has the [public prefix](crate::DancesBuilder::public_prefix), if there is one.
    #[must_use]
    pub fn login_url(&self, next: Option<&str>) -> Url {
        let mut url = self.login_url.clone();
        if let Some(next) = next {
            url.query_pairs_mut().append_pair("next", next);
        }
        url
    }
}

impl ApiError {
    pub(crate) fn login_required(dance: &Dance) -> Self {
        Self::LoginRequired(LoginRequired::new(dance))
    }

    pub(crate) fn refresh(dance: &Dance, error: RefreshError) -> Self {
        match error {
            RefreshError::LoginRequired => Self::login_required(dance),
            RefreshError::Failed { failed, .. } => Self::Refresh {
                dance: dance.name().to_owned(),
                error: failed.error,
                cause: failed.cause,
            },
        }
    }

    /// Returns the login that the browser has to be sent to, if this error is
    /// [`ApiError::LoginRequired`].
    #[must_use]
    pub fn as_login_required(&self) -> Option<&LoginRequired> {
        match self {
            Self::LoginRequired(required) => Some(required),
            _ => None,
        }
    }

    /// Returns the name of the dance that failed, if the error is about one dance.
    #[must_use]
    pub fn dance(&self) -> Option<&str> {
        match self {
            Self::LoginRequired(required) => Some(required.dance()),
            Self::Status(status) => Some(status.dance()),
            Self::Refresh { dance, .. } | Self::Client { dance, .. } | Self::NotJson { dance } => {
                Some(dance)
            }
            Self::Store(_)
            | Self::VisitFinished
            | Self::ForeignOrigin
            | Self::InvalidRequest(_)
            | Self::UnknownDance(_)
            | Self::AnotherUserType { .. } => None,
        }
    }

    /// Returns the status that fits: 401, 502, 503, 504, or 500 for a mistake of the application.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::LoginRequired(_) => StatusCode::UNAUTHORIZED,
            Self::Refresh { error, .. } => error.status().unwrap_or(StatusCode::BAD_GATEWAY),
            Self::Client { error, .. } => LoginError::NoAnswer(error.kind())
                .status()
                .unwrap_or(StatusCode::BAD_GATEWAY),
            Self::Store(error) if error.is_refused() => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotJson { .. } | Self::Status(_) => StatusCode::BAD_GATEWAY,
            Self::VisitFinished
            | Self::ForeignOrigin
            | Self::InvalidRequest(_)
            | Self::UnknownDance(_)
            | Self::AnotherUserType { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<LoginRequired> for ApiError {
    fn from(required: LoginRequired) -> Self {
        Self::LoginRequired(required)
    }
}
