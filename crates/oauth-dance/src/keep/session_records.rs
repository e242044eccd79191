//! Sessions in a store: one record for each browser, which its cookies name.
//!
//! A cookie carries the key of the record and an identifier of its own, sealed; what an identifier is good for says
//! [`Browser`](browser::Browser). Every change replaces the record that was read, or fails and is tried again.
//!
//! A browser without a session gets a cookie with a key when its first login begins. So callbacks at once have one
//! record, though neither knows of the other.

use std::time::Duration;

use http::HeaderValue;

use crate::contract::entropy::Draws;
use crate::contract::session_store::{SessionKey, SessionStore};
use crate::contract::token_store::StoreError;
use crate::keep::browser;
use crate::keep::browser_cookies::{Named, announced, cookie, identifier, named, new_key, surplus};
use crate::keep::browser_record::{MAX_TRIES, Read, busy, read, write};
use crate::keep::session::SignIn;
use crate::keep::session_jar::{BROWSER, Ending, SessionJar, SignedIn, SignedOut, cookie_name};
use crate::values::login_error::Failed;

/// A session that was seen less than this ago is not noted as seen again.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// Returns the sign-ins that the request's cookies see, and notes that they were seen.
pub(super) async fn open(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
) -> Result<Vec<SignIn>, StoreError> {
    let mut all = Vec::new();
    for Named { key, identifiers } in named(jar) {
        let read = read(jar, store, &key).await?;
        let seen = read.browser.seen_by(&identifiers, jar.now);
        if !seen.is_empty() && jar.now.since(read.seen_at) >= SEEN_EVERY {
            // The page does not depend on it.
            let _ = store.touch(&key, jar.now).await;
        }
        all.extend(seen);
    }
    Ok(all)
}

/// Returns the user of the application whom the session of this key signs in.
pub(super) async fn user_of(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    key: &SessionKey,
) -> Result<Option<String>, StoreError> {
    let read = read(jar, store, key).await?;
    Ok(read.browser.user(jar.now))
}

/// Adds a sign-in to the session of the browser, under a new identifier.
pub(super) async fn sign_in(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    sign_in: SignIn,
    draws: &mut Draws<'_>,
) -> Result<SignedIn, Failed> {
    let named = named(jar);
    for _ in 0..MAX_TRIES {
        let mut all = Vec::with_capacity(named.len());
        for it in &named {
            all.push((it, read(jar, store, &it.key).await?));
        }
        let (key, carried, mut read) = match own(jar, &mut all) {
            Some((named, read)) => (named.key.clone(), &*named.identifiers, read),
            None => {
                let (key, read) = announced_record(jar, store, draws).await?;
                (key, &[][..], read)
            }
        };
        let others = all.iter().flat_map(|(named, read)| {
            let seen = read.browser.seen_by(&named.identifiers, jar.now);
            seen.into_iter().filter(|it| {
                it.dance != sign_in.dance
                    && (it.user.is_none() || sign_in.user.is_none() || it.user == sign_in.user)
            })
        });
        let others = others.collect();
        let text = identifier(draws)?;
        let latest = sign_in.clone();
        read.browser
            .sign_in(carried, others, latest, text.clone(), jar.now);
        if !write(jar, store, &key, read, Some(&text), draws).await? {
            // Another request has changed the session in between.
            continue;
        }
        // A browser has two records if the cookies of one were planted, or lost and found again.
        for (named, mut read) in all {
            if !read.browser.knows(&named.identifiers, jar.now) {
                continue;
            }
            let user = sign_in.user.as_deref();
            read.browser.leave(&named.identifiers, user, jar.now);
            // If it fails, the next sign-in or sign-out does it.
            let _ = write(jar, store, &named.key, read, None, draws).await;
        }
        let name = cookie_name(&sign_in.dance);
        let mut cookies = surplus(jar, &name);
        cookies.push(cookie(jar, &name, &key, &text, sign_in.expires_at, draws)?);
        return Ok(SignedIn {
            cookies,
            has_displaced: false,
        });
    }
    Err(busy().into())
}

