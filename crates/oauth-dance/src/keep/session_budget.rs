//! Which session cookies of a browser stay beside a new one. All share one room, in both ways to keep sessions.

use std::cmp::Reverse;

use crate::contract::token_store::StoreError;
use crate::keep::budget;
use crate::keep::session::SignIn;
use crate::keep::session_jar::{PREFIX, SessionJar, SignedIn, cookie_name};
use crate::keep::token_cookie;
use crate::values::login_error::{Failed, LoginError};
use crate::values::time::Timestamp;

/// How many bytes the session cookies of one browser may have, names and values together. If there are
/// more, the oldest sign-in ends. The latest one stays, unless it is longer than [`MAX_LATEST_BYTES`].
const MAX_BYTES: usize = 512;

/// The longest session cookie, name and value. It takes the room of the messages too.
const MAX_LATEST_BYTES: usize = budget::STANDING - budget::MARK - "=; ".len();

/// What a cookie of another dance is worth beside a new sign-in.
///
/// The answer to another request may be setting a cookie anew. So one that says nothing any more is not always deleted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Worth {
    /// Its sign-in counts, and was made then.
    Counts(Timestamp),
    /// The user of the new sign-in ends its sign-in.
    OfAnotherUser { may_be_set_anew: bool },
    /// It says nothing.
    Nothing { may_be_set_anew: bool },
}

impl Worth {
    /// Returns what a cookie is worth whose sign-in has not expired.
    pub(super) fn of(sign_in: &SignIn, latest: &SignIn, may_be_set_anew: bool) -> Self {
        if sign_in.user.is_some() && latest.user.is_some() && sign_in.user != latest.user {
            Self::OfAnotherUser { may_be_set_anew }
        } else {
            Self::Counts(sign_in.at)
        }
    }

    fn stays_if_it_fits(self) -> bool {
        match self {
            Self::Counts(_) => true,
            Self::OfAnotherUser { may_be_set_anew } | Self::Nothing { may_be_set_anew } => {
                may_be_set_anew
            }
        }
    }

    /// Returns when its sign-in was made, if it counts.
    fn counts_since(self) -> Option<Timestamp> {
        match self {
            Self::Counts(at) => Some(at),
            Self::OfAnotherUser { .. } | Self::Nothing { .. } => None,
        }
    }
}

/// A session cookie of the request beside the new one.
struct Other<'j> {
    name: &'j str,
    bytes: usize,
    worth: Worth,
}

/// The cookies that an answer sets and deletes.
pub(super) struct Set {
    pub(super) signed_in: SignedIn,
    /// The names of the session cookies that the answer deletes.
    pub(super) deleted: Vec<String>,
}

/// Sets the cookie of a sign-in, and deletes others until all fit: first what is worth nothing, then the oldest.
pub(super) fn set(
    jar: &SessionJar<'_>,
    latest: &SignIn,
    value: &str,
    worth: impl Fn(&str, &str) -> Worth,
) -> Result<Set, Failed> {
    let policy = &jar.cookies.policy;
    let name = cookie_name(&latest.dance);
    let bytes = policy.name(&name).len() + value.len();
    if bytes > MAX_LATEST_BYTES {
        return Err(too_long());
    }
    let mut room = MAX_BYTES.saturating_sub(bytes);
    let (mut cookies, mut has_displaced, mut deleted) = (Vec::new(), false, Vec::new());
    for it in others(jar, &name, worth) {
        let rest = room.checked_sub(it.bytes);
        let rest = rest.filter(|_| it.worth.stays_if_it_fits());
        // What is older than one that has no room goes too.
        room = rest.unwrap_or_default();
        if rest.is_none() {
            cookies.push(policy.delete(it.name));
            deleted.push(it.name.to_owned());
        }
        if rest.is_none() || matches!(it.worth, Worth::OfAnotherUser { .. }) {
            has_displaced |= !matches!(it.worth, Worth::Nothing { .. });
            // A token without its sign-in only takes room.
            let dance = it.name.strip_prefix(PREFIX).unwrap_or_default();
            cookies.extend(token_cookie::forget(dance, policy, jar.request));
        }
    }
    let lifetime = latest.expires_at.since(jar.now).as_secs();
    cookies.push(policy.set(&name, value, Some(lifetime)));
    let signed_in = SignedIn {
        cookies,
        has_displaced,
        ended: Vec::new(),
    };
    Ok(Set { signed_in, deleted })
}

/// Returns the session cookies of the request except the one called `name`, in the order in which they get room.
fn others<'j>(
    jar: &'j SessionJar<'_>,
    name: &str,
    worth: impl Fn(&str, &str) -> Worth,
) -> Vec<Other<'j>> {
    let others = jar.carried().filter(|(other, _)| *other != name);
    let mut others: Vec<Other<'j>> = others
        .map(|(name, value)| Other {
            name,
            bytes: jar.cookies.policy.name(name).len() + value.len(),
            worth: worth(name, value),
        })
        .collect();
    others.sort_by_key(|it| {
        let latest_first = Reverse(it.worth.counts_since());
        (latest_first, !it.worth.stays_if_it_fits(), Reverse(it.name))
    });
    others
}

fn too_long() -> Failed {
    Failed::because(
        LoginError::StoreRefused,
        StoreError::refused(
            "the session is too long for a cookie: pass a shorter identifier to `Authorized::sign_in`, or keep sessions with `DancesBuilder::session_store`",
        ),
    )
}
