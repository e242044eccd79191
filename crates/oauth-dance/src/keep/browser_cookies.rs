//! The cookies of a browser whose sessions are in a store: each carries the key of the record, and an identifier, sealed.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::contract::entropy::{Draws, EntropyError};
use crate::contract::session_store::SessionKey;
use crate::keep::seal::Purpose;
use crate::keep::session_jar::{BROWSER, SessionJar};
use crate::values::time::Timestamp;

/// What a cookie says.
pub(super) struct Carried<'j> {
    /// The name of the cookie.
    pub(super) name: &'j str,
    pub(super) key: SessionKey,
    pub(super) identifier: String,
}

/// Returns what the session cookies of the request say.
pub(super) fn carried<'j>(jar: &'j SessionJar<'_>) -> Vec<Carried<'j>> {
    let cookies = jar.opened(|name, value| {
        let text: String = jar.cookies.open_text(Purpose::Session, name, value)?;
        // The key, and then the identifier.
        let (key, identifier) = text.split_at_checked(SessionKey::ID_CHARS)?;
        Some(Carried {
            name,
            key: SessionKey::new(jar.site, key),
            identifier: identifier.to_owned(),
        })
    });
    cookies.collect()
}

/// Returns the keys that the cookies name, each once.
pub(super) fn keys(carried: &[Carried<'_>]) -> Vec<SessionKey> {
    let mut keys: Vec<SessionKey> = Vec::new();
    for it in carried {
        if !keys.contains(&it.key) {
            keys.push(it.key.clone());
        }
    }
    keys
}

/// Returns the identifiers in one record that the cookies carry.
pub(super) fn identifiers<'c>(carried: &'c [Carried<'_>], key: &SessionKey) -> Vec<&'c str> {
    let of_key = carried.iter().filter(|it| it.key == *key);
    of_key.map(|it| &*it.identifier).collect()
}

/// Returns the identifiers in one record that the cookies of these names carry.
pub(super) fn identifiers_by_name<'c>(
    carried: &'c [Carried<'_>],
    key: &SessionKey,
    names: &[String],
) -> Vec<&'c str> {
    let of_key = carried.iter().filter(|it| it.key == *key);
    let of_names = of_key.filter(|it| names.iter().any(|name| name == it.name));
    of_names.map(|it| &*it.identifier).collect()
}

/// Returns whether a cookie of the request names the session of this key. The store is not asked.
pub(super) fn is_named(jar: &SessionJar<'_>, key: &SessionKey) -> bool {
    carried(jar).iter().any(|it| it.key == *key)
}

/// What the cookie of a browser without a session says: the key, and until when.
#[derive(Serialize, Deserialize)]
struct Announcement(String, Timestamp);

/// Returns the key that a login has announced to this browser.
pub(super) fn announced(jar: &SessionJar<'_>) -> Option<SessionKey> {
    let cookies = jar.cookies.open(Purpose::Session, BROWSER, jar.request);
    let mut good = cookies.filter(|Announcement(_, until)| *until > jar.now);
    let Announcement(key, _) = good.next()?;
    Some(SessionKey::new(jar.site, key))
}

/// Returns the cookie that announces a key, for the time of a login.
pub(super) fn announcement(
    jar: &SessionJar<'_>,
    lifetime: Duration,
    draws: &mut Draws<'_>,
) -> Result<HeaderValue, EntropyError> {
    // Also if the browser has one already: all logins that it has begun are to have the same.
    let key = match announced(jar) {
        Some(key) => key,
        None => new_key(jar, draws)?,
    };
    let announcement = Announcement(key.id().to_owned(), jar.now.plus(lifetime));
    let policy = &jar.cookies.policy;
    let value = jar
        .cookies
        .seal(Purpose::Session, BROWSER, &announcement, draws)?;
    Ok(policy.set(BROWSER, &value, Some(lifetime.as_secs())))
}

pub(super) fn new_key(
    jar: &SessionJar<'_>,
    draws: &mut Draws<'_>,
) -> Result<SessionKey, EntropyError> {
    let id = URL_SAFE_NO_PAD.encode(draws.bytes::<15>()?);
    Ok(SessionKey::new(jar.site, id))
}

pub(super) fn new_identifier(draws: &mut Draws<'_>) -> Result<String, EntropyError> {
    Ok(URL_SAFE_NO_PAD.encode(draws.bytes::<9>()?))
}

/// Returns the value of the cookie called `name`.
pub(super) fn value(
    jar: &SessionJar<'_>,
    name: &str,
    key: &SessionKey,
    identifier: &str,
    draws: &mut Draws<'_>,
) -> Result<String, EntropyError> {
    let text = [key.id(), identifier].concat();
    jar.cookies.seal(Purpose::Session, name, &text, draws)
}
