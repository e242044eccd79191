//! The login of a browser with one dance: one sealed cookie each.
//!
//! Each dance has a cookie of its own, because each request writes what it has read. With one cookie for
//! all, the later of two callbacks would undo the login, or bring back the logout, of the earlier.

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::contract::entropy::{Draws, EntropyError};
use crate::keep::cookies::RequestCookies;
use crate::keep::place::Place;
use crate::keep::seal::Purpose;
use crate::keep::sealed_cookie::SealedCookies;
use crate::values::owner::Owner;
use crate::values::time::Timestamp;

/// The login of one browser with one dance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) owner: Owner,
    expires_at: Timestamp,
    /// The registration that the login was begun under.
    registration: String,
}

impl Session {
    /// Begins the login of `owner`, which lasts until `expires_at`.
    pub(crate) fn begin(place: Place<'_>, owner: Owner, expires_at: Timestamp) -> Self {
        Self {
            owner,
            expires_at,
            registration: place.registration.to_owned(),
        }
    }

    /// Returns this browser's login at `now`, if it is authentic and has not expired.
    pub(crate) fn open(
        place: Place<'_>,
        cookies: &SealedCookies,
        request: &RequestCookies,
        now: Timestamp,
    ) -> Option<Self> {
        cookies
            .open::<Self>(Purpose::Session, &cookie_name(place), request)
            // A browser may keep a cookie longer than it was told to.
            .filter(|session| session.expires_at > now)
            .find(|session| session.registration == place.registration)
    }

    /// Returns the cookie that keeps this login.
    pub(crate) fn cookie(
        &self,
        place: Place<'_>,
        cookies: &SealedCookies,
        now: Timestamp,
        draws: &mut Draws<'_>,
    ) -> Result<HeaderValue, EntropyError> {
        let name = cookie_name(place);
        let value = cookies.seal(Purpose::Session, &name, self, draws)?;
        let lifetime = self.expires_at.since(now).as_secs();
        Ok(cookies.policy.set(&name, &value, Some(lifetime)))
    }

    /// Returns the cookie that forgets this browser's login.
    pub(crate) fn forget(place: Place<'_>, cookies: &SealedCookies) -> HeaderValue {
        cookies.policy.delete(&cookie_name(place))
    }
}

fn cookie_name(place: Place<'_>) -> String {
    format!("session-{}", place.dance)
}
