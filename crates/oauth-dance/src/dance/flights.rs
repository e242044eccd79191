//! The refreshes of this process that are under way or have just landed.

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
use crate::values::secret::RefreshToken;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// How long a flight answers latecomers after it has landed. Latecomers are requests of one browser that
/// left with the old cookies while the new ones were on their way.
const GRACE: Duration = Duration::from_secs(30);

/// The result of a refresh.
#[derive(Clone)]
pub(crate) struct Refreshed {
    pub(crate) token: Token,
    /// The cookies that keep the new token, if tokens are kept in cookies.
    pub(crate) cookies: Vec<HeaderValue>,
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
}

#[derive(Clone)]
struct Landed {
    result: Result<Refreshed, RefreshError>,
    at: Timestamp,
}

/// The flights, by their names.
#[derive(Default)]
pub(crate) struct Flights {
    under_way: Mutex<HashMap<FlightId, watch::Receiver<Option<Landed>>>>,
}

impl Flights {
    /// Joins the flight called `id`, or has `start` start it, and waits until it has landed. Returns
    /// `None` if it crashed.
    pub(crate) async fn join(
        &self,
        id: FlightId,
        clock: &Arc<dyn Clock>,
        start: impl FnOnce(Pilot),
    ) -> Option<Result<Refreshed, RefreshError>> {
        let mut landing = {
            let now = clock.now();
            let mut flights = self.under_way.lock();
            flights.retain(|_, landing| !is_over(landing, now));
            let flight = flights.entry(id).or_insert_with(|| {
                let (sender, landing) = watch::channel(None);
                start(Pilot {
                    landing: sender,
                    clock: Arc::clone(clock),
                });
                landing
            });
            flight.clone()
        };
        let landed = landing.wait_for(Option::is_some).await.ok()?.clone();
        landed.map(|landed| landed.result)
    }
}

/// Lands a flight. While the pilot lives, the flight is not forgotten.
pub(crate) struct Pilot {
    landing: watch::Sender<Option<Landed>>,
    clock: Arc<dyn Clock>,
}

impl Pilot {
    /// Gives the result to every caller that has joined, and for a while to late callers. Only the first
    /// landing counts.
    pub(crate) fn land(&self, result: Result<Refreshed, RefreshError>) {
        let at = self.clock.now();
        self.landing.send_if_modified(|landed| {
            let first = landed.is_none();
            if first {
                *landed = Some(Landed { result, at });
            }
            first
        });
    }
}

/// Returns whether a flight is over, so that a new one starts: it crashed, or failed, or landed some time
/// ago with its pilot gone, or its token has expired.
fn is_over(landing: &watch::Receiver<Option<Landed>>, now: Timestamp) -> bool {
    let pilot_gone = landing.has_changed().is_err();
    match &*landing.borrow() {
        None => pilot_gone,
        Some(Landed { result, at }) => {
            let late = at.plus(GRACE) <= now;
            match result {
                Ok(refreshed) => {
                    refreshed.token.is_expired(now, Duration::ZERO) || (late && pilot_gone)
                }
                // The provider will not change its answer in a moment.
                Err(RefreshError::LoginRequired) => late,
                Err(RefreshError::Failed(_)) => true,
            }
        }
    }
}
