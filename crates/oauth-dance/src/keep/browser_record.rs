//! The record of a browser in the session store, which a change replaces as a whole.

use crate::contract::entropy::Draws;
use crate::contract::session_store::{NewSession, SessionKey, SessionStore};
use crate::contract::token_store::StoreError;
use crate::keep::browser::Browser;
use crate::keep::seal::Purpose;
use crate::keep::session_jar::SessionJar;
use crate::values::login_error::{Failed, LoginError};
use crate::values::time::Timestamp;

/// The place of what is sealed for the store. No cookie has such a name.
const RECORD: &str = "session record";

/// How often a change is tried when others change the same session at the same time.
pub(super) const MAX_TRIES: usize = 16;

/// A record as it was read.
pub(super) struct Read {
    /// The sealed record, also if it counts for nothing. `None` if there is none.
    pub(super) before: Option<Vec<u8>>,
    pub(super) browser: Browser,
    pub(super) made_at: Timestamp,
    pub(super) seen_at: Timestamp,
}

impl Read {
    pub(super) fn nothing(now: Timestamp) -> Self {
        Self {
            before: None,
            browser: Browser::default(),
            made_at: now,
            seen_at: now,
        }
    }
}

pub(super) async fn read(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    key: &SessionKey,
) -> Result<Read, StoreError> {
    let nothing = Read::nothing(jar.now);
    let Some(stored) = store.load(key).await? else {
        return Ok(nothing);
    };
    let before = Some(stored.sealed.clone());
    let sealer = &jar.cookies.sealer;
    let opened = sealer.open(Purpose::Session, &[RECORD, key.id()], stored.sealed);
    Ok(match opened.filter(|_| stored.expires_at > jar.now) {
        None => Read { before, ..nothing },
        Some(browser) => Read {
            before,
            browser,
            made_at: stored.made_at,
            seen_at: stored.seen_at,
        },
    })
}

/// Replaces a record. Returns `false` if another request has changed it since it was read.
///
/// If the store fails, its answer may be lost and the change made.
pub(super) async fn write(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    key: &SessionKey,
    read_before: Read,
    draws: &mut Draws<'_>,
) -> Result<bool, Failed> {
    let Read {
        before,
        browser,
        made_at,
        ..
    } = read_before;
    let after = if browser.is_empty() {
        None
    } else {
        let sealer = &jar.cookies.sealer;
        let sealed = sealer.seal(Purpose::Session, &[RECORD, key.id()], &browser, draws)?;
        if sealed.len() > NewSession::MAX_BYTES {
            return Err(LoginError::StoreRefused.into());
        }
        Some(NewSession {
            sealed,
            user: browser.user(|_| true, jar.now),
            made_at,
            seen_at: jar.now,
            expires_at: browser.expires_at(),
        })
    };
    let wanted = after.as_ref().map(|new| new.sealed.clone());
    match store.change(key, before.as_deref(), after).await {
        Ok(done) => Ok(done),
        Err(error) => match store.load(key).await {
            Ok(found) if found.as_ref().map(|it| &it.sealed) == wanted.as_ref() => Ok(true),
            _ => Err(error.into()),
        },
    }
}

/// Deletes a record, also if it changes meanwhile. Returns whether there was one.
pub(super) async fn delete(store: &dyn SessionStore, key: &SessionKey) -> Result<bool, StoreError> {
    for _ in 0..MAX_TRIES {
        let Some(stored) = store.load(key).await? else {
            return Ok(false);
        };
        if store.change(key, Some(&stored.sealed), None).await? {
            return Ok(true);
        }
    }
    Err(busy())
}

pub(super) fn busy() -> StoreError {
    StoreError::unavailable("changing a session", "other requests keep changing it")
}
