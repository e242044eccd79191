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
use crate::keep::cookies::RequestCookies;
use crate::keep::login_slots::{self, LoginSlots, Placed};
use crate::keep::place::Place;
use crate::keep::seal::Purpose;
use crate::keep::sealed_cookie::SealedCookies;
use crate::keep::{budget, ended, token_cookie};
use crate::values::login_error::{Failed, LoginError, RejectReason};
use crate::values::pending::{Pending, State, StateFingerprint};
use crate::values::time::Timestamp;

/// Where pending logins wait. In both modes the browser holds a cookie for each login, without which its
/// `state` is worthless.
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
    /// The site whose logins these are.
    pub(crate) site: &'a str,
    /// How many slots a browser has.
    pub(crate) slots: usize,
    pub(crate) cookies: &'a SealedCookies,
    pub(crate) request: &'a RequestCookies,
    pub(crate) now: Timestamp,
}

/// The result of taking a login out: the login or the reason for its absence, and the cookies to delete.
pub(crate) struct Taken {
    pub(crate) pending: Result<Pending, RejectReason>,
    pub(crate) delete_cookies: Vec<HeaderValue>,
}

impl PendingLogins<'_> {
    /// Puts `pending` away. Returns the cookies to set.
    pub(crate) async fn put(
        &self,
        pending: &Pending,
        state: &State,
        draws: &mut Draws<'_>,
    ) -> Result<Vec<HeaderValue>, Failed> {
        let fingerprint = state.fingerprint();
        let sealer = &self.cookies.sealer;
        let (text, record) = match self.room {
            WaitingRoom::Cookies => {
                let place = [fingerprint.as_str()];
                let sealed = sealer.seal(Purpose::Pending, &place, pending, draws)?;
                (URL_SAFE_NO_PAD.encode(sealed), None)
            }
            WaitingRoom::Store(store) => {
                let binding = draws.text()?;
                let id = self.store_id(state, &binding);
                let place = [&id, fingerprint.as_str(), &binding];
                let sealed = sealer.seal(Purpose::Pending, &place, pending, draws)?;
                (binding, Some((store, id, sealed)))
            }
        };
        let [random] = draws.bytes()?;
        let place = |slots| {
            let slots = LoginSlots::read(slots, self.request);
            let how = (&self.cookies.policy, self.now, random);
            let placed = slots.place(&text, &fingerprint, pending.expires_at, how)?;
            Some(self.set(&placed, pending.expires_at))
        };
        // The same slots for all logins that begin at once. If they cannot hold this one, it stays nevertheless: its
        // callback deletes what is too much.
        let cookies = (self.slots_with_room()..=self.slots)
            .find_map(place)
            .ok_or(LoginError::PendingTooLarge)?;
        if let Some((store, id, sealed)) = record {
            store.insert(&id, sealed, pending.expires_at).await?;
        }
        Ok(cookies)
    }

    fn set(&self, placed: &Placed, expires_at: Timestamp) -> Vec<HeaderValue> {
        let policy = &self.cookies.policy;
        let lifetime = expires_at.since(self.now).as_secs();
        let set = placed.set.iter();
        let set = set.map(|(name, value)| policy.set(name, value, Some(lifetime)));
        let delete = placed.delete.iter().map(|name| policy.delete(name));
        delete.chain(set).collect()
    }

    /// Takes the login with this `state` out, for good: a callback works once, also if it fails.
    pub(crate) async fn take(&self, place: Place<'_>, state: &State) -> Result<Taken, Failed> {
        let fingerprint = state.fingerprint();
        let slots = LoginSlots::read(self.slots, self.request);
        let mut found = None;
        for text in slots.texts(&fingerprint) {
            found = self.open(&text, state, &fingerprint).await?;
            if found.is_some() {
                break;
            }
        }
        let in_use = LoginSlots::read(self.slots_with_room().max(1), self.request);
        let absent = if in_use.are_full(self.now) && slots.names(&fingerprint).is_empty() {
            RejectReason::GivenUp
        } else {
            RejectReason::NoPendingLogin
        };
        let policy = &self.cookies.policy;
        let names = slots.names(&fingerprint);
        Ok(Taken {
            pending: found
                .ok_or(absent)
                .and_then(|pending| check(pending, place, self.now)),
            delete_cookies: names.iter().map(|name| policy.delete(name)).collect(),
        })
    }

    /// Returns how many slots have room beside the browser's sessions and messages. Callbacks at once may have left more
    /// sessions than their share.
    fn slots_with_room(&self) -> usize {
        let is_standing = |name: &str| {
            let others = [login_slots::PREFIX, token_cookie::PREFIX, ended::COOKIE];
            !others.iter().any(|other| name.starts_with(other))
        };
        let standing = self.request.bytes(&self.cookies.policy, is_standing);
        budget::slots_beside(budget::MARK + standing, self.slots)
    }

    /// Returns the identifier of a stored login. It takes the site, the `state` and the cookie to name it.
    fn store_id(&self, state: &State, binding: &str) -> String {
        let mut digest = Sha256::new();
        for part in [self.site, state.as_str(), binding] {
            digest.update(part);
            // No part has a line break.
            digest.update(b"\n");
        }
        URL_SAFE_NO_PAD.encode(digest.finalize())
    }

    async fn open(
        &self,
        text: &str,
        state: &State,
        fingerprint: &StateFingerprint,
    ) -> Result<Option<Pending>, Failed> {
        let sealer = &self.cookies.sealer;
        match self.room {
            WaitingRoom::Cookies => {
                let sealed = URL_SAFE_NO_PAD.decode(text).ok();
                let place = [fingerprint.as_str()];
                Ok(sealed.and_then(|sealed| sealer.open(Purpose::Pending, &place, sealed)))
            }
            WaitingRoom::Store(store) => {
                let id = self.store_id(state, text);
                let sealed = store.take(&id).await?;
                let place = [&id, fingerprint.as_str(), text];
                Ok(sealed.and_then(|sealed| sealer.open(Purpose::Pending, &place, sealed)))
            }
        }
    }
}