/// Takes the record that a sign-in is added to out of those that the cookies name.
fn own<'n>(jar: &SessionJar<'_>, all: &mut Vec<(&'n Named, Read)>) -> Option<(&'n Named, Read)> {
    let is_known = |(named, read): &(&Named, Read)| read.browser.knows(&named.identifiers, jar.now);
    let admits = |(named, read): &(&Named, Read)| read.browser.admits(&named.identifiers, jar.now);
    let index = all.iter().position(is_known);
    let index = index.or_else(|| all.iter().position(admits))?;
    Some(all.remove(index))
}

/// Returns the record that the login has announced, or a new one.
async fn announced_record(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    draws: &mut Draws<'_>,
) -> Result<(SessionKey, Read), Failed> {
    if let Some(key) = announced(jar) {
        let read = read(jar, store, &key).await?;
        if read.browser.admits(&[], jar.now) {
            return Ok((key, read));
        }
    }
    Ok((new_key(jar, draws)?, Read::nothing(jar.now)))
}

/// Ends sign-ins in every session that the request's cookies name. What stays gets a new identifier.
pub(super) async fn sign_out(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    ending: Ending<'_>,
    draws: &mut Draws<'_>,
) -> SignedOut {
    let mut all = named(jar);
    if let Some(key) = announced(jar)
        && all.iter().all(|named| named.key != key)
    {
        let identifiers = Vec::new();
        all.push(Named { key, identifiers });
    }
    let (mut ended, mut kept, mut failure) = (Vec::new(), Vec::new(), None);
    for named in all {
        match end(jar, store, &named, ending, draws).await {
            Ok(End { sign_ins, stays }) => {
                ended.extend(sign_ins);
                kept.extend(stays);
            }
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let mut deleted = jar.names(ending);
    if failure.is_some() {
        // A cookie may name what has not ended. So all go.
        deleted.extend(jar.carried().map(|(name, _)| name.to_owned()));
    }
    if matches!(ending, Ending::All(_)) || failure.is_some() {
        deleted.insert(BROWSER.to_owned());
    }
    kept.iter().for_each(|(name, _)| _ = deleted.remove(name));
    let policy = &jar.cookies.policy;
    let mut cookies: Vec<HeaderValue> = deleted.iter().map(|name| policy.delete(name)).collect();
    cookies.extend(kept.into_iter().map(|(_, cookie)| cookie));
    ended.sort_by(|one, other| one.dance.cmp(&other.dance));
    SignedOut {
        ended,
        cookies,
        failure,
    }
}

struct End {
    sign_ins: Vec<SignIn>,
    /// The name of the cookie that keeps what stays, and the cookie.
    stays: Option<(String, HeaderValue)>,
}

async fn end(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    named: &Named,
    ending: Ending<'_>,
    draws: &mut Draws<'_>,
) -> Result<End, Failed> {
    let Named { key, identifiers } = named;
    for _ in 0..MAX_TRIES {
        let mut read = read(jar, store, key).await?;
        let is_known = read.browser.knows(identifiers, jar.now);
        let text = identifier(draws)?;
        let browser::SignedOut { ended, stays } =
            read.browser
                .sign_out(identifiers, ending, text.clone(), jar.now);
        let new = read.browser.has(&text).then_some(&*text);
        let has_changed = is_known || !ended.is_empty();
        if has_changed && !write(jar, store, key, read, new, draws).await? {
            // Another request has changed the session in between.
            continue;
        }
        let stays = match stays.iter().next_back() {
            None => None,
            Some(latest) => {
                let name = cookie_name(&latest.dance);
                let cookie = cookie(jar, &name, key, &text, stays.expires_at(), draws)?;
                Some((name, cookie))
            }
        };
        return Ok(End {
            sign_ins: ended,
            stays,
        });
    }
    Err(busy().into())
}
