//! Puts a pending login away when it begins and takes it out once, for the browser that began it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::cookies::{CookiePolicy, RequestCookies};
use crate::entropy::{Entropy, random_text};
use crate::failure::{Failed, RejectReason};
use crate::pending::{Pending, PendingStore, State};
use crate::seal::{Purpose, Sealer};
use crate::sealed_cookie;
use crate::time::Timestamp;

/// How many logins one browser may have pending; the oldest give way (RFC 6749 has no limit, a
/// request's cookies have).
const MAX_PENDING: usize = 6;

const PREFIX: &str = "login-";

/// Where pending logins wait. In both modes the browser holds a cookie per transaction without which
/// its `state` is worthless; the cookie's text is `expiry.payload`, the expiry in clear so that the
/// oldest can be found without opening them.
pub(crate) enum PendingLogins {
    /// The whole login, sealed, in its cookie.
    Cookies,
    /// A binding secret in the cookie, the sealed login in the store.
    Store(Arc<dyn PendingStore>),
}

/// The parts of the site that the jar works with.
pub(crate) struct Jar<'a> {
    pub(crate) logins: &'a PendingLogins,
    pub(crate) sealer: &'a Sealer,
    pub(crate) cookies: &'a CookiePolicy,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) now: Timestamp,
}

/// What taking a login out brought: the login or why there is none, and the cookie to delete.
pub(crate) struct Taken {
    pub(crate) pending: Result<Pending, RejectReason>,
    pub(crate) delete_cookie: Option<HeaderValue>,
}

impl Jar<'_> {
    /// Puts `pending` away; answers the cookies to set.
    pub(crate) async fn put(
        &self,
        pending: &Pending,
        state: &State,
        request: &RequestCookies,
    ) -> Result<Vec<HeaderValue>, Failed> {
        let name = cookie_name(pending.state.short());
        let payload = match self.logins {
            PendingLogins::Cookies => {
                sealed_cookie::seal(pending, self.sealer, Purpose::Pending, &name, self.entropy)?
            }
            PendingLogins::Store(store) => {
                let binding = random_text(self.entropy)?;
                let id = store_id(state, &binding);
                let json = serde_json::to_vec(pending).expect("a pending login is plain data");
                let sealed = self.sealer.seal(
                    Purpose::Pending,
                    &[&id],
                    &Zeroizing::new(json),
                    self.entropy,
                )?;
                store.insert(&id, sealed, pending.expires_at).await?;
                binding
            }
        };
        let value = format!("{}.{payload}", pending.expires_at);
        let lifetime = pending.expires_at.since(self.now).as_secs();
        let mut headers = self.evict(request);
        headers.push(self.cookies.set(&name, value, Some(lifetime)));
        Ok(headers)
    }

    /// Takes the login with this `state` out, for good: whatever comes of the callback, it works once.
    pub(crate) async fn take(
        &self,
        dance: &str,
        state: &State,
        request: &RequestCookies,
    ) -> Result<Taken, Failed> {
        let name = cookie_name(state.fingerprint().short());
        let mut found = None;
        for value in request.values(&name) {
            let Some((_, payload)) = value.split_once('.') else {
                continue;
            };
            found = self.open(&name, payload, state).await?;
            if found.is_some() {
                break;
            }
        }
        Ok(Taken {
            pending: found
                .ok_or(RejectReason::NoPendingLogin)
                .and_then(|pending| check(pending, dance, state, self.now)),
            delete_cookie: request
                .values(&name)
                .next()
                .map(|_| self.cookies.delete(&name)),
        })
    }

    async fn open(
        &self,
        name: &str,
        payload: &str,
        state: &State,
    ) -> Result<Option<Pending>, Failed> {
        match self.logins {
            PendingLogins::Cookies => Ok(sealed_cookie::open_text(
                payload,
                self.sealer,
                Purpose::Pending,
                name,
            )),
            PendingLogins::Store(store) => {
                let id = store_id(state, payload);
                let sealed = store.take(&id).await?;
                Ok(sealed
                    .and_then(|sealed| self.sealer.open(Purpose::Pending, &[&id], &sealed))
                    .and_then(|json| serde_json::from_slice(&json).ok()))
            }
        }
    }

    /// Deletes the oldest pending logins of this browser, so that one more fits.
    fn evict(&self, request: &RequestCookies) -> Vec<HeaderValue> {
        let mut pending: Vec<(u64, &str)> = request
            .starting_with(PREFIX)
            .map(|(name, value)| (expiry(value), name))
            .collect();
        pending.sort_unstable();
        let excess = (pending.len() + 1).saturating_sub(MAX_PENDING);
        pending
            .iter()
            .take(excess)
            .map(|(_, name)| self.cookies.delete(name))
            .collect()
    }
}

/// A pending login counts only for its own dance and state, and until it expires.
fn check(
    pending: Pending,
    dance: &str,
    state: &State,
    now: Timestamp,
) -> Result<Pending, RejectReason> {
    if !pending.state.matches(state) {
        Err(RejectReason::NoPendingLogin)
    } else if pending.dance != dance {
        Err(RejectReason::OtherDance)
    } else if pending.expires_at <= now {
        Err(RejectReason::Expired)
    } else {
        Ok(pending)
    }
}

fn cookie_name(short_fingerprint: &str) -> String {
    format!("{PREFIX}{short_fingerprint}")
}

/// When a cookie's text says it expires; what says nothing goes first.
fn expiry(value: &str) -> u64 {
    value
        .split_once('.')
        .and_then(|(expiry, _)| expiry.parse().ok())
        .unwrap_or(0)
}

/// The identifier of a stored login: only who holds both the `state` and the cookie can name it.
fn store_id(state: &State, binding: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(state.as_str());
    digest.update(b".");
    digest.update(binding);
    URL_SAFE_NO_PAD.encode(digest.finalize())
}
