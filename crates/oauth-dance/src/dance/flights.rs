//! The refreshes of this process that are under way, have just landed, or have just failed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::contract::clock::Clock;
use crate::flows::RefreshError;
use crate::values::holder::Holder;
use crate::values::login_error::LoginError;
use crate::values::no_answer::ClientErrorKind;
use crate::values::secret::{AccessToken, RefreshToken};
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// How long a flight answers latecomers after it has landed. Latecomers are requests of one browser that
/// left with the old cookies while the new ones were on their way.
const GRACE: Duration = Duration::from_secs(30);

/// The longest time between two attempts of this process to refresh a token, in seconds, if the provider does
/// not ask for more.
const LONGEST_STEP: u64 = 60;

/// The most that a provider's `Retry-After` counts.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(600);

/// How long the number of failures is remembered after the last one.
const MEMORY: Duration = Duration::from_secs(600);

/// The result of a refresh.
#[derive(Clone)]
pub(crate) struct Refreshed {
    pub(crate) token: Token,
    /// The cookies that keep the new token, if tokens are kept in cookies.
    pub(crate) cookies: Vec<HeaderValue>,
    /// Whether this process has asked the provider for the token. Otherwise the token was found.
    pub(crate) by_us: bool,
}

impl Refreshed {
    /// Wraps a token that is good as it was found.
    pub(crate) fn found(token: Token) -> Self {
        Self {
            token,
            cookies: Vec::new(),
            by_us: false,
        }
    }
}

/// Names a flight: a hash of dance, holder and refresh token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FlightId([u8; 32]);

