//! A token: its secrets, its scopes, its expiry, and the other members of the provider's answer.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::values::scopes::Scopes;
use crate::values::secret::{AccessToken, RefreshToken};
use crate::values::time::Timestamp;

/// The members of a token answer that are secrets. They never appear in [`Token::raw`].
pub(crate) const SECRET_MEMBERS: [&str; 3] = ["access_token", "refresh_token", "id_token"];

/// A token as the provider granted it (RFC 6749 §5.1).
#[derive(Clone)]
pub struct Token {
    pub(crate) access_token: AccessToken,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) expires_at: Option<Timestamp>,
    /// How long the access token lived when it was granted.
    pub(crate) lifetime: Option<Duration>,
    pub(crate) scopes: Scopes,
    pub(crate) requested: Scopes,
    pub(crate) raw: Map<String, Value>,
}

impl Token {
    /// Returns the access token, a bearer token (RFC 6750).
    #[must_use]
    pub fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// Returns the refresh token, if the provider granted one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    /// Returns when the access token expires, or `None` if the provider did not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Returns how long the access token lives after `now`: zero if it has expired, `None` if the
    /// provider did not say.
    #[must_use]
    pub fn expires_in(&self, now: Timestamp) -> Option<Duration> {
        self.expires_at.map(|expires_at| expires_at.since(now))
    }

    /// Returns whether the access token has expired at `now`, or will within `leeway`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp, leeway: Duration) -> bool {
        self.expires_at
            .is_some_and(|expires_at| expires_at <= now.plus(leeway))
    }

    /// Returns whether to revoke one of the two would end the other: they are the same, or of one refresh token.
    pub(crate) fn shares_a_secret_with(&self, other: &Self) -> bool {
        let refresh_token = |it: &Self| it.refresh_token.as_ref().map(|it| it.secret().to_owned());
        self.access_token.secret() == other.access_token.secret()
            || (self.refresh_token.is_some() && refresh_token(self) == refresh_token(other))
    }

    /// Returns the scopes that were **granted**. If the provider's answer names no scopes, the requested
    /// ones were granted (RFC 6749 §5.1).
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Returns whether `scope` was granted. Users may deselect scopes that an application asks for.
    #[must_use]
    pub fn granted(&self, scope: &str) -> bool {
        self.scopes.contains(scope)
    }

    /// Returns the scopes that were requested and not granted, in the order of the request.
    #[must_use]
    pub fn missing(&self) -> Vec<&str> {
        self.requested
            .iter()
            .filter(|scope| !self.scopes.contains(scope))
            .collect()
    }

    /// Returns all members of the provider's answer, standard or not, except for the secrets
    /// (`access_token`, `refresh_token`, `id_token`), which are removed at any depth.
    #[must_use]
    pub fn raw(&self) -> &Map<String, Value> {
        &self.raw
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The names of the raw answer alone: a provider may put secrets of its own into it.
        f.debug_struct("Token")
            .field("access_token", &self.access_token)
            .field("refresh_token", &self.refresh_token)
            .field("expires_at", &self.expires_at)
            .field("scopes", &self.scopes)
            .field("requested", &self.requested)
            .field("raw", &self.raw.keys().collect::<Vec<_>>())
            .finish()
    }
}
