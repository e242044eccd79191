//! Sessions in a store: one record for each browser, whose cookie names it.
//!
//! The identifier is new at every sign-in and sign-out. It leaves the server in one place only, the cookie of
//! the response that made it. A look-up never leads to another identifier, so an identifier that an
//! attacker has planted or copied before a sign-in is worth nothing after it.
//!
//! For requests that were on their way, a superseded record stays for [`GRACE`] with what it had before, as
//! long as its successor lives. It says nothing of the sign-in that superseded it, and ends with it. After a
//! sign-out, or a sign-in of another user, it says nothing at all: a sign-out that comes late finds its successor.

use std::time::Duration;

use http::HeaderValue;

use crate::contract::entropy::{Draws, EntropyError};
use crate::contract::session_store::{LeftSession, NewSession, SessionKey, SessionStore};
use crate::contract::token_store::StoreError;
use crate::keep::seal::Purpose;
use crate::keep::session::{SignIn, SignIns};
use crate::keep::session_jar::{Ending, SessionJar, SignedIn, SignedOut, cookie_name};
use crate::keep::session_lookup::{
    Carried, Found, Kept, Named, RECORD, State, find, key_of, look_up,
};
use crate::values::login_error::{Failed, LoginError};
use crate::values::time::Timestamp;

/// How long a superseded identifier is good for what it was good for before.
const GRACE: Duration = Duration::from_secs(30);

/// A session that was seen less than this ago is not noted as seen again.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// So few session cookies have the room that they need, also if some are worth nothing.
const FEW_COOKIES: usize = 3;

/// How often a change is tried when others change the same session at the same time.
const MAX_TRIES: usize = 4;

/// Returns the sign-ins that the request's cookies name, and notes that they were seen.
pub(super) async fn open(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
) -> Result<Vec<SignIn>, StoreError> {
    let mut all = Vec::new();
    for carried in look_up(jar, store).await? {
        match carried.state {
            State::Live(Found { stored, kept }) => {
                if jar.now.since(stored.seen_at) >= SEEN_EVERY {
                    // The page does not depend on it.
                    let _ = store.touch(&carried.key, jar.now).await;
                }
                all.extend(kept.sign_ins);
            }
            State::Superseded { found, .. } => all.extend(found.kept.sign_ins),
            State::Gone => {}
        }
    }
    Ok(all)
}

/// Adds a sign-in to the session that the browser has, under a new identifier. Returns `None` if another callback of
/// the same dance was faster, whose sign-in stands.
///
/// Of two cookies of one name the browser keeps one. If the slower callback made a session of its own, the other
/// one would be out of reach. If it took that over, an old cookie in other hands would be worth a new session.
pub(super) async fn sign_in(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    sign_in: SignIn,
    draws: &mut Draws<'_>,
) -> Result<Option<SignedIn>, Failed> {
    let name = cookie_name(&sign_in.dance);
    for _ in 0..MAX_TRIES {
        let carried = look_up(jar, store).await?;
        if carried.iter().any(|it| it.is_superseded_by(&name)) {
            return Ok(None);
        }
        let Joined {
            before,
            live,
            cookies,
        } = join(&carried, &name);
        let before = SignIns::together(before, jar.now);
        let together = before.with(sign_in.clone(), jar.now);
        let is_another_user = before.user().is_some() && before.user() != together.user();

        let (id, key) = new_id(jar.site, draws)?;
        let made_at = live.iter().map(|(_, found)| found.stored.made_at).min();
        let new = record(jar, &key, &together, made_at, draws)?;
        let mut left = Vec::with_capacity(live.len());
        for (old, found) in &live {
            // The sign-ins of one user are nothing to a request that comes after the sign-in of another.
            let still_good = if is_another_user {
                Vec::new()
            } else {
                found.kept.sign_ins.clone()
            };
            let until = found.stored.expires_at;
            left.push(superseded(jar, (old, until), still_good, &key, draws)?);
        }
        let changed = if left.is_empty() {
            store.insert(&key, new).await.map(|()| true)
        } else {
            store.change(&left, Some((&key, new))).await
        };
        if is_done(changed, jar, store, &key).await? {
            let policy = &jar.cookies.policy;
            let mut cookies: Vec<HeaderValue> =
                cookies.iter().map(|name| policy.delete(name)).collect();
            cookies.push(cookie(jar, &name, &id, together.expires_at(), draws)?);
            return Ok(Some(SignedIn {
                cookies,
                has_displaced: false,
            }));
        }
        // Another request has changed the session in between.
    }
    Err(busy().into())
}

