//! A login that has begun and whose callback has not arrived.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

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
#[derive(Debug, Clone)]
pub(crate) struct StateFingerprint(String);

impl StateFingerprint {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A login on its way. Its beginning makes it, and its callback consumes it. The seal binds it to its
/// `state`.
///
/// The names are short where it is kept, because it may wait in a cookie.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The name of the dance that began it.
    #[serde(rename = "d")]
    pub(crate) dance: String,
    /// The fingerprint of the registration that the login was begun with. The code goes to the token
    /// endpoint of that registration and to no other (RFC 9700 §4.4.2).
    #[serde(rename = "r")]
    pub(crate) registration: String,
    #[serde(rename = "v", with = "secret::verifier_as_text")]
    pub(crate) verifier: CodeVerifier,
    #[serde(rename = "s")]
    pub(crate) requested: Scopes,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<Next>,
    #[serde(rename = "m", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) remembered: BTreeMap<String, String>,
    #[serde(rename = "e")]
    pub(crate) expires_at: Timestamp,
}

impl Pending {
    /// The most bytes of names and values that a login remembers, as JSON: they may wait in a cookie.
    pub(crate) const MAX_REMEMBERED_BYTES: usize = 1024;
}
