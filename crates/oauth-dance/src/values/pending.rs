//! A login that has begun and whose callback has not arrived.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::values::next::Next;
use crate::values::scopes::Scopes;
use crate::values::secret::{self, CodeVerifier};
use crate::values::time::Timestamp;

/// A `state` value (RFC 6749 §10.12): 256 random bits as 43 characters of base64url.
#[derive(Clone)]
pub(crate) struct State(String);

impl State {
    pub(crate) const CHARS: usize = 43;

    /// Wraps a freshly drawn value.
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// Reads the `state` of a callback. Returns `None` if the text does not have the form of an issued
    /// `state`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (text.len() == Self::CHARS && text.bytes().all(alphabet)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the fingerprint, which is kept in its place and does not give the value away.
    pub(crate) fn fingerprint(&self) -> StateFingerprint {
        StateFingerprint(URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes())))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State([redacted])")
    }
}

/// The SHA-256 of a [`State`], as base64url.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct StateFingerprint(String);

impl StateFingerprint {
    /// Returns whether both are of one state, compared in constant time.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    /// Returns 128 bits of it, which tell the pending logins of one browser apart.
    pub(crate) fn short(&self) -> &str {
        &self.0[..22]
    }
}

/// A login on its way. Its beginning makes it, and its callback consumes it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The name of the dance that began it.
    pub(crate) dance: String,
    /// The fingerprint of the registration that the login was begun with. The code goes to the token
    /// endpoint of that registration and to no other (RFC 9700 §4.4.2).
    pub(crate) registration: String,
    pub(crate) state: StateFingerprint,
    #[serde(with = "secret::verifier_as_text")]
    pub(crate) verifier: CodeVerifier,
    pub(crate) requested: Scopes,
    pub(crate) next: Option<Next>,
    pub(crate) remembered: BTreeMap<String, String>,
    pub(crate) expires_at: Timestamp,
}

impl Pending {
    /// The most bytes of names and values that a login remembers, as JSON: they may wait in a cookie.
    pub(crate) const MAX_REMEMBERED_BYTES: usize = 1024;
}