impl FlightId {
    pub(crate) fn new(dance: &str, holder: &Holder, token: &RefreshToken) -> Self {
        let mut digest = Sha256::new();
        let owner = holder.owner.to_string();
        for part in [dance, &owner, &holder.account, token.secret()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        Self(digest.finalize().into())
    }

    /// Returns how long to wait after so many failures in a row: 1, 2, 4 … seconds and up to half as much
    /// again. That part differs from token to token, so that a provider that comes back is not asked for
    /// all of them at once.
    fn step(&self, failures: u32) -> Duration {
        let step = 1_u64
            .checked_shl(failures.saturating_sub(1))
            .map_or(LONGEST_STEP, |step| step.min(LONGEST_STEP));
        let [first, second, ..] = self.0;
        let spread = u64::from(u16::from_be_bytes([first, second]));
        Duration::from_secs(step + spread % (step / 2 + 1))
    }
}

#[derive(Clone)]
struct Landed {
    result: Result<Refreshed, RefreshError>,
    at: Timestamp,
    /// When this process may ask the provider again.
    retry_at: Timestamp,
    /// Whether the provider has replaced the refresh token, which is spent then.
    has_rotated: bool,
}

type Landing = watch::Receiver<Option<Landed>>;

struct Flight {
    landing: Landing,
    /// The access token of the caller who started it.
    old: AccessToken,
    /// How many flights for this token have failed before.
    failures: u32,
}

/// The flights, by their names.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<FlightId, Flight>>);

/// A place in a flight.
pub(crate) struct Boarded {
    landing: Landing,
    /// Whether the flight had landed before.
    pub(crate) is_late: bool,
}

impl Boarded {
    fn new(landing: &Landing) -> Self {
        let is_late = landing.borrow().is_some();
        let landing = landing.clone();
        Self { landing, is_late }
    }
}

impl Flights {
    /// Joins the flight called `id` for a token in place of `old`, or has `start` start it. A flight that has
    /// landed is joined if its token `suits` the caller. A flight that has failed is joined until its back-off is
    /// over, so that the provider is not asked more often.
    pub(crate) fn join(
        &self,
        id: FlightId,
        old: &Token,
        suits: impl Fn(&Token) -> bool,
        clock: &Arc<dyn Clock>,
        start: impl FnOnce(Pilot),
    ) -> Boarded {
        let now = clock.now();
        let mut flights = self.0.lock();
        flights.retain(|_, flight| !is_forgotten(&flight.landing, now));
        let earlier = flights.get(&id);
        if let Some(flight) = earlier
            && flight.answers(old, suits, now)
        {
            return Boarded::new(&flight.landing);
        }
        let failures = earlier.map_or(0, failures_in_a_row);
        let (sender, landing) = watch::channel(None);
        let flight = Flight {
            landing: landing.clone(),
            old: old.access_token.clone(),
            failures,
        };
        flights.insert(id, flight);
        start(Pilot {
            landing: sender,
            clock: Arc::clone(clock),
            began: now,
            id,
            refresh_token: old.refresh_token.clone(),
            failures,
        });
        Boarded::new(&landing)
    }
}

impl Flights {
    /// Returns what a flight called `id` has brought, if it has landed a short while ago.
    pub(crate) fn brought(&self, id: FlightId) -> Option<Refreshed> {
        let flights = self.0.lock();
        let landing = flights.get(&id)?.landing.borrow();
        let landed = landing.as_ref()?;
        landed.result.as_ref().ok().cloned()
    }
}

impl Flight {
    /// Returns whether this flight answers a caller who wants a token that `suits` in place of `old`.
    fn answers(&self, old: &Token, suits: impl Fn(&Token) -> bool, now: Timestamp) -> bool {
        if is_over(&self.landing, now) {
            return false;
        }
        match &*self.landing.borrow() {
            // If the refresh token was replaced, the next refresh is by the new one, and a flight of its own.
            Some(Landed {
                result: Ok(refreshed),
                has_rotated,
                ..
            }) => *has_rotated || suits(&refreshed.token),
            // A login may have brought the same refresh token since, and the provider honours it again.
            Some(Landed {
                result: Err(RefreshError::LoginRequired),
                ..
            }) => old.access_token.secret() == self.old.secret(),
            _ => true,
        }
    }
}

impl Boarded {
    /// Waits until the flight has landed.
    pub(crate) async fn landed(mut self) -> Result<Refreshed, RefreshError> {
        let landed = self.landing.wait_for(Option::is_some).await;
        match landed.ok().and_then(|landed| landed.clone()) {
            Some(landed) => landed.result,
            None => Err(crashed()),
        }
    }
}

/// Lands a flight. While the pilot lives, the flight is not forgotten.
pub(crate) struct Pilot {
    landing: watch::Sender<Option<Landed>>,
    clock: Arc<dyn Clock>,
    began: Timestamp,
    id: FlightId,
    refresh_token: Option<RefreshToken>,
    failures: u32,
}

impl Pilot {
    /// Gives the result to every caller that has joined, and for a while to late callers. Only the first
    /// landing counts.
    pub(crate) fn land(&self, result: Result<Refreshed, RefreshError>) {
        self.land_at(self.clock.now(), result);
    }

    fn land_at(&self, at: Timestamp, result: Result<Refreshed, RefreshError>) {
        let wait = match &result {
            Err(RefreshError::Failed { retry_after, .. }) => {
                let step = self.id.step(self.failures.saturating_add(1));
                let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
                step.max(asked)
            }
            Ok(_) | Err(RefreshError::LoginRequired) => Duration::ZERO,
        };
        let retry_at = at.plus(wait);
        let has_rotated = result.as_ref().is_ok_and(|refreshed| {
            let (new, old) = (&refreshed.token.refresh_token, &self.refresh_token);
            new.as_ref().map(RefreshToken::secret) != old.as_ref().map(RefreshToken::secret)
        });
        self.landing.send_if_modified(|landed| {
            let first = landed.is_none();
            if first {
                *landed = Some(Landed {
                    result,
                    at,
                    retry_at,
                    has_rotated,
                });
            }
            first
        });
    }
}

/// A flight whose task panicked, in a client or a store, lands as a failed one.
impl Drop for Pilot {
    fn drop(&mut self) {
        // The clock is the application's, and may be what panicked.
        self.land_at(self.began, Err(crashed()));
    }
}

fn crashed() -> RefreshError {
    LoginError::NoAnswer(ClientErrorKind::Transport).into()
}

fn failures_in_a_row(flight: &Flight) -> u32 {
    let landing = flight.landing.borrow();
    let result = landing.as_ref().map(|landed| &landed.result);
    if matches!(result, Some(Err(RefreshError::Failed { .. }))) {
        flight.failures.saturating_add(1)
    } else {
        0
    }
}

/// Returns whether a new flight starts in place of this one: its back-off is over, or it landed some time ago with
/// its pilot gone.
fn is_over(landing: &Landing, now: Timestamp) -> bool {
    let pilot_gone = landing.has_changed().is_err();
    match &*landing.borrow() {
        None => false,
        Some(landed) => {
            let late = landed.at.plus(GRACE) <= now;
            match &landed.result {
                Ok(_) => late && pilot_gone,
                // The provider will not change its answer in a moment.
                Err(RefreshError::LoginRequired) => late,
                Err(RefreshError::Failed { .. }) => landed.retry_at <= now,
            }
        }
    }
}

/// Returns whether a flight leaves nothing to remember.
fn is_forgotten(landing: &Landing, now: Timestamp) -> bool {
    let until = match &*landing.borrow() {
        Some(landed) if matches!(landed.result, Err(RefreshError::Failed { .. })) => {
            landed.retry_at.plus(MEMORY)
        }
        _ => now,
    };
    until <= now && is_over(landing, now)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::values::scopes::Scopes;

    #[derive(Default)]
    struct Seconds(AtomicU64);

    impl Clock for Seconds {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_seconds(self.0.load(Ordering::Relaxed))
        }
    }

