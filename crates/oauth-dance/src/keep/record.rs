//! The record that is kept of a login: the token and the user's identity.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::values::identity::Identity;
use crate::values::scopes::Scopes;
use crate::values::secret::{AccessToken, RefreshToken};
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// A token and the identity of its user. A record serializes, for the seal. [`Token`] itself does not, so that
/// no token is written anywhere by accident.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Read")]
pub(crate) struct Record {
    pub(crate) token: Token,
    pub(crate) identity: Option<Identity>,
}

/// The form inside the seal, as it is written.
#[derive(Serialize)]
struct Written<'r> {
    access_token: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime: Option<u64>,
    scopes: &'r Scopes,
    requested: &'r Scopes,
    raw: &'r Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<&'r Identity>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    profile: &'r [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    email_is_verified_by_text: bool,
}

/// The same form, as it is read.
#[derive(Deserialize)]
struct Read {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    lifetime: Option<u64>,
    scopes: Scopes,
    requested: Scopes,
    raw: Map<String, Value>,
    #[serde(default)]
    identity: Option<ReadIdentity>,
    #[serde(default)]
    profile: Vec<String>,
    #[serde(default)]
    email_is_verified_by_text: bool,
}

/// An [`Identity`], which outside a seal cannot be read back.
#[derive(Deserialize)]
struct ReadIdentity {
    issuer: String,
    subject: String,
    claims: Map<String, Value>,
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let token = &self.token;
        let written = Written {
            access_token: token.access_token.secret(),
            refresh_token: token.refresh_token.as_ref().map(RefreshToken::secret),
            expires_at: token.expires_at,
            lifetime: token.lifetime.map(|lifetime| lifetime.as_secs()),
            scopes: &token.scopes,
            requested: &token.requested,
            raw: &token.raw,
            identity: self.identity.as_ref(),
            profile: self.identity.as_ref().map_or(&[], |it| &it.profile),
            email_is_verified_by_text: self
                .identity
                .as_ref()
                .is_some_and(|it| it.email_is_verified_by_text),
        };
        written.serialize(serializer)
    }
}

impl From<Read> for Record {
    fn from(read: Read) -> Self {
        Self {
            token: Token {
                access_token: AccessToken::new(read.access_token),
                refresh_token: read.refresh_token.map(RefreshToken::new),
                expires_at: read.expires_at,
                lifetime: read.lifetime.map(Duration::from_secs),
                scopes: read.scopes,
                requested: read.requested,
                raw: read.raw,
            },
            identity: read.identity.map(|it| Identity {
                issuer: it.issuer,
                subject: it.subject,
                claims: it.claims,
                profile: read.profile,
                email_is_verified_by_text: read.email_is_verified_by_text,
            }),
        }
    }
}
