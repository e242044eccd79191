//! What the session cookies of a request lead to in the store.
//!
//! A look-up never leads to another identifier, so an identifier that an attacker has planted or copied before a
//! sign-in is worth nothing after it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::contract::session_store::{SessionKey, SessionStore, StoredSession};
use crate::contract::token_store::StoreError;
use crate::keep::seal::Purpose;
use crate::keep::session::SignIn;
use crate::keep::session_jar::{SessionJar, cookie_name};

/// How many records a superseded one may be away from the live one. Each step is a sign-in within
/// the time for which a superseded one is good.
const MAX_STEPS: usize = 8;

/// The content of a record.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) sign_ins: Vec<SignIn>,
    /// The identifier of the record that has superseded this one.
    pub(super) by: Option<String>,
}

/// A session that a cookie of the request names.
pub(super) struct Carried {
    pub(super) cookie: String,
    pub(super) key: SessionKey,
    pub(super) state: State,
}

/// What the store has of a session that a cookie names.
pub(super) enum State {
    Live(Found),
    /// A sign-in or a sign-out has superseded it, whose response may be on its way to this browser.
    Superseded {
        found: Found,
        by: (SessionKey, Found),
    },
    /// Nothing that counts.
    Gone,
}

pub(super) struct Found {
    pub(super) stored: StoredSession,
    pub(super) kept: Kept,
}

impl Carried {
    /// Returns whether a session whose cookie has this name has superseded this one. Its cookie is named by the
    /// latest sign-in.
    pub(super) fn is_superseded_by(&self, name: &str) -> bool {
        let State::Superseded {
            by: (_, successor), ..
        } = &self.state
        else {
            return false;
        };
        let latest = successor.kept.sign_ins.last();
        latest.is_some_and(|latest| cookie_name(&latest.dance) == name)
    }
}

/// The content of a session cookie.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    pub(super) id: String,
}

/// The place of what is sealed for the store. No cookie has such a name.
pub(super) const RECORD: &str = "session record";

/// Returns the key of an identifier. Who reads the store cannot make the cookie from it.
pub(super) fn key_of(site: &str, id: &str) -> SessionKey {
    SessionKey::new(site, URL_SAFE_NO_PAD.encode(Sha256::digest(id)))
}

/// Looks the identifiers up that the request's cookies name.
pub(super) async fn look_up(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
) -> Result<Vec<Carried>, StoreError> {
    let mut all: Vec<Carried> = Vec::new();
    for (name, value) in jar.carried() {
        let opened = jar.cookies.open_text(Purpose::Session, name, value);
        let Some(Named { id }) = opened else {
            continue;
        };
        let key = key_of(jar.site, &id);
        if all.iter().any(|carried| carried.key == key) {
            continue;
        }
        all.push(Carried {
            cookie: name.to_owned(),
            state: state(jar, store, &key).await?,
            key,
        });
    }
    Ok(all)
}

/// Returns whether a cookie of the request names the session of this key. The store is not asked.
pub(super) fn is_named(jar: &SessionJar<'_>, key: &SessionKey) -> bool {
    jar.carried().any(|(name, value)| {
        let named = jar.cookies.open_text(Purpose::Session, name, value);
        named.is_some_and(|Named { id }| key_of(jar.site, &id) == *key)
    })
}

async fn state(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    key: &SessionKey,
) -> Result<State, StoreError> {
    let Some(found) = find(jar, store, key).await? else {
        return Ok(State::Gone);
    };
    if found.stored.is_live {
        return Ok(State::Live(found));
    }
    let by = live_successor(jar, store, found.kept.by.as_deref()).await?;
    Ok(by.map_or(State::Gone, |by| State::Superseded { found, by }))
}

pub(super) async fn find(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    key: &SessionKey,
) -> Result<Option<Found>, StoreError> {
    let Some(mut stored) = store.load(key).await? else {
        return Ok(None);
    };
    if stored.expires_at <= jar.now {
        return Ok(None);
    }
    let sealed = std::mem::take(&mut stored.sealed);
    let sealer = &jar.cookies.sealer;
    let kept: Option<Kept> = sealer.open(Purpose::Session, &[RECORD, key.id()], sealed);
    // A store that calls a record live which the dance has superseded is wrong.
    Ok(kept
        .filter(|kept| stored.is_live == kept.by.is_none())
        .map(|kept| Found { stored, kept }))
}

/// Returns the live record that a superseded one leads to, if it has not ended.
async fn live_successor(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    by: Option<&str>,
) -> Result<Option<(SessionKey, Found)>, StoreError> {
    let mut by = by.map(str::to_owned);
    for _ in 0..MAX_STEPS {
        let Some(id) = by else {
            return Ok(None);
        };
        let key = SessionKey::new(jar.site, id);
        match find(jar, store, &key).await? {
            Some(found) if found.stored.is_live => return Ok(Some((key, found))),
            Some(found) => by = found.kept.by,
            None => return Ok(None),
        }
    }
    Ok(None)
}
