//! Sessions in cookies: one sealed sign-in for each dance.

use crate::contract::entropy::Draws;
use crate::contract::token_store::StoreError;
use crate::keep::budget;
use crate::keep::seal::Purpose;
use crate::keep::session::SignIn;
use crate::keep::session_jar::{Ending, PREFIX, SessionJar, SignedIn, SignedOut, cookie_name};
use crate::keep::token_cookie;
use crate::values::login_error::{Failed, LoginError};

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
    jar.carried().filter_map(|(name, value)| {
        let sign_in: SignIn = jar.cookies.open_text(Purpose::Session, name, value)?;
        Some((name, sign_in))
    })
}

/// Keeps a sign-in, and ends the oldest of the others until all fit.
pub(super) fn sign_in(
    jar: &SessionJar<'_>,
    sign_in: &SignIn,
    draws: &mut Draws<'_>,
) -> Result<SignedIn, Failed> {
    let policy = &jar.cookies.policy;
    let name = cookie_name(&sign_in.dance);
    let value = jar.cookies.seal(Purpose::Session, &name, sign_in, draws)?;
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

    let mut others: Vec<(u64, &str, usize)> = jar
        .carried()
        .filter(|(other, _)| *other != name)
        .map(|(other, value)| {
            let opened = jar
                .cookies
                .open_text::<SignIn>(Purpose::Session, other, value)
                // The latest user ends the sign-ins of another.
                .filter(|it| it.user.is_none() || sign_in.user.is_none() || it.user == sign_in.user)
                .filter(|it| it.expires_at > jar.now);
            // One that does not count goes first.
            let at = opened.map_or(0, |it| it.at.unix_seconds().saturating_add(1));
            (at, other, policy.name(other).len() + value.len())
        })
        .collect();
    others.sort_unstable_by(|one, other| other.cmp(one));
    let (mut cookies, mut has_displaced) = (Vec::new(), false);
    for (at, other, bytes) in others {
        match room.checked_sub(bytes) {
            Some(rest) if at > 0 => room = rest,
            _ => {
                room = 0;
                has_displaced |= at > 0;
                cookies.push(policy.delete(other));
                // A token without its sign-in only takes room.
                let dance = other.strip_prefix(PREFIX).unwrap_or_default();
                cookies.extend(token_cookie::forget(dance, policy, jar.request));
            }
        }
    }
    let lifetime = sign_in.expires_at.since(jar.now).as_secs();
    cookies.push(policy.set(&name, &value, Some(lifetime)));
    Ok(SignedIn {
        cookies,
        has_displaced,
    })
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
