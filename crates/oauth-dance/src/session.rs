//! Which owner this browser is signed in as, dance by dance: one sealed cookie.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cookies::{CookiePolicy, RequestCookies};
use crate::entropy::{Entropy, EntropyError};
use crate::owner::Owner;
use crate::seal::{Purpose, Sealer};
use crate::sealed_cookie;
use crate::time::Timestamp;

const COOKIE: &str = "session";

/// The logins of one browser. At most one per dance, so the cookie stays small.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Session {
    logins: BTreeMap<String, Login>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Login {
    owner: Owner,
    expires_at: Timestamp,
}

impl Session {
    /// The session of this browser at `now`: empty if there is none, or none that is authentic.
    pub(crate) fn open(cookies: &RequestCookies, sealer: &Sealer, now: Timestamp) -> Self {
        let mut session: Self =
            sealed_cookie::open(cookies, sealer, Purpose::Session, COOKIE).unwrap_or_default();
        // A browser may keep a cookie longer than it was told to.
        session.logins.retain(|_, login| login.expires_at > now);
        session
    }

    /// Whom this browser is signed in as with `dance`.
    pub(crate) fn owner(&self, dance: &str) -> Option<&Owner> {
        self.logins.get(dance).map(|login| &login.owner)
    }

    pub(crate) fn sign_in(&mut self, dance: &str, owner: Owner, expires_at: Timestamp) {
        self.logins
            .insert(dance.to_owned(), Login { owner, expires_at });
    }

    pub(crate) fn sign_out(&mut self, dance: &str) {
        self.logins.remove(dance);
    }

    /// The cookie that forgets every login of this browser.
    pub(crate) fn forget(policy: &CookiePolicy) -> http::HeaderValue {
        policy.delete(COOKIE)
    }

    /// The cookie that keeps this session.
    pub(crate) fn cookie(
        &self,
        policy: &CookiePolicy,
        sealer: &Sealer,
        entropy: &dyn Entropy,
        lifetime: Duration,
    ) -> Result<http::HeaderValue, EntropyError> {
        if self.logins.is_empty() {
            return Ok(Self::forget(policy));
        }
        let value = sealed_cookie::seal(self, sealer, Purpose::Session, COOKIE, entropy)?;
        Ok(policy.set(COOKIE, value, Some(lifetime.as_secs())))
    }
}
