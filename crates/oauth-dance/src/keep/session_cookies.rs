//! Sessions in cookies: one sealed sign-in for each dance.

use std::cmp::Reverse;

use crate::contract::entropy::Draws;
use crate::contract::token_store::StoreError;
use crate::keep::budget;
use crate::keep::seal::Purpose;
use crate::keep::session::SignIn;
use crate::keep::session_jar::{Ending, PREFIX, SessionJar, SignedIn, SignedOut, cookie_name};
use crate::keep::token_cookie;
use crate::values::login_error::{Failed, LoginError};
use crate::values::time::Timestamp;

/// How many bytes the session cookies of one browser may have, names and values together. If there are
/// more, the oldest sign-in ends. The latest one stays, unless it is longer than [`MAX_LATEST_BYTES`].
const MAX_BYTES: usize = 512;

/// The longest session cookie, name and value. It takes the room of the messages too.
const MAX_LATEST_BYTES: usize = budget::STANDING - budget::MARK - "=; ".len();

/// Opens the sign-ins of the request.
pub(super) fn open(jar: &SessionJar<'_>) -> Vec<SignIn> {
    authentic(jar).map(|(_, sign_in)| sign_in).collect()
}

fn authentic<'s>(jar: &'s SessionJar<'_>) -> impl Iterator<Item = (&'s str, SignIn)> {
    jar.opened(|name, value| {
        let sign_in: SignIn = jar.cookies.open_text(Purpose::Session, name, value)?;
        Some((name, sign_in))
    })
}

/// Keeps a sign-in.
pub(super) fn sign_in(
    jar: &SessionJar<'_>,
    sign_in: &SignIn,
    draws: &mut Draws<'_>,
) -> Result<SignedIn, Failed> {
    let name = cookie_name(&sign_in.dance);
    let value = jar.cookies.seal(Purpose::Session, &name, sign_in, draws)?;
    let (signed_in, _) = set(jar, sign_in, &value, |name, value| {
        let opened = jar.cookies.open_text(Purpose::Session, name, value);
        opened.map_or(Other::Ended, |it: SignIn| Other::of(&it, sign_in, jar.now))
    })?;
    Ok(signed_in)
}

/// What a cookie of another dance is worth beside a new sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    /// It counts, and was made then.
    Counts(Timestamp),
    /// The user of the new sign-in ends it.
    OfAnotherUser,
    /// That, and the store has ended it. The answer to another request may be setting the cookie anew.
    OfAnotherUserAndEnded,
    /// Nothing.
    Ended,
    /// Nothing, but the answer to another request may be setting it anew.
    Unknown,
}

impl Other {
    pub(super) fn of(other: &SignIn, latest: &SignIn, now: Timestamp) -> Self {
        if other.expires_at <= now {
            Self::Ended
        } else if other.user.is_some() && latest.user.is_some() && other.user != latest.user {
            Self::OfAnotherUser
        } else {
            Self::Counts(other.at)
        }
    }
}

/// Sets the cookie of a sign-in, and deletes others until all fit: first what is worth nothing, then the oldest. Also
/// returns the names of those.
pub(super) fn set(
    jar: &SessionJar<'_>,
    latest: &SignIn,
    value: &str,
    worth: impl Fn(&str, &str) -> Other,
) -> Result<(SignedIn, Vec<String>), Failed> {
    let policy = &jar.cookies.policy;
    let name = cookie_name(&latest.dance);
    let bytes = policy.name(&name).len() + value.len();
    if bytes > MAX_LATEST_BYTES {
        return Err(Failed::because(
            LoginError::StoreRefused,
            StoreError::refused(
                "the session is too long for a cookie: pass a shorter identifier to `Authorized::sign_in`, or keep sessions with `DancesBuilder::session_store`",
            ),
        ));
    }
    let mut room = MAX_BYTES.saturating_sub(bytes);

    let others = jar.carried().filter(|(other, _)| *other != name);
    let mut others: Vec<(Other, &str, usize)> = others
        .map(|(other, value)| {
            (
                worth(other, value),
                other,
                policy.name(other).len() + value.len(),
            )
        })
        .collect();
    let latest_first = |worth: &Other| match worth {
        Other::Counts(at) => (0, Reverse(*at)),
        Other::Unknown | Other::OfAnotherUserAndEnded => (1, Reverse(Timestamp::default())),
        Other::OfAnotherUser | Other::Ended => (2, Reverse(Timestamp::default())),
    };
    others.sort_by_key(|(worth, name, _)| (latest_first(worth), Reverse(*name)));
    let (mut cookies, mut has_displaced, mut deleted) = (Vec::new(), false, Vec::new());
    for (worth, other, bytes) in others {
        let is_kept = !matches!(worth, Other::OfAnotherUser | Other::Ended);
        let rest = room.checked_sub(bytes).filter(|_| is_kept);
        let ends = match worth {
            Other::Counts(_) | Other::Unknown => rest.is_none(),
            Other::OfAnotherUser | Other::OfAnotherUserAndEnded | Other::Ended => true,
        };
        room = rest.unwrap_or_default();
        has_displaced |= ends && !matches!(worth, Other::Unknown | Other::Ended);
        if rest.is_none() {
            cookies.push(policy.delete(other));
            deleted.push(other.to_owned());
        }
        if ends {
            // A token without its sign-in only takes room.
            let dance = other.strip_prefix(PREFIX).unwrap_or_default();
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
    Ok((signed_in, deleted))
}

/// Ends sign-ins. The cookies go even if they cannot be read.
pub(super) fn sign_out(jar: &SessionJar<'_>, ending: Ending<'_>) -> SignedOut {
    let ends = |sign_in: &SignIn| match ending {
        Ending::Dance(dance) => sign_in.dance == dance,
        Ending::All(_) => true,
    };
    let policy = &jar.cookies.policy;
    SignedOut {
        ended: open(jar).into_iter().filter(ends).collect(),
        cookies: jar
            .names(ending)
            .iter()
            .map(|name| policy.delete(name))
            .collect(),
        failure: None,
    }
}
