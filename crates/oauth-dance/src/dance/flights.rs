//! The refreshes of this process that are under way or have just landed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::dance::Dance;
use crate::refresh::{RefreshError, Refreshed};
use crate::values::owner::Owner;
use crate::values::secret::RefreshToken;
use crate::values::time::{Clock, Timestamp};

/// How long a flight answers latecomers after it has landed: requests of one browser that left with the
/// old cookies while the new ones were on their way.
const GRACE: Duration = Duration::from_secs(30);

/// What came of a flight.
pub(crate) struct Flown {
    pub(crate) refreshed: Refreshed,
    /// Whether this process did it, and not another one on the same storage.
    pub(crate) by_us: bool,
}

#[derive(Clone)]
struct Landed {
    result: Result<Refreshed, RefreshError>,
    at: Timestamp,
}

/// The flights, by a hash of dance, owner and refresh token.
#[derive(Default)]
pub(crate) struct Flights {
    under_way: Mutex<HashMap<[u8; 32], watch::Receiver<Option<Landed>>>>,
}

impl Flights {
    /// Joins the flight for this token, or has `start` start it; waits until it has landed. `None` if it
    /// crashed.
    pub(crate) async fn join(
        &self,
        dance: &Dance,
        owner: &Owner,
        token: &RefreshToken,
        start: impl FnOnce(Pilot),
    ) -> Option<Result<Refreshed, RefreshError>> {
        let clock = &dance.site().clock;
        let mut landing = {
            let now = clock.now();
            let mut flights = self.under_way.lock();
            flights.retain(|_, landing| !is_over(landing, now));
            let flight = flights.entry(id(dance, owner, token)).or_insert_with(|| {
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

/// Who lands a flight. As long as the pilot lives, the flight is not forgotten.
pub(crate) struct Pilot {
    landing: watch::Sender<Option<Landed>>,
    clock: Arc<dyn Clock>,
}

impl Pilot {
    /// Lets everybody aboard, and for a while everybody late, have the result. Only the first landing
    /// counts.
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

/// Whether a flight answers nobody any more, and the next one starts anew: it crashed, or failed, or
/// landed some time ago with its pilot gone, or what it brought has expired.
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
                // The provider will not say anything else in a moment.
                Err(RefreshError::LoginRequired) => late,
                Err(RefreshError::Failed(_)) => true,
            }
        }
    }
}

fn id(dance: &Dance, owner: &Owner, token: &RefreshToken) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [dance.name(), &owner.to_string(), token.secret()] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}
