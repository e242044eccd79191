//! The session cookies of one request: how they are named, which the request carries, which a sign-out deletes.

use std::collections::BTreeSet;

use http::HeaderValue;

use crate::keep::cookies::RequestCookies;
use crate::keep::sealed_cookie::SealedCookies;
use crate::keep::session::SignIn;
use crate::values::login_error::Failed;
use crate::values::time::Timestamp;

pub(super) const PREFIX: &str = "session-";

/// The cookie of a browser that begins a login without a session, if sessions are kept in a store.
pub(super) const BROWSER: &str = "browser";

/// How many session cookies of one request count. A browser has one or two.
const MAX_CARRIED: usize = 16;

/// The session cookies of one browser, as one request sees them.
pub(crate) struct SessionJar<'a> {
    pub(crate) cookies: &'a SealedCookies,
    pub(crate) request: &'a RequestCookies,
    /// The origin and the namespace of the cookies.
    pub(crate) site: &'a str,
    pub(crate) now: Timestamp,
}

/// The sign-ins that a sign-out ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending<'a> {
    /// The one with this dance.
    Dance(&'a str),
    /// All of this browser. The names are those of the dances that there are.
    All(&'a [&'a str]),
}

/// The result of a sign-in. The browser is signed in when it has the cookies.
pub(crate) struct SignedIn {
    pub(crate) cookies: Vec<HeaderValue>,
    /// Whether a sign-in with another dance ends: because both do not fit, or because it is of another user.
    pub(crate) has_displaced: bool,
    /// The sign-ins that have ended, as far as they are known.
    pub(crate) ended: Vec<SignIn>,
}

/// The result of a sign-out. The browser is signed out when it has the cookies.
pub(crate) struct SignedOut {
    /// The sign-ins that have ended.
    pub(crate) ended: Vec<SignIn>,
    pub(crate) cookies: Vec<HeaderValue>,
    /// Why the store still has the session, if it does.
    pub(crate) failure: Option<Failed>,
}

impl SessionJar<'_> {
    /// Returns the session cookies of the request, as (name, value), a few at most.
    pub(super) fn carried(&self) -> impl Iterator<Item = (&str, &str)> {
        self.request.starting_with(PREFIX).take(MAX_CARRIED)
    }

    /// Returns what `open` makes of the session cookies, a few at most. What it makes nothing of hides none.
    pub(super) fn opened<'s, T>(
        &'s self,
        open: impl Fn(&'s str, &'s str) -> Option<T>,
    ) -> impl Iterator<Item = T> {
        let all = self.request.starting_with(PREFIX);
        all.filter_map(move |(name, value)| open(name, value))
            .take(MAX_CARRIED)
    }

    /// Returns the names of the cookies of this ending, whether the request carries them or not: the
    /// response to another request may set them by now.
    pub(super) fn names(&self, ending: Ending<'_>) -> BTreeSet<String> {
        match ending {
            Ending::Dance(dance) => BTreeSet::from([cookie_name(dance)]),
            Ending::All(dances) => {
                let carried = self.carried().map(|(name, _)| name.to_owned());
                let all = dances.iter().map(|dance| cookie_name(dance));
                all.chain(carried).collect()
            }
        }
    }
}

/// Returns whether a cookie of this name is one of a session, or announces one.
pub(super) fn is_of_sessions(name: &str) -> bool {
    name.starts_with(PREFIX) || name == BROWSER
}

pub(super) fn cookie_name(dance: &str) -> String {
    [PREFIX, dance].concat()
}
