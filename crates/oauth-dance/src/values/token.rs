//! A token: its secrets, what was granted, when it expires, and the provider's own words.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::values::scopes::Scopes;
use crate::values::secret::{AccessToken, RefreshToken};
use crate::values::time::Timestamp;

/// The members of a token answer that are secrets; they never appear in [`Token::raw`].
pub(crate) const SECRET_MEMBERS: [&str; 3] = ["access_token", "refresh_token", "id_token"];

/// A token as the provider granted it (RFC 6749 §5.1).
#[derive(Clone)]
pub struct Token {
    pub(crate) access_token: AccessToken,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) scopes: Scopes,
    pub(crate) requested: Scopes,
    pub(crate) raw: Map<String, Value>,
}

impl Token {
    /// The access token, a bearer token (RFC 6750).
    #[must_use]
    pub fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// The refresh token, if the provider gave one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    /// When the access token expires; `None` if the provider did not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// How long the access token still lives at `now`: zero once it has expired, `None` if the
    /// provider did not say.
    #[must_use]
    pub fn expires_in(&self, now: Timestamp) -> Option<Duration> {
        self.expires_at.map(|expires_at| expires_at.since(now))
    }

    /// Whether the access token has expired at `now`, or will within `leeway`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp, leeway: Duration) -> bool {
        self.expires_at
            .is_some_and(|expires_at| expires_at <= now.plus(leeway))
    }

    /// The scopes that were **granted**. A provider that does not say granted what was asked
    /// (RFC 6749 §5.1).
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Whether `scope` was granted: people may untick what an application asks for.
    #[must_use]
    pub fn granted(&self, scope: &str) -> bool {
        self.scopes.contains(scope)
    }

    /// The scopes that were asked for and not granted, in the order of asking.
    #[must_use]
    pub fn missing(&self) -> Vec<&str> {
        self.requested
            .iter()
            .filter(|scope| !self.scopes.contains(scope))
            .collect()
    }

    /// The members of the provider's answer, whatever it adds to the standard ones, without the
    /// secrets (`access_token`, `refresh_token`, `id_token`).
    #[must_use]
    pub fn raw(&self) -> &Map<String, Value> {
        &self.raw
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of the raw answer only the names: a provider may put secrets of its own into it.
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
