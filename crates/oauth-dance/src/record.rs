//! What is kept of a login: the token and who it is about, as sealed bytes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::identity::Identity;
use crate::scopes::Scopes;
use crate::secret::{AccessToken, RefreshToken};
use crate::time::Timestamp;
use crate::token::Token;

/// A token and its subject.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) token: Token,
    pub(crate) identity: Option<Identity>,
}

/// The form inside the seal. [`Token`] itself does not serialize, so that no token is written
/// anywhere by accident.
#[derive(Serialize, Deserialize)]
struct Wire {
    access_token: Zeroizing<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    scopes: Scopes,
    requested: Scopes,
    raw: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<Identity>,
}

impl Record {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let token = &self.token;
        let wire = Wire {
            access_token: Zeroizing::new(token.access_token.secret().to_owned()),
            refresh_token: token
                .refresh_token
                .as_ref()
                .map(|token| Zeroizing::new(token.secret().to_owned())),
            expires_at: token.expires_at,
            scopes: token.scopes.clone(),
            requested: token.requested.clone(),
            raw: token.raw.clone(),
            identity: self.identity.clone(),
        };
        Zeroizing::new(serde_json::to_vec(&wire).expect("a record is plain data"))
    }

    /// The record in opened bytes; `None` if another version wrote something else.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            token: Token {
                access_token: AccessToken::new(wire.access_token.as_str()),
                refresh_token: wire
                    .refresh_token
                    .map(|token| RefreshToken::new(token.as_str())),
                expires_at: wire.expires_at,
                scopes: wire.scopes,
                requested: wire.requested,
                raw: wire.raw,
            },
            identity: wire.identity,
        })
    }
}
