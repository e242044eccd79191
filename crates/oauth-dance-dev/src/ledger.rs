//! What the provider remembers: sessions, codes, tokens, and which tokens descend from which consent.
//!
//! Secrets are kept as fingerprints only. Every collection is capped; the oldest entry makes room.

use std::collections::{HashMap, VecDeque};

use oauth_dance::Timestamp;

use crate::request::AuthorizationRequest;
use crate::secret::{Fingerprint, fingerprint, random_token};

/// How many entries of each kind are kept.
const CAP: usize = 10_000;

/// Everything the provider remembers.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) sessions: Capped<Session>,
    pub(crate) requests: Capped<OpenRequest>,
    pub(crate) codes: Capped<Code>,
    pub(crate) access_tokens: Capped<AccessToken>,
    pub(crate) refresh_tokens: Capped<RefreshToken>,
    families: HashMap<FamilyId, Family>,
    family_order: VecDeque<FamilyId>,
    next_family: u64,
    next_request: u64,
}

/// A person who is signed in, in one browser.
pub(crate) struct Session {
    /// The username of the person.
    pub(crate) person: String,
    pub(crate) expires: Timestamp,
}

/// An authorization request that waits for a decision, in one browser.
pub(crate) struct OpenRequest {
    pub(crate) request: AuthorizationRequest,
    /// Later requests have greater numbers.
    pub(crate) number: u64,
    /// What only the browser that opened the request knows.
    pub(crate) browser: String,
    /// What only a form that was shown for this request knows.
    pub(crate) csrf: String,
    /// The username of the person whom the form was shown to; nothing for the login form.
    pub(crate) shown_to: Option<String>,
    pub(crate) expires: Timestamp,
}

/// An authorization code (RFC 6749 §4.1.2).
pub(crate) struct Code {
    pub(crate) client_id: String,
    /// The redirect URI the authorization request named; the token request must name it again.
    pub(crate) redirect_uri: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) username: String,
    /// What the person consented to.
    pub(crate) granted: Vec<String>,
    pub(crate) expires: Timestamp,
    pub(crate) spent: Spent,
}

/// What has become of a code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    No,
    /// A token request with it failed; there is nothing to revoke.
    OnAFailure,
    /// These tokens were issued from it.
    On(FamilyId),
}

/// Tokens that descend from one consent, and are revoked together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FamilyId(u64);

/// What the tokens of a family have in common.
#[derive(Clone)]
pub(crate) struct Family {
    pub(crate) client_id: String,
    pub(crate) username: String,
    pub(crate) granted: Vec<String>,
}

/// An access token.
#[derive(Clone)]
pub(crate) struct AccessToken {
    pub(crate) family: FamilyId,
    pub(crate) scopes: Vec<String>,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

/// A refresh token.
#[derive(Clone)]
pub(crate) struct RefreshToken {
    pub(crate) family: FamilyId,
    pub(crate) expires: Option<Timestamp>,
    /// It was exchanged for a newer one. If it is presented again, there is a copy of it.
    pub(crate) rotated: bool,
}

impl Ledger {
    /// Opens a request whose form was not shown yet, and returns its ticket.
    pub(crate) fn open(&mut self, request: AuthorizationRequest, expires: Timestamp) -> String {
        self.next_request += 1;
        self.requests.issue(OpenRequest {
            request,
            number: self.next_request,
            browser: random_token(),
            csrf: random_token(),
            shown_to: None,
            expires,
        })
    }

    /// Starts a family of tokens.
    pub(crate) fn new_family(&mut self, family: Family) -> FamilyId {
        let id = FamilyId(self.next_family);
        self.next_family += 1;
        self.families.insert(id, family);
        self.family_order.push_back(id);
        if self.family_order.len() > CAP
            && let Some(oldest) = self.family_order.pop_front()
        {
            self.families.remove(&oldest);
        }
        id
    }

    /// The family of a token, unless it was revoked.
    pub(crate) fn family(&self, id: FamilyId) -> Option<&Family> {
        self.families.get(&id)
    }

    /// Revokes every token that descends from the same consent.
    pub(crate) fn revoke_family(&mut self, id: FamilyId) {
        self.families.remove(&id);
    }
}

impl OpenRequest {
    /// Shows the form to a person. Forms that were shown to another person are no longer valid.
    pub(crate) fn show_to(&mut self, person: Option<&str>) {
        if self.shown_to.as_deref() != person {
            self.shown_to = person.map(str::to_owned);
            self.csrf = random_token();
        }
    }

    /// Goes on with new secrets. What was known of the request before is worth nothing.
    pub(crate) fn renew(&mut self, person: Option<&str>) {
        self.browser = random_token();
        self.csrf = random_token();
        self.shown_to = person.map(str::to_owned);
    }
}

/// A map from secrets to records that forgets the oldest entry when it is full.
pub(crate) struct Capped<V> {
    entries: HashMap<Fingerprint, V>,
    order: VecDeque<Fingerprint>,
}

impl<V> Default for Capped<V> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<V> Capped<V> {
    /// Files `value` under a fresh random secret, and returns the secret.
    pub(crate) fn issue(&mut self, value: V) -> String {
        let secret = random_token();
        let key = fingerprint(&secret);
        self.entries.insert(key, value);
        self.order.push_back(key);
        if self.order.len() > CAP
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        secret
    }

    /// The record of a secret.
    pub(crate) fn get(&self, secret: &str) -> Option<&V> {
        self.entries.get(&fingerprint(secret))
    }

    /// The record of a secret, to change it.
    pub(crate) fn get_mut(&mut self, secret: &str) -> Option<&mut V> {
        self.entries.get_mut(&fingerprint(secret))
    }

    /// Forgets a secret.
    pub(crate) fn remove(&mut self, secret: &str) -> Option<V> {
        let key = fingerprint(secret);
        let removed = self.entries.remove(&key)?;
        self.order.retain(|other| *other != key);
        Some(removed)
    }
}
