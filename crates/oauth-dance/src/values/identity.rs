//! The identity of a user, as the provider states it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::values::owner::is_blank;

/// The longest identifier of a user that is taken, in bytes (OpenID Connect Core §2, `sub`).
const MAX_SUBJECT_BYTES: usize = 255;

/// The identity of the user who signed in.
///
/// The only key is [`issuer`](Self::issuer) and [`subject`](Self::subject) together. Names and e-mail
/// addresses change hands: never look a user up by them.
///
/// It can be written by `serde`, for a record or a log of your own. It cannot be read back: an identity is what
/// a provider has just said, and only a login makes one.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) claims: Map<String, Value>,
    /// The steps from the claims to the object that holds the subject.
    #[serde(skip)]
    pub(crate) profile: Vec<String>,
    #[serde(skip)]
    pub(crate) email_is_verified_by_text: bool,
}

impl Identity {
    /// Finds the identity in the claims of `issuer`: the text or integer at the dotted `path`. Returns `None` if
    /// there is none, or one that is empty or too long.
    pub(crate) fn find(issuer: String, claims: Map<String, Value>, path: &str) -> Option<Self> {
        let mut profile = Vec::new();
        let mut rest = path;
        let mut node = Node::Object(&claims);
        // A name may itself have dots (Slack's `https://slack.com/user_id`).
        let found = loop {
            if let Some(found) = node.member(rest) {
                break found;
            }
            let (first, behind) = rest.split_once('.')?;
            node = Node::of(node.member(first)?)?;
            profile.push(first.to_owned());
            rest = behind;
        };
        let subject = match found {
            Value::String(text) => text.clone(),
            Value::Number(number) if !number.is_f64() => number.to_string(),
            _ => return None,
        };
        (subject.len() <= MAX_SUBJECT_BYTES && !is_blank(&subject)).then_some(Self {
            issuer,
            subject,
            claims,
            profile,
            email_is_verified_by_text: false,
        })
    }

    /// Returns the issuer that vouches for the subject: the provider's issuer identifier, or what stands in for
    /// it, which [`Provider::issuer`](crate::Provider::issuer) tells.
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

    /// Returns the text of `claim`, or `None` if the claim is missing or is not a text. It is looked for beside
    /// the identifier first, and then at the top of the provider's answer. GitHub's name of a user is `claim("login")`;
    /// OpenID Connect has `preferred_username`.
    #[must_use]
    pub fn claim(&self, claim: &str) -> Option<&str> {
        self.find_claim(claim).and_then(Value::as_str)
    }

    fn find_claim(&self, claim: &str) -> Option<&Value> {
        let mut node = Some(Node::Object(&self.claims));
        for step in &self.profile {
            node = node.and_then(|node| node.member(step)).and_then(Node::of);
        }
        node.and_then(|profile| profile.member(claim))
            .or_else(|| self.claims.get(claim))
    }

    /// Reads the text `true` of `email_verified` as the boolean, wherever it is.
    pub(crate) fn read_email_verified_as_text(&mut self) {
        let verified = self.find_claim("email_verified").and_then(Value::as_str);
        self.email_is_verified_by_text = verified == Some("true");
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

    /// Returns whether the provider states, by a boolean `true`, that it has verified the e-mail address. A text
    /// counts only with [`Quirks::email_verified_as_text`](crate::Quirks#structfield.email_verified_as_text).
    #[must_use]
    pub fn email_is_verified(&self) -> bool {
        self.email_is_verified_by_text
            || self.find_claim("email_verified") == Some(&Value::Bool(true))
    }
}

/// What can be on the way to an identifier.
enum Node<'v> {
    Object(&'v Map<String, Value>),
    Array(&'v [Value]),
}

impl<'v> Node<'v> {
    fn of(value: &'v Value) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self::Object(members)),
            Value::Array(values) => Some(Self::Array(values)),
            _ => None,
        }
    }

    /// Returns the member called `name`, or the one at that position of a list.
    fn member(&self, name: &str) -> Option<&'v Value> {
        match self {
            Self::Object(members) => members.get(name),
            Self::Array(values) => values.get(name.parse::<usize>().ok()?),
        }
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
