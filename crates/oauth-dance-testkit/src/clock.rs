//! A clock that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use oauth_dance::{Clock, SystemClock, Timestamp};

/// A [`Clock`] that moves only when told to. Clones share one time, so a test keeps one and hands the
/// others to whatever it drives.
///
/// ```
/// use std::time::Duration;
/// use oauth_dance::Clock;
/// use oauth_dance_testkit::ManualClock;
///
/// let clock = ManualClock::new();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(3600));
/// assert_eq!(clock.now().since(before), Duration::from_secs(3600));
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock {
    seconds: Arc<AtomicU64>,
}

impl ManualClock {
    /// Returns a clock that stands at the present.
    #[must_use]
    pub fn new() -> Self {
        Self::at(SystemClock.now())
    }

    /// Returns a clock that stands at `moment`.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self {
            seconds: Arc::new(AtomicU64::new(moment.unix_seconds())),
        }
    }

    /// Moves the clock forward, in whole seconds. It stays at the last representable moment if
    /// `duration` leads beyond it.
    pub fn advance(&self, duration: Duration) {
        let forward = |now| {
            Some(
                Timestamp::from_unix_seconds(now)
                    .plus(duration)
                    .unix_seconds(),
            )
        };
        // The closure always answers `Some`, so the update cannot fail.
        let _ = self
            .seconds
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, forward);
    }

    /// Moves the clock to `moment`, which may lie in its past.
    pub fn set(&self, moment: Timestamp) {
        self.seconds.store(moment.unix_seconds(), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.seconds.load(Ordering::SeqCst))
    }
}
