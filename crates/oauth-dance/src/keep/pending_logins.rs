//! Puts a pending login away when it begins and takes it out once, for the browser that began it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

use crate::contract::entropy::Draws;
use crate::contract::in_time::InTime;
use crate::contract::pending_store::PendingStore;
use crate::keep::cookies::{MAX_VALUE_BYTES, RequestCookies};
use crate::keep::place::Place;
use crate::keep::seal::Purpose;
use crate::keep::sealed_cookie::SealedCookies;
use crate::values::login_error::{Failed, LoginError, RejectReason};
use crate::values::pending::{Pending, State, StateFingerprint};
use crate::values::time::Timestamp;

/// How many logins one browser may have pending. If there are more, the oldest are dropped (RFC 6749 has
/// no limit, a request's cookies have).
const MAX_PENDING: usize = 6;

/// How many bytes of pending logins one browser may have, names and values together. Common servers take
/// 8 KiB of cookies in all.
const MAX_PENDING_BYTES: usize = 4096;

const PREFIX: &str = "login-";

/// Where pending logins wait. In both modes the browser holds one cookie per login, without which its
/// `state` is worthless. The cookie's text is `expiry.payload`. The expiry is in clear, so that the
/// oldest can be found without opening them.
pub(crate) enum WaitingRoom {
    /// The whole login, sealed, in its cookie.
    Cookies,
    /// A binding secret in the cookie, the sealed login in the store.
    Store(Arc<dyn PendingStore>),
}

impl WaitingRoom {
    /// Lets no call of the store take longer than `deadline`.
    pub(crate) fn in_time(self, deadline: Duration) -> Self {
        match self {
            Self::Cookies => Self::Cookies,
            Self::Store(store) => Self::Store(Arc::new(InTime::new(store, deadline))),
        }
    }
}

/// The pending logins of one browser, as one request sees them.
pub(crate) struct PendingLogins<'a> {
    pub(crate) room: &'a WaitingRoom,
    pub(crate) cookies: &'a SealedCookies,
    pub(crate) request: &'a RequestCookies,
    pub(crate) now: Timestamp,
}

/// The result of taking a login out: the login or the reason for its absence, and the cookie to delete.
pub(crate) struct Taken {
    pub(crate) pending: Result<Pending, RejectReason>,
    pub(crate) delete_cookie: Option<HeaderValue>,
}

impl PendingLogins<'_> {
    /// Puts `pending` away. Returns the cookies to set.
    pub(crate) async fn put(
        &self,
        pending: &Pending,
        state: &State,
        draws: &mut Draws<'_>,
    ) -> Result<Vec<HeaderValue>, Failed> {
        let name = cookie_name(&pending.state);
        let payload = match self.room {
            WaitingRoom::Cookies => self.cookies.seal(Purpose::Pending, &name, pending, draws)?,
            WaitingRoom::Store(store) => {
                let binding = draws.text()?;
                let id = store_id(state, &binding);
                let sealer = &self.cookies.sealer;
                let sealed = sealer.seal(Purpose::Pending, &[&id], pending, draws)?;
                store.insert(&id, sealed, pending.expires_at).await?;
                binding
            }
        };
        let value = format!("{}.{payload}", pending.expires_at);
        if value.len() > MAX_VALUE_BYTES {
            // The browser would drop the cookie, and the login would end as a forgery.
            return Err(LoginError::PendingTooLarge.into());
        }
        let policy = &self.cookies.policy;
        let lifetime = pending.expires_at.since(self.now).as_secs();
        let mut headers = self.evict(policy.name(&name).len() + value.len());
        headers.push(policy.set(&name, &value, Some(lifetime)));
        Ok(headers)
    }

    /// Takes the login with this `state` out, for good: a callback works once, also if it fails.
    pub(crate) async fn take(&self, place: Place<'_>, state: &State) -> Result<Taken, Failed> {
        let fingerprint = state.fingerprint();
        let name = cookie_name(&fingerprint);
        let mut found = None;
        for value in self.request.values(&name) {
            let Some((_, payload)) = value.split_once('.') else {
                continue;
            };
            found = self.open(&name, payload, state).await?;
            if found.is_some() {
                break;
            }
        }
        let is_carried = self.request.values(&name).next().is_some();
        Ok(Taken {
            pending: found
                .ok_or(RejectReason::NoPendingLogin)
                .and_then(|pending| check(pending, place, &fingerprint, self.now)),
            delete_cookie: is_carried.then(|| self.cookies.policy.delete(&name)),
        })
    }

    async fn open(
        &self,
        name: &str,
        payload: &str,
        state: &State,
    ) -> Result<Option<Pending>, Failed> {
        match self.room {
            WaitingRoom::Cookies => Ok(self.cookies.open_text(Purpose::Pending, name, payload)),
            WaitingRoom::Store(store) => {
                let id = store_id(state, payload);
                let sealer = &self.cookies.sealer;
                let sealed = store.take(&id).await?;
                Ok(sealed.and_then(|sealed| sealer.open(Purpose::Pending, &[&id], sealed)))
            }
        }
    }

    /// Deletes the oldest pending logins of this browser, so that one more of `bytes` fits.
    fn evict(&self, bytes: usize) -> Vec<HeaderValue> {
        let policy = &self.cookies.policy;
        let size = |name: &str, value: &str| policy.name(name).len() + value.len();
        let mut pending: Vec<(u64, &str, usize)> = self
            .request
            .starting_with(PREFIX)
            .map(|(name, value)| (expiry(value), name, size(name, value)))
            .collect();
        // The newest first: those stay as long as there is room.
        pending.sort_unstable_by(|one, other| other.cmp(one));
        let mut room = MAX_PENDING_BYTES.saturating_sub(bytes);
        let stay = pending
            .iter()
            .take(MAX_PENDING - 1)
            .take_while(|(_, _, size)| match room.checked_sub(*size) {
                Some(rest) => {
                    room = rest;
                    true
                }
                None => false,
            })
            .count();
        pending[stay..]
            .iter()
            .map(|(_, name, _)| policy.delete(name))
            .collect()
    }
}

