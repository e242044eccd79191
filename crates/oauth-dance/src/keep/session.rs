//! Whom this browser is signed in as with one dance: one sealed cookie each.
//!
//! A cookie of its own for each dance, because each request writes what it has read: of two callbacks
//! at once, the later would undo the login, or bring back the logout, of the earlier.

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::contract::entropy::{Draws, EntropyError};
use crate::dance::Dance;
use crate::keep::cookies::RequestCookies;
use crate::keep::seal::Purpose;
use crate::keep::sealed_cookie;
use crate::values::owner::Owner;
use crate::values::time::Timestamp;

/// The login of one browser with one dance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) owner: Owner,
    expires_at: Timestamp,
    /// The registration that it was begun under.
    registration: String,
}

impl Session {
    /// The login of `owner`, from now on.
    pub(crate) fn begin(dance: &Dance, owner: Owner) -> Self {
        let site = dance.site();
        Self {
            owner,
            expires_at: site.now().plus(site.session_lifetime),
            registration: dance.settings().registration.clone(),
        }
    }

    /// This browser's login with `dance` at `now`, if there is one that is authentic.
    pub(crate) fn open(dance: &Dance, cookies: &RequestCookies, now: Timestamp) -> Option<Self> {
        let name = cookie_name(dance);
        cookies
            .values(&name)
            .filter_map(|text| {
                let sealer = &dance.site().sealer;
                sealed_cookie::open_text::<Self>(text, sealer, Purpose::Session, &name)
            })
            // A browser may keep a cookie longer than it was told to.
            .filter(|session| session.expires_at > now)
            .find(|session| session.registration == dance.settings().registration)
    }

    /// The cookie that keeps this login.
    pub(crate) fn cookie(
        &self,
        dance: &Dance,
        draws: &mut Draws<'_>,
    ) -> Result<HeaderValue, EntropyError> {
        let (site, name) = (dance.site(), cookie_name(dance));
        let value = sealed_cookie::seal(self, &site.sealer, Purpose::Session, &name, draws)?;
        let lifetime = site.session_lifetime.as_secs();
        Ok(site.cookies.set(&name, &value, Some(lifetime)))
    }

    /// The cookie that forgets this browser's login with `dance`.
    pub(crate) fn forget(dance: &Dance) -> HeaderValue {
        dance.site().cookies.delete(&cookie_name(dance))
    }
}

fn cookie_name(dance: &Dance) -> String {
    format!("session-{}", dance.name())
}
