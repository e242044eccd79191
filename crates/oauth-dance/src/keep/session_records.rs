//! Sessions in a store: one record for each browser, which its cookies name.
//!
//! A cookie carries the key of the record and an identifier, which sees one sign-in of the record: see
//! [`Browser`](crate::keep::browser::Browser). Every change replaces the record that was read, or fails and is tried again.
//!
//! A browser without a session gets a cookie with a key when its first login begins. So callbacks at once have one
//! record, though neither knows of the other.

use std::time::Duration;

use http::HeaderValue;

use crate::contract::entropy::Draws;
use crate::contract::session_store::{SessionKey, SessionStore};
use crate::contract::token_store::StoreError;
use crate::keep::browser_cookies::{
    Carried, announced, announcement, carried, identifiers, keys, new_identifier, new_key, value,
};
use crate::keep::browser_record::{MAX_TRIES, Read, busy, read, write};
use crate::keep::session::SignIn;
use crate::keep::session_cookies::{self, Other};
use crate::keep::session_jar::{BROWSER, Ending, SessionJar, SignedIn, SignedOut, cookie_name};
use crate::values::login_error::Failed;

/// A session that was seen less than this ago is not noted as seen again.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// A page waits no longer than this for that note.
const NOTE_DEADLINE: Duration = Duration::from_millis(200);

/// Returns the sign-ins that the request's cookies see, and notes that they were seen.
pub(super) async fn open(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
) -> Result<Vec<SignIn>, StoreError> {
    let carried = carried(jar);
    let mut all = Vec::new();
    for key in keys(&carried) {
        let read = read(jar, store, &key).await?;
        let identifiers = identifiers(&carried, &key);
        let seen = identifiers
            .iter()
            .filter_map(|it| read.browser.seen_by(it, jar.now));
        let before = all.len();
        all.extend(seen.cloned());
        if all.len() > before && jar.now.since(read.seen_at) >= SEEN_EVERY {
            // The page does not depend on it.
            let note = store.touch(&key, jar.now);
            let _ = tokio::time::timeout(NOTE_DEADLINE, note).await;
        }
    }
    Ok(all)
}

/// Returns the user of the application whom the session of this key signs in.
pub(super) async fn user_of(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    key: &SessionKey,
    counts: impl Fn(&SignIn) -> bool,
) -> Result<Option<String>, StoreError> {
    let read = read(jar, store, key).await?;
    Ok(read.browser.user(counts, jar.now))
}

/// Returns the cookie that a browser without a session needs when it begins a login.
pub(super) async fn announce(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    lifetime: Duration,
    draws: &mut Draws<'_>,
) -> Result<Option<HeaderValue>, Failed> {
    let carried = carried(jar);
    for key in keys(&carried) {
        let read = read(jar, store, &key).await?;
        if read.browser.knows(&identifiers(&carried, &key), jar.now) {
            return Ok(None);
        }
    }
    Ok(Some(announcement(jar, lifetime, draws)?))
}

/// Adds a sign-in to the session of the browser.
pub(super) async fn sign_in(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    sign_in: SignIn,
    draws: &mut Draws<'_>,
) -> Result<SignedIn, Failed> {
    let carried = carried(jar);
    for _ in 0..MAX_TRIES {
        let mut reads = Vec::new();
        for key in keys(&carried) {
            let read = read(jar, store, &key).await?;
            reads.push((key, read));
        }
        // What the browser's other cookies are worth, once this one is there.
        let others: Vec<(String, Other)> = carried
            .iter()
            .map(|it| (it.name.to_owned(), other(it, &reads, &sign_in, jar)))
            .collect();

        let is_known = |(key, read): &(SessionKey, Read)| {
            let identifiers = identifiers(&carried, key);
            read.browser.knows(&identifiers, jar.now)
        };
        let known = reads.iter().position(is_known);
        let own = match known {
            Some(index) => reads.remove(index),
            None => announced_record(jar, store, draws).await?,
        };
        let (key, mut own) = own;
        let identifier = new_identifier(draws)?;
        let name = cookie_name(&sign_in.dance);
        let value = value(jar, &name, &key, &identifier, draws)?;
        let (mut signed_in, deleted) = session_cookies::set(jar, &sign_in, &value, |name, _| {
            let found = others.iter().find(|(other, _)| other == name);
            let is_own = carried.iter().any(|it| it.name == name && it.key == key);
            match found.map_or(Other::Unknown, |(_, other)| *other) {
                Other::OfAnotherUser if is_own => Other::OfAnotherUserAndEnded,
                other => other,
            }
        })?;
        // The identifiers in one record whose cookies are deleted.
        let ending = |key: &SessionKey| -> Vec<&str> {
            let is_deleted = |it: &&Carried<'_>| deleted.iter().any(|name| name == it.name);
            let of_key = carried.iter().filter(|it| it.key == *key);
            of_key
                .filter(is_deleted)
                .map(|it| &*it.identifier)
                .collect()
        };

        let of_own = identifiers(&carried, &key);
        own.browser.end(&ending(&key));
        let latest = sign_in.clone();
        signed_in.ended = own.browser.sign_in(&of_own, latest, identifier, jar.now);
        if !write(jar, store, &key, own, draws).await? {
            // Another request has changed the session in between.
            continue;
        }
        for (key, read) in reads {
            let mut ending = ending(&key);
            // The new cookie takes the place of this one.
            let replaced = carried.iter().filter(|it| it.name == name && it.key == key);
            ending.extend(replaced.map(|it| &*it.identifier));
            // If it fails, the cookies are deleted at least.
            let _ = end_some(jar, store, (&key, read), &ending, draws).await;
        }
        // A callback that is on its way has it already.
        if jar.request.values(BROWSER).next().is_some() {
            signed_in.cookies.push(jar.cookies.policy.delete(BROWSER));
        }
        return Ok(signed_in);
    }
    Err(busy().into())
}

