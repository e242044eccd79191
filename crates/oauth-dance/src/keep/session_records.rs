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
    Carried, announced, announcement, carried, identifiers, identifiers_by_name, keys,
    new_identifier, new_key, value,
};
use crate::keep::browser_record::{MAX_TRIES, Read, busy, read, write};
use crate::keep::session::SignIn;
use crate::keep::session_budget::{self, Worth};
use crate::keep::session_jar::{BROWSER, Ending, SessionJar, SignedIn, SignedOut, cookie_name};
use crate::values::login_error::Failed;
use crate::values::time::Timestamp;

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
    let name = cookie_name(&sign_in.dance);
    for _ in 0..MAX_TRIES {
        let mut found = Found::read(jar, store, &carried).await?;
        let own = match found.known(jar.now) {
            Some(known) => known,
            None => found.add(announced_record(jar, store, draws).await?),
        };
        let key = found.records[own].0.clone();
        let identifier = new_identifier(draws)?;
        let value = value(jar, &name, &key, &identifier, draws)?;
        let set = session_budget::set(jar, &sign_in, &value, |other, _| {
            found.worth(other, &key, &sign_in, jar.now)
        })?;
        let (mut signed_in, mut gone) = (set.signed_in, set.deleted);

        let (_, mut record) = found.records.remove(own);
        let browser = &mut record.browser;
        browser.end(&identifiers_by_name(&carried, &key, &gone));
        let of_own = identifiers(&carried, &key);
        signed_in.ended = browser.sign_in(&of_own, sign_in.clone(), identifier, jar.now);
        if !write(jar, store, &key, record, draws).await? {
            // Another request has changed the session in between.
            continue;
        }
        // The new cookie takes the place of the one with its name, which may be of another record.
        gone.push(name);
        found.end(jar, store, &gone, draws).await;
        // A callback that is on its way has it already.
        if jar.request.values(BROWSER).next().is_some() {
            signed_in.cookies.push(jar.cookies.policy.delete(BROWSER));
        }
        return Ok(signed_in);
    }
    Err(busy().into())
}

/// The session cookies of a request, and the records that they name.
struct Found<'c, 'j> {
    carried: &'c [Carried<'j>],
    records: Vec<(SessionKey, Read)>,
}

impl<'c, 'j> Found<'c, 'j> {
    async fn read(
        jar: &SessionJar<'_>,
        store: &dyn SessionStore,
        carried: &'c [Carried<'j>],
    ) -> Result<Self, StoreError> {
        let mut records = Vec::new();
        for key in keys(carried) {
            let read = read(jar, store, &key).await?;
            records.push((key, read));
        }
        Ok(Self { carried, records })
    }

    /// Returns the place of the record that the browser is signed in by.
    fn known(&self, now: Timestamp) -> Option<usize> {
        let mut records = self.records.iter();
        records.position(|(key, read)| read.browser.knows(&identifiers(self.carried, key), now))
    }

    /// Adds a record. Returns its place.
    fn add(&mut self, record: (SessionKey, Read)) -> usize {
        self.records.push(record);
        self.records.len() - 1
    }

    /// Returns what the cookie called `name` is worth beside a new sign-in in the record `own`.
    fn worth(&self, name: &str, own: &SessionKey, latest: &SignIn, now: Timestamp) -> Worth {
        let mut cookies = self.carried.iter().filter(|it| it.name == name);
        let is_own = cookies.clone().any(|it| it.key == *own);
        let seen = cookies.next().and_then(|it| self.seen_by(it, now));
        // A callback at once has the same record. It may be setting what says nothing here, or what this user ends.
        match seen {
            Some(seen) => Worth::of(seen, latest, is_own),
            None => Worth::Nothing {
                may_be_set_anew: true,
            },
        }
    }

    fn seen_by(&self, cookie: &Carried<'_>, now: Timestamp) -> Option<&SignIn> {
        let (_, read) = self.records.iter().find(|(key, _)| *key == cookie.key)?;
        read.browser.seen_by(&cookie.identifier, now)
    }

    /// Ends what the cookies of these names see, as well as the store lets it: the cookies go at least.
    async fn end(
        self,
        jar: &SessionJar<'_>,
        store: &dyn SessionStore,
        names: &[String],
        draws: &mut Draws<'_>,
    ) {
        for (key, read) in self.records {
            let identifiers = identifiers_by_name(self.carried, &key, names);
            let _ = end_some(jar, store, (&key, read), &identifiers, draws).await;
        }
    }
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
        let identifiers = identifiers(&carried, &key);
        match end(jar, store, &key, &identifiers, ending, draws).await {
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
