//! Sessions in a store: one record for each browser, whose cookie names it.
//!
//! The identifier is new at every sign-in and sign-out. It leaves the server in one place only, the cookie of
//! the response that made it. A look-up never leads to another identifier, so an identifier that an
//! attacker has planted or copied before a sign-in is worth nothing after it.
//!
//! For requests that were on their way, a superseded record stays for [`GRACE`] with what it had before, as
//! long as its successor lives. It says nothing of the sign-in that superseded it, and ends with it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::contract::entropy::{Draws, EntropyError};
use crate::contract::session_store::{
    LeftSession, NewSession, SessionKey, SessionStore, StoredSession,
};
use crate::contract::token_store::StoreError;
use crate::keep::seal::Purpose;
use crate::keep::session::{SignIn, SignIns};
use crate::keep::session_jar::{Ending, SessionJar, SignedOut, cookie_name};
use crate::values::login_error::{Failed, LoginError};
use crate::values::time::Timestamp;

/// How long a superseded identifier is good for what it was good for before.
const GRACE: Duration = Duration::from_secs(30);

/// A session that was seen less than this ago is not noted as seen again.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// How many identifiers of one request are looked up in the store. A browser has one or two.
const MAX_LOOKED_UP: usize = 4;

/// How often a change is tried when others change the same session at the same time.
const MAX_TRIES: usize = 4;

/// How many records a superseded one may be away from the live one. Each step is a sign-in within
/// [`GRACE`].
const MAX_STEPS: usize = 8;

/// The content of a record.
#[derive(Serialize, Deserialize)]
struct Kept {
    sign_ins: Vec<SignIn>,
    /// The identifier of the record that has superseded this one.
    by: Option<String>,
}

/// A session that a cookie of the request names.
struct Carried {
    cookie: String,
    key: SessionKey,
    /// What the store has of it, if anything.
    found: Option<Found>,
}

struct Found {
    stored: StoredSession,
    kept: Kept,
}

/// Returns the sign-ins that the request's cookies name, and notes that they were seen.
pub(super) async fn open(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
) -> Result<Vec<SignIn>, StoreError> {
    let mut all = Vec::new();
    for carried in look_up(jar, store).await? {
        let Some(Found { stored, kept }) = carried.found else {
            continue;
        };
        if stored.is_live {
            if jar.now.since(stored.seen_at) >= SEEN_EVERY {
                // The page does not depend on it.
                let _ = store.touch(&carried.key, jar.now).await;
            }
        } else if live_successor(jar, store, kept.by.as_deref())
            .await?
            .is_none()
        {
            continue;
        }
        all.extend(kept.sign_ins);
    }
    Ok(all)
}

/// Adds a sign-in to the session that the browser has, under a new identifier.
pub(super) async fn sign_in(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    sign_in: SignIn,
    draws: &mut Draws<'_>,
) -> Result<Vec<HeaderValue>, Failed> {
    for _ in 0..MAX_TRIES {
        let carried = look_up(jar, store).await?;
        let live: Vec<(&Carried, &Found)> = carried
            .iter()
            .filter_map(|it| Some((it, it.found.as_ref().filter(|it| it.stored.is_live)?)))
            .collect();
        let before = live
            .iter()
            .flat_map(|(_, found)| found.kept.sign_ins.clone());
        let before = SignIns::together(before.collect(), jar.now);
        let together = before.with(sign_in.clone(), jar.now);
        let is_another_user = before.user().is_some() && before.user() != together.user();

        let (id, key) = new_id(jar.site, draws)?;
        let made_at = live.iter().map(|(_, found)| found.stored.made_at).min();
        let new = record(jar, &key, &together, made_at, draws)?;
        let mut left = Vec::with_capacity(live.len());
        for (carried, found) in &live {
            let kept = Kept {
                sign_ins: found.kept.sign_ins.clone(),
                by: Some(key.id().to_owned()),
            };
            let sealed = seal(jar, &carried.key, &kept, draws)?;
            let until = jar.now.plus(GRACE).min(found.stored.expires_at);
            left.push(LeftSession {
                key: carried.key.clone(),
                superseded: (!is_another_user).then_some((sealed, until)),
            });
        }
        let is_done = if left.is_empty() {
            store.insert(&key, new).await?;
            true
        } else {
            store.change(&left, Some((&key, new))).await?
        };
        if is_done {
            let name = cookie_name(&sign_in.dance);
            let policy = &jar.cookies.policy;
            let mut cookies: Vec<HeaderValue> = live
                .iter()
                .filter(|(carried, _)| carried.cookie != name)
                .map(|(carried, _)| policy.delete(&carried.cookie))
                .collect();
            cookies.push(cookie(jar, &name, &id, together.expires_at(), draws)?);
            return Ok(cookies);
        }
        // Another request has changed the session in between.
    }
    Err(busy().into())
}

/// Ends sign-ins in every session that the request's cookies name. What stays gets a new identifier.
pub(super) async fn sign_out(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    ending: Ending<'_>,
    draws: &mut Draws<'_>,
) -> SignedOut {
    // If the store fails, a cookie may name what has not ended. So all cookies go.
    let mut deleted = jar.names(ending);
    deleted.extend(jar.carried().map(|(name, _)| name.to_owned()));
    let (ended, stays, failure) = match end(jar, store, ending, draws).await {
        Ok(Ended { sign_ins, stays }) => (sign_ins, stays, None),
        Err(failure) => (Vec::new(), None, Some(failure)),
    };
    if let Some((name, _)) = &stays {
        deleted.remove(name);
    }
    let policy = &jar.cookies.policy;
    let mut cookies: Vec<HeaderValue> = deleted.iter().map(|name| policy.delete(name)).collect();
    cookies.extend(stays.map(|(_, cookie)| cookie));
    SignedOut {
        ended,
        cookies,
        failure,
    }
}

