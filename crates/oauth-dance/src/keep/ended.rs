//! The mark of a login that came to nothing, in one small sealed cookie.

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::contract::entropy::Draws;
use crate::keep::cookies::RequestCookies;
use crate::keep::seal::Purpose;
use crate::keep::sealed_cookie::SealedCookies;
use crate::values::error_page::Ended;
use crate::values::time::Timestamp;

pub(super) const COOKIE: &str = "ended";

/// How long a browser is asked before it begins another login, in seconds.
const LIFETIME: u64 = 600;

/// What the cookie says: how the login ended, and until when that counts.
#[derive(Serialize, Deserialize)]
struct Mark(char, Timestamp);

/// Returns how the last login of this browser came to nothing, if it did.
pub(crate) fn read(
    cookies: &SealedCookies,
    request: &RequestCookies,
    now: Timestamp,
) -> Option<Ended> {
    cookies
        .open(Purpose::Ended, COOKIE, request)
        .filter(|Mark(_, until)| *until > now)
        .find_map(|Mark(letter, _)| match letter {
            'd' => Some(Ended::Denied),
            'n' => Some(Ended::NotAccepted),
            'f' => Some(Ended::Failed),
            'g' => Some(Ended::GaveWay),
            _ => None,
        })
}

/// Returns the cookie that says how a login ended. Without randomness there is none.
pub(crate) fn mark(
    ended: Ended,
    cookies: &SealedCookies,
    now: Timestamp,
    draws: &mut Draws<'_>,
) -> Option<HeaderValue> {
    let letter = match ended {
        Ended::Denied => 'd',
        Ended::NotAccepted => 'n',
        Ended::Failed => 'f',
        Ended::GaveWay => 'g',
        // The session says so.
        Ended::Useless | Ended::NoUser => return None,
    };
    let until = Timestamp::from_unix_seconds(now.unix_seconds().saturating_add(LIFETIME));
    let value = cookies.seal(Purpose::Ended, COOKIE, &Mark(letter, until), draws);
    Some(cookies.policy.set(COOKIE, &value.ok()?, Some(LIFETIME)))
}

/// Returns the cookie that forgets the mark, if the browser has one.
pub(crate) fn forget(cookies: &SealedCookies, request: &RequestCookies) -> Option<HeaderValue> {
    let is_carried = request.values(COOKIE).next().is_some();
    is_carried.then(|| cookies.policy.delete(COOKIE))
}