/// Returns what a cookie is worth beside this sign-in.
fn other(
    carried: &Carried<'_>,
    reads: &[(SessionKey, Read)],
    latest: &SignIn,
    jar: &SessionJar<'_>,
) -> Other {
    let read = reads.iter().find(|(key, _)| *key == carried.key);
    let seen = read.and_then(|(_, read)| read.browser.seen_by(&carried.identifier, jar.now));
    seen.map_or(Other::Unknown, |seen| Other::of(seen, latest, jar.now))
}

/// Ends what these identifiers see in another record of the browser.
async fn end_some(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    (key, mut found): (&SessionKey, Read),
    identifiers: &[&str],
    draws: &mut Draws<'_>,
) -> Result<(), Failed> {
    for _ in 0..MAX_TRIES {
        let has_changed = found.browser.end(identifiers);
        if !has_changed || write(jar, store, key, found, draws).await? {
            return Ok(());
        }
        found = read(jar, store, key).await?;
    }
    Err(busy().into())
}

/// Returns the record that the login has announced, or a new one.
async fn announced_record(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    draws: &mut Draws<'_>,
) -> Result<(SessionKey, Read), Failed> {
    if let Some(key) = announced(jar) {
        let read = read(jar, store, &key).await?;
        if read.browser.is_new(jar.now) {
            return Ok((key, read));
        }
    }
    Ok((new_key(jar, draws)?, Read::nothing(jar.now)))
}

/// Ends sign-ins in every session that the request's cookies name.
pub(super) async fn sign_out(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    ending: Ending<'_>,
    draws: &mut Draws<'_>,
) -> SignedOut {
    let carried = carried(jar);
    let mut all = keys(&carried);
    all.extend(announced(jar).filter(|key| !all.contains(key)));
    let (mut ended, mut failure) = (Vec::new(), None);
    for key in all {
        match end(
            jar,
            store,
            &key,
            &identifiers(&carried, &key),
            ending,
            draws,
        )
        .await
        {
            Ok(sign_ins) => ended.extend(sign_ins),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let mut deleted = jar.names(ending);
    if failure.is_some() {
        // A cookie may name what has not ended. So all go.
        deleted.extend(jar.carried().map(|(name, _)| name.to_owned()));
    }
    if failure.is_some() || matches!(ending, Ending::All(_)) {
        deleted.insert(BROWSER.to_owned());
    }
    let policy = &jar.cookies.policy;
    SignedOut {
        ended,
        cookies: deleted.iter().map(|name| policy.delete(name)).collect(),
        failure,
    }
}

async fn end(
    jar: &SessionJar<'_>,
    store: &dyn SessionStore,
    key: &SessionKey,
    identifiers: &[&str],
    ending: Ending<'_>,
    draws: &mut Draws<'_>,
) -> Result<Vec<SignIn>, Failed> {
    for _ in 0..MAX_TRIES {
        let mut read = read(jar, store, key).await?;
        let ended = read.browser.sign_out(identifiers, ending, jar.now);
        if ended.is_empty() || write(jar, store, key, read, draws).await? {
            return Ok(ended);
        }
        // Another request has changed the session in between.
    }
    Err(busy().into())
}