struct Ended {
    sign_ins: Vec<SignIn>,
    /// The name of the cookie that keeps what stays, and the cookie.
    stays: Option<(String, HeaderValue)>,
}

async fn end(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    ending: Ending<'_>,
    draws: &mut Draws<'_>,
) -> Result<Ended, Failed> {
    for _ in 0..MAX_TRIES {
        let carried = look_up(jar, store).await?;
        let (live, superseded): (Vec<_>, Vec<_>) = carried
            .iter()
            .filter_map(|it| Some((&it.key, it.found.as_ref()?)))
            .partition(|(_, found)| found.stored.is_live);
        let before = live
            .iter()
            .flat_map(|(_, found)| found.kept.sign_ins.clone());
        let before = SignIns::together(before.collect(), jar.now);
        let mut ended: Vec<SignIn> = before.iter().cloned().collect();
        let mut old: Vec<SessionKey> = live.iter().map(|(key, _)| (*key).clone()).collect();
        let mut stays = match ending {
            Ending::Dance(dance) => before.without(dance),
            Ending::All(_) => SignIns::default(),
        };
        for (_, found) in superseded {
            ended.extend(found.kept.sign_ins.iter().cloned());
            let by = found.kept.by.as_deref();
            if let Some((key, successor)) = live_successor(jar, store, by).await? {
                // A sign-in is on its way to this browser. Its identifier is not ours to hand out, so all
                // of it ends.
                ended.extend(successor.kept.sign_ins);
                old.push(key);
                stays = SignIns::default();
            }
        }
        ended.retain(|it| stays.iter().all(|stays| stays != it));
        ended.sort_by(|one, other| one.dance.cmp(&other.dance));
        ended.dedup();
        old.sort_unstable();
        old.dedup();

        let made_at = live.iter().map(|(_, found)| found.stored.made_at).min();
        let (new, cookie) = match stays.iter().next_back() {
            None => (None, None),
            Some(last) => {
                let (id, key) = new_id(jar.site, draws)?;
                let new = record(jar, &key, &stays, made_at, draws)?;
                let name = cookie_name(&last.dance);
                let cookie = cookie(jar, &name, &id, stays.expires_at(), draws)?;
                (Some((key, new)), Some((name, cookie)))
            }
        };
        let left: Vec<LeftSession> = old
            .into_iter()
            .map(|key| LeftSession {
                key,
                superseded: None,
            })
            .collect();
        let new = new.as_ref().map(|(key, new)| (key, new.clone()));
        if left.is_empty() || store.change(&left, new).await? {
            return Ok(Ended {
                sign_ins: ended,
                stays: cookie,
            });
        }
        // Another request has changed the session in between.
    }
    Err(busy().into())
}

/// Looks the identifiers up that the request's cookies name.
async fn look_up(
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
        if all.len() == MAX_LOOKED_UP {
            break;
        }
        all.push(Carried {
            cookie: name.to_owned(),
            found: find(jar, store, &key).await?,
            key,
        });
    }
    Ok(all)
}

async fn find(
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

/// The content of a session cookie.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
}

/// The place of what is sealed for the store. No cookie has such a name.
const RECORD: &str = "session record";

fn new_id(site: &str, draws: &mut Draws<'_>) -> Result<(String, SessionKey), EntropyError> {
    let id = draws.text()?;
    let key = key_of(site, &id);
    Ok((id, key))
}

/// Returns the key of an identifier. Who reads the store cannot make the cookie from it.
fn key_of(site: &str, id: &str) -> SessionKey {
    SessionKey::new(site, URL_SAFE_NO_PAD.encode(Sha256::digest(id)))
}

fn seal(
    jar: &SessionJar<'_>,
    key: &SessionKey,
    kept: &Kept,
    draws: &mut Draws<'_>,
) -> Result<Vec<u8>, EntropyError> {
    let sealer = &jar.cookies.sealer;
    sealer.seal(Purpose::Session, &[RECORD, key.id()], kept, draws)
}

fn record(
    jar: &SessionJar<'_>,
    key: &SessionKey,
    sign_ins: &SignIns,
    made_at: Option<Timestamp>,
    draws: &mut Draws<'_>,
) -> Result<NewSession, Failed> {
    let kept = Kept {
        sign_ins: sign_ins.iter().cloned().collect(),
        by: None,
    };
    let sealed = seal(jar, key, &kept, draws)?;
    if sealed.len() > NewSession::MAX_BYTES {
        return Err(LoginError::StoreRefused.into());
    }
    Ok(NewSession {
        sealed,
        user: sign_ins.user().map(str::to_owned),
        made_at: made_at.unwrap_or(jar.now),
        seen_at: jar.now,
        expires_at: sign_ins.expires_at(),
    })
}

fn cookie(
    jar: &SessionJar<'_>,
    name: &str,
    id: &str,
    expires_at: Timestamp,
    draws: &mut Draws<'_>,
) -> Result<HeaderValue, EntropyError> {
    let named = Named { id: id.to_owned() };
    let value = jar.cookies.seal(Purpose::Session, name, &named, draws)?;
    let lifetime = expires_at.since(jar.now).as_secs();
    Ok(jar.cookies.policy.set(name, &value, Some(lifetime)))
}

fn busy() -> StoreError {
    StoreError::unavailable("changing a session", "other requests keep changing it")
}
