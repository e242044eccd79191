//! Who signed in, as the provider tells it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Who signed in.
///
/// The only key is [`issuer`](Self::issuer) and [`subject`](Self::subject) together. Names and e-mail
/// addresses change hands; never look a user up by them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) claims: Map<String, Value>,
}

impl Identity {
    /// Who vouches for the subject: the provider's issuer where it has one, else its catalog
    /// identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The provider's stable identifier of this person, unique for this issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Everything that the provider told about this person.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The text under `claim`, if there is one.
    #[must_use]
    pub fn claim(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// The best name to greet this person by: a name, a user name, or the subject.
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

    /// The e-mail address, verified or not. It is contact data, not a key.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.claim("email")
    }

    /// Whether the provider says, by a boolean `true`, that it has verified the e-mail address.
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