/// Checks a pending login. It counts only for its own dance and registration, and until it expires. The
/// seal has checked its state.
fn check(pending: Pending, place: Place<'_>, now: Timestamp) -> Result<Pending, RejectReason> {
    let began = Place {
        dance: &pending.dance,
        registration: &pending.registration,
    };
    if began != place {
        Err(RejectReason::OtherDance)
    } else if pending.expires_at <= now {
        Err(RejectReason::Expired)
    } else {
        Ok(pending)
    }
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

    const DANCE: &str = "the-longest-name-that-a-dance-may-have-which-is-sixty-four-chars";

    /// A login whose `next` and remembered values have `bytes` together, under the longest names.
    async fn put(bytes: usize) -> (SealedCookies, State, Result<Vec<HeaderValue>, Failed>) {
        let mut draws = Draws::from(&OsEntropy);
        let state = State::new(draws.text().unwrap());
        let next = format!("/{}", "n".repeat(Next::MAX_BYTES - 1));
        let value = "v".repeat(bytes - Next::MAX_BYTES);
        let pending = Pending {
            dance: DANCE.to_owned(),
            registration: "r".repeat(22),
            verifier: CodeVerifier::new("v".repeat(43)),
            requested: Scopes::from_iter(["openid", "profile", "email"].map(str::to_owned)),
            next: Next::parse(&next, &Url::parse("https://app.example").unwrap()).ok(),
            remembered: BTreeMap::from([(String::new(), value)]),
            expires_at: Timestamp::from_unix_seconds(4_000_000_000),
        };
        let cookies = SealedCookies {
            sealer: Sealer::new(
                &KeyRing::new(Key::generate().unwrap()),
                "https://app.example",
            ),
            policy: CookiePolicy::secure(&"n".repeat(32)),
        };
        let nothing = RequestCookies::default();
        let headers = logins(&cookies, &nothing)
            .put(&pending, &state, &mut draws)
            .await;
        (cookies, state, headers)
    }

    fn logins<'a>(cookies: &'a SealedCookies, request: &'a RequestCookies) -> PendingLogins<'a> {
        PendingLogins {
            room: &WaitingRoom::Cookies,
            site: "https://app.example",
            slots: budget::SLOTS_BESIDE_TOKENS,
            cookies,
            request,
            now: Timestamp::default(),
        }
    }

    #[tokio::test]
    async fn g10_a_next_of_1500_bytes_fits_the_slots_beside_tokens() {
        let (cookies, state, headers) = put(1500).await;
        let headers = headers.unwrap();
        let pairs = headers.iter().map(|header| {
            let pair = header.to_str().unwrap().split(';').next().unwrap();
            assert!(
                pair.len() + "; ".len() <= budget::SLOT,
                "{} bytes",
                pair.len()
            );
            (COOKIE, HeaderValue::try_from(pair).unwrap())
        });
        let request = RequestCookies::read(&HeaderMap::from_iter(pairs), &cookies.policy);
        let place = Place {
            dance: DANCE,
            registration: &"r".repeat(22),
        };
        let taken = logins(&cookies, &request)
            .take(place, &state)
            .await
            .unwrap();
        assert!(taken.pending.is_ok());
        assert_eq!(taken.delete_cookies.len(), headers.len());
    }

    #[tokio::test]
    async fn g10_a_login_that_all_slots_cannot_hold_fails() {
        let (_, _, headers) = put(2600).await;
        assert_eq!(headers.unwrap_err().error, LoginError::PendingTooLarge);
    }
}
