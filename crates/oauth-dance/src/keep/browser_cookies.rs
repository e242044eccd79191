//! The cookies of a browser whose session is in a store: they carry the key of its record, and an identifier, sealed.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;

use crate::contract::entropy::{Draws, EntropyError};
use crate::contract::session_store::SessionKey;
use crate::keep::seal::Purpose;
use crate::keep::session_jar::{BROWSER, SessionJar};
use crate::values::time::Timestamp;

/// How many session cookies a browser has after a sign-in, the new one included. The others lapse by and by, and are
/// for requests that are on their way.
const MAX_COOKIES: usize = 3;

/// How many characters of a cookie's content are the key. The rest is the identifier.
const KEY_CHARS: usize = 20;

/// What the cookies of a request say of one record.
pub(super) struct Named {
    pub(super) key: SessionKey,
    pub(super) identifiers: Vec<String>,
}

/// Returns whether a cookie of the request names the session of this key. The store is not asked.
pub(super) fn is_named(jar: &SessionJar<'_>, key: &SessionKey) -> bool {
    named(jar).iter().any(|named| named.key == *key)
}

/// Returns the cookie that names the record of a browser which has no session yet, for the time of a login.
pub(super) fn announce(
    jar: &SessionJar<'_>,
    lifetime: Duration,
    draws: &mut Draws<'_>,
) -> Result<Option<HeaderValue>, EntropyError> {
    if !named(jar).is_empty() {
        return Ok(None);
    }
    // Also if the browser has one already: all logins that it has begun are to have the same.
    let key = match announced(jar) {
        Some(key) => key,
        None => new_key(jar, draws)?,
    };
    let policy = &jar.cookies.policy;
    let value = jar
        .cookies
        .seal(Purpose::Session, BROWSER, &key.id(), draws)?;
    Ok(Some(policy.set(BROWSER, &value, Some(lifetime.as_secs()))))
}

/// Returns the records that the request's session cookies name.
pub(super) fn named(jar: &SessionJar<'_>) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for (name, value) in jar.carried() {
        let text: Option<String> = jar.cookies.open_text(Purpose::Session, name, value);
        let Some((key, identifier)) = text.as_ref().and_then(|it| it.split_at_checked(KEY_CHARS))
        else {
            continue;
        };
        let key = SessionKey::new(jar.site, key);
        match all.iter_mut().find(|named| named.key == key) {
            Some(named) => named.identifiers.push(identifier.to_owned()),
            None => all.push(Named {
                key,
                identifiers: vec![identifier.to_owned()],
            }),
        }
    }
    all
}

/// Returns the key that a login has announced to this browser.
pub(super) fn announced(jar: &SessionJar<'_>) -> Option<SessionKey> {
    let mut keys = jar.cookies.open(Purpose::Session, BROWSER, jar.request);
    let key: String = keys.next()?;
    Some(SessionKey::new(jar.site, key))
}

/// Returns the deletion of the oldest cookies, if the browser has more than a few beside the one of this name.
///
/// The others are not deleted: the answer to another request may be setting them anew.
pub(super) fn surplus(jar: &SessionJar<'_>, name: &str) -> Vec<HeaderValue> {
    let others: Vec<&str> = jar
        .carried()
        .map(|(other, _)| other)
        .filter(|other| *other != name)
        .collect();
    if others.len() < MAX_COOKIES {
        return Vec::new();
    }
    let policy = &jar.cookies.policy;
    others.iter().map(|other| policy.delete(other)).collect()
}

pub(super) fn new_key(
    jar: &SessionJar<'_>,
    draws: &mut Draws<'_>,
) -> Result<SessionKey, EntropyError> {
    let id = URL_SAFE_NO_PAD.encode(draws.bytes::<15>()?);
    Ok(SessionKey::new(jar.site, id))
}

pub(super) fn identifier(draws: &mut Draws<'_>) -> Result<String, EntropyError> {
    Ok(URL_SAFE_NO_PAD.encode(draws.bytes::<9>()?))
}

pub(super) fn cookie(
    jar: &SessionJar<'_>,
    name: &str,
    key: &SessionKey,
    identifier: &str,
    expires_at: Timestamp,
    draws: &mut Draws<'_>,
) -> Result<HeaderValue, EntropyError> {
    let text = [key.id(), identifier].concat();
    let value = jar.cookies.seal(Purpose::Session, name, &text, draws)?;
    let lifetime = expires_at.since(jar.now).as_secs();
    Ok(jar.cookies.policy.set(name, &value, Some(lifetime)))
}
