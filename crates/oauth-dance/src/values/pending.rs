//! A login that has begun and not come back: everything that belongs to it, and where it waits.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::contract::storage::StorageError;
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

    /// Reads the `state` of a callback; what does not look like one of ours is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (text.len() == Self::CHARS && text.bytes().all(alphabet)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it: a fingerprint that does not give the value away.
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
    /// Whether both are of one state, compared in constant time.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    /// 128 bits of it: enough to tell the pending logins of one browser apart.
    pub(crate) fn short(&self) -> &str {
        &self.0[..22]
    }
}

/// A login on its way: made when it begins, consumed by its callback.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The name of the dance that began it.
    pub(crate) dance: String,
    /// The registration that it began with, in short. Its code goes to that one's token endpoint and to
    /// no other (RFC 9700 §4.4.2).
    pub(crate) registration: String,
    pub(crate) state: StateFingerprint,
    #[serde(with = "secret::verifier_as_text")]
    pub(crate) verifier: CodeVerifier,
    pub(crate) requested: Scopes,
    pub(crate) next: Option<Next>,
    pub(crate) remembered: BTreeMap<String, String>,
    pub(crate) expires_at: Timestamp,
}

/// Keeps pending logins on the server, where the default keeps them in sealed cookies.
///
/// Only a server-side store can promise that a callback works once even if somebody restores the
/// browser's cookies; the sealed cookie rests on its deletion and on the provider's single-use code.
///
/// The identifier is a hash over the `state` **and** a secret in the browser's cookie, so a stranger
/// who holds a callback URL can neither open nor use up the record.
#[async_trait]
pub trait PendingStore: Send + Sync + 'static {
    /// Keeps `sealed` under `id` until `expires_at`.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked, or is full.
    async fn insert(
        &self,
        id: &str,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), StorageError>;

    /// Takes the record out: of two callers with one `id`, at most one gets it.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked.
    async fn take(&self, id: &str) -> Result<Option<Vec<u8>>, StorageError>;
}