/// Checks a pending login. It counts only for its own state, dance and registration, and until it
/// expires.
fn check(
    pending: Pending,
    place: Place<'_>,
    state: &StateFingerprint,
    now: Timestamp,
) -> Result<Pending, RejectReason> {
    let began = Place {
        dance: &pending.dance,
        registration: &pending.registration,
    };
    if !pending.state.matches(state) {
        Err(RejectReason::NoPendingLogin)
    } else if began != place {
        Err(RejectReason::OtherDance)
    } else if pending.expires_at <= now {
        Err(RejectReason::Expired)
    } else {
        Ok(pending)
    }
}

fn cookie_name(state: &StateFingerprint) -> String {
    [PREFIX, state.short()].concat()
}

/// Returns when a cookie's text says it expires. A text without an expiry is dropped first.
fn expiry(value: &str) -> u64 {
    value
        .split_once('.')
        .and_then(|(expiry, _)| expiry.parse().ok())
        .unwrap_or(0)
}

/// Returns the identifier of a stored login. It takes both the `state` and the cookie to name it.
fn store_id(state: &State, binding: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(state.as_str());
    digest.update(b".");
    digest.update(binding);
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use http::HeaderMap;
    use http::header::COOKIE;
    use url::Url;

    use super::*;
    use crate::contract::entropy::OsEntropy;
    use crate::keep::cookies::CookiePolicy;
    use crate::keep::seal::Sealer;
    use crate::values::key::{Key, KeyRing};
    use crate::values::next::Next;
    use crate::values::scopes::Scopes;
    use crate::values::secret::CodeVerifier;

    /// The pending login with the longest `next` and the most that receivers can have remembered.
    fn pending(state: &State, scope: String) -> Pending {
        let next = format!("/{}", "n".repeat(Next::MAX_BYTES - 1));
        let value = "v".repeat(Pending::MAX_REMEMBERED_BYTES - r#"{"n":""}"#.len());
        Pending {
            dance: "a-dance-of-our-own".to_owned(),
            registration: "r".repeat(22),
            state: state.fingerprint(),
            verifier: CodeVerifier::new("v".repeat(43)),
            requested: Scopes::from_iter([scope]),
            next: Next::parse(&next, &Url::parse("https://app.example").unwrap()),
            remembered: BTreeMap::from([("n".to_owned(), value)]),
            expires_at: Timestamp::from_unix_seconds(4_000_000_000),
        }
    }

    async fn put(scope: usize, request: &RequestCookies) -> Result<Vec<HeaderValue>, Failed> {
        let mut draws = Draws::from(&OsEntropy);
        let state = State::new(draws.text().unwrap());
        let logins = PendingLogins {
            room: &WaitingRoom::Cookies,
            cookies: &SealedCookies {
                sealer: Sealer::new(&KeyRing::new(Key::generate().unwrap()), "site"),
                policy: CookiePolicy::secure("od"),
            },
            request,
            now: Timestamp::default(),
        };
        let pending = pending(&state, "s".repeat(scope));
        logins.put(&pending, &state, &mut draws).await
    }

    #[tokio::test]
    async fn a10_the_largest_login_fits_a_cookie_and_a_larger_one_fails() {
        let headers = put(200, &RequestCookies::default()).await.unwrap();
        assert!(headers[0].len() < 4096, "{}", headers[0].len());
        let failed = put(2000, &RequestCookies::default()).await.unwrap_err();
        assert_eq!(failed.error, LoginError::PendingTooLarge);
    }

    #[tokio::test]
    async fn a10_large_logins_give_way_before_small_ones_would() {
        let two: HeaderMap = (1..3)
            .map(|n| format!("__Host-od-login-{n}={n}.{}", "x".repeat(1000)))
            .map(|pair| (COOKIE, HeaderValue::try_from(pair).unwrap()))
            .collect();
        let two = RequestCookies::read(&two, &CookiePolicy::secure("od"));
        let headers = put(0, &two).await.unwrap();
        let deleted = |n: u8| {
            let start = format!("__Host-od-login-{n}=;");
            headers
                .iter()
                .any(|header| header.to_str().unwrap().starts_with(&start))
        };
        assert_eq!(headers.len(), 3);
        assert!(deleted(1) && deleted(2));
    }
}
