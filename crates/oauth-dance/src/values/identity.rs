//! The identity of a user, as the provider states it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// The identity of the user who signed in.
///
/// The only key is [`issuer`](Self::issuer) and [`subject`](Self::subject) together. Names and e-mail
/// addresses change hands: never look a user up by them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) claims: Map<String, Value>,
}

impl Identity {
    /// Returns the issuer that vouches for the subject. If the provider has no issuer identifier, its
    /// catalog identifier stands in.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the provider's stable identifier of this user, unique for this issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns all claims that the provider made about this user.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Returns the text of `claim`, or `None` if the claim is missing or is not a text.
    #[must_use]
    pub fn claim(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// Returns the name of the account for a store: a hash of issuer and subject, 43 characters of base64url.
    pub(crate) fn account(&self) -> String {
        let mut digest = Sha256::new();
        // The length tells where the issuer ends.
        digest.update((self.issuer.len() as u64).to_be_bytes());
        digest.update(&self.issuer);
        digest.update(&self.subject);
        URL_SAFE_NO_PAD.encode(digest.finalize())
    }

    /// Returns the best name to greet this user by: a name, a user name, or the subject.
    #[must_use]
    pub fn display_name(&self) -> &str {
        [
            "name",
            "preferred_username",
            "login",
            "username",
            "nickname",
        ]
        .into_iter()
        .filter_map(|claim| self.claim(claim))
        .find(|name| !name.trim().is_empty())
        .unwrap_or(&self.subject)
    }

    /// Returns the e-mail address, verified or not. Treat it as contact data and never as a key.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.claim("email")
    }

    /// Returns whether the provider states, by a boolean `true`, that it has verified the e-mail address.
    #[must_use]
    pub fn email_is_verified(&self) -> bool {
        self.claims.get("email_verified") == Some(&Value::Bool(true))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The claims are personal data: their names are enough for a log.
        f.debug_struct("Identity")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("claims", &self.claims.keys().collect::<Vec<_>>())
            .finish()
    }
}