/// Returns whether a change was made. If the store fails, its answer may be lost and the change made: then the new
/// session is there, and to fail would sign the browser out.
async fn is_done(
    changed: Result<bool, StoreError>,
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    new: &SessionKey,
) -> Result<bool, StoreError> {
    match changed {
        Err(error) => match find(jar, store, new).await {
            Ok(Some(_)) => Ok(true),
            _ => Err(error),
        },
        answered => answered,
    }
}

/// What the sessions of a browser bring into the one that takes their place.
struct Joined<'c> {
    before: Vec<SignIn>,
    /// The live sessions that the new one supersedes.
    live: Vec<(&'c SessionKey, &'c Found)>,
    /// The cookies that have no use any more.
    cookies: Vec<&'c str>,
}

/// Joins the sessions that a browser carries, for a new one whose cookie has this name.
fn join<'c>(carried: &'c [Carried], name: &str) -> Joined<'c> {
    let mut joined = Joined {
        before: Vec::new(),
        live: Vec::new(),
        cookies: Vec::new(),
    };
    let are_many = carried.len() > FEW_COOKIES;
    for carried in carried {
        let is_used_up = match &carried.state {
            State::Live(found) => {
                joined.before.extend_from_slice(&found.kept.sign_ins);
                joined.live.push((&carried.key, found));
                true
            }
            // A faster callback brings a cookie of another name, and deletes this one.
            State::Superseded { .. } => false,
            // A sign-out may be setting a cookie of this name, for what stays.
            State::Gone => are_many,
        };
        if is_used_up && carried.cookie != name {
            joined.cookies.push(&carried.cookie);
        }
    }
    joined
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
        let (mut before, mut ended, mut old) = (Vec::new(), Vec::new(), Vec::new());
        let mut made_at = None;
        for it in carried {
            match it.state {
                State::Live(found) => {
                    before.extend(found.kept.sign_ins);
                    old.push((it.key, found.stored.expires_at));
                    made_at = made_at.into_iter().chain([found.stored.made_at]).min();
                }
                // A sign-in is on its way to this browser. Its identifier is not ours to hand out, so all
                // of it ends.
                State::Superseded {
                    found,
                    by: (key, successor),
                } => {
                    ended.extend(found.kept.sign_ins);
                    ended.extend(successor.kept.sign_ins);
                    old.push((key, successor.stored.expires_at));
                }
                State::Gone => {}
            }
        }
        let before = SignIns::together(before, jar.now);
        ended.extend(before.iter().cloned());
        let stays = match ending {
            Ending::Dance(dance) => before.without(dance),
            Ending::All(_) => SignIns::default(),
        };
        ended.retain(|it| stays.iter().all(|stays| stays != it));
        ended.sort_by(|one, other| one.dance.cmp(&other.dance));
        ended.dedup();
        old.sort_unstable();
        old.dedup();

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
        let mut left = Vec::with_capacity(old.len());
        for (key, expires_at) in old {
            left.push(match &new {
                None => LeftSession {
                    key,
                    superseded: None,
                },
                // Another sign-out may be on its way, which is to find what stays now.
                Some((by, _)) => superseded(jar, (&key, expires_at), Vec::new(), by, draws)?,
            });
        }
        let changed = match &new {
            _ if left.is_empty() => Ok(true),
            None => store.change(&left, None).await,
            Some((key, new)) => {
                let changed = store.change(&left, Some((key, new.clone()))).await;
                match is_done(changed, jar, store, key).await {
                    // A store that is full has room for what stays once the old ones have gone.
                    Err(_) => {
                        left.iter_mut().for_each(|left| left.superseded = None);
                        let changed = store.change(&left, Some((key, new.clone()))).await;
                        is_done(changed, jar, store, key).await
                    }
                    done => done,
                }
            }
        };
        if changed? {
            return Ok(Ended {
                sign_ins: ended,
                stays: cookie,
            });
        }
        // Another request has changed the session in between.
    }
    Err(busy().into())
}

fn new_id(site: &str, draws: &mut Draws<'_>) -> Result<(String, SessionKey), EntropyError> {
    let id = draws.text()?;
    let key = key_of(site, &id);
    Ok((id, key))
}

/// Returns what is left of a session that another one takes the place of: for a while, these sign-ins are still good
/// for requests that were on their way, and a sign-out finds its successor.
fn superseded(
    jar: &SessionJar<'_>,
    (key, expires_at): (&SessionKey, Timestamp),
    sign_ins: Vec<SignIn>,
    by: &SessionKey,
    draws: &mut Draws<'_>,
) -> Result<LeftSession, EntropyError> {
    let kept = Kept {
        sign_ins,
        by: Some(by.id().to_owned()),
    };
    let sealed = seal(jar, key, &kept, draws)?;
    let until = jar.now.plus(GRACE).min(expires_at);
    Ok(LeftSession {
        key: key.clone(),
        superseded: Some((sealed, until)),
    })
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