    fn token(access_token: &str) -> Token {
        Token {
            access_token: AccessToken::new(access_token),
            refresh_token: Some(RefreshToken::new("refresh")),
            expires_at: None,
            lifetime: None,
            scopes: Scopes::default(),
            requested: Scopes::default(),
            raw: serde_json::Map::new(),
        }
    }

    /// How many flights are remembered so long after one of them has landed.
    fn remembered_after(wait: Duration, result: Result<Refreshed, RefreshError>) -> usize {
        let (seconds, flights) = (Arc::new(Seconds::default()), Flights::default());
        let clock: Arc<dyn Clock> = seconds.clone();
        let old = token("old");
        flights.join(
            FlightId([0; 32]),
            &old,
            |_| true,
            &clock,
            |pilot| {
                pilot.land(result);
            },
        );
        seconds.0.fetch_add(wait.as_secs(), Ordering::Relaxed);
        flights.join(FlightId([1; 32]), &old, |_| true, &clock, drop);
        let count = flights.0.lock().len();
        count - 1
    }

    #[test]
    fn f03_a_flight_is_remembered_for_latecomers_and_then_forgotten() {
        let ended = || Err(RefreshError::LoginRequired);
        assert_eq!(remembered_after(GRACE - Duration::from_secs(1), ended()), 1);
        assert_eq!(remembered_after(GRACE, ended()), 0);
    }

    #[test]
    fn f06_the_back_off_is_up_to_half_as_long_again() {
        let of = |first: u8| FlightId([first; 32]).step(5).as_secs();
        let longest = (0..=u8::MAX).map(of).max();
        assert_eq!(longest, Some(24));
    }

    #[test]
    fn f08_a_crashed_flight_has_the_back_off_of_a_failed_one() {
        let (seconds, flights) = (Arc::new(Seconds::default()), Flights::default());
        let clock: Arc<dyn Clock> = seconds.clone();
        let starts = (0..8).filter(|_| {
            let mut starts = false;
            // A crash drops the pilot.
            let start = |_: Pilot| starts = true;
            flights.join(FlightId([0; 32]), &token("old"), |_| true, &clock, start);
            seconds.0.fetch_add(1, Ordering::Relaxed);
            starts
        });
        assert_eq!(starts.collect::<Vec<u32>>(), [0, 1, 3, 7]);
    }

    #[test]
    fn f06_the_number_of_failures_is_remembered_and_then_forgotten() {
        let failed = || Err(LoginError::NoAnswer(ClientErrorKind::Transport).into());
        // The back-off after the first failure is a second.
        assert_eq!(remembered_after(MEMORY, failed()), 1);
        assert_eq!(
            remembered_after(MEMORY + Duration::from_secs(1), failed()),
            0
        );
    }
}
