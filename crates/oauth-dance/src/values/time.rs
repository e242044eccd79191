//! Time as the dance sees it: seconds since the Unix epoch.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment, in whole seconds since 1970-01-01T00:00:00Z. Arithmetic saturates and never panics.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Returns the moment this many seconds after the epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Returns the seconds since the epoch.
    #[must_use]
    pub const fn unix_seconds(self) -> u64 {
        self.0
    }

    /// Returns the moment `duration` later, or the last representable moment if that is out of range.
    #[must_use]
    pub const fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }

    /// Returns the time from `earlier` to this moment, or zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Cuts off fractions of a second. A time before 1970 becomes zero, at which nothing is valid yet.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since_epoch.as_secs())
    }
}

/// Fails with the moment itself if the platform's `SystemTime` cannot hold it.
impl TryFrom<Timestamp> for SystemTime {
    type Error = Timestamp;

    fn try_from(time: Timestamp) -> Result<Self, Timestamp> {
        UNIX_EPOCH
            .checked_add(Duration::from_secs(time.0))
            .ok_or(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_time_converts_both_ways() {
        let time = UNIX_EPOCH + Duration::from_millis(1_700_000_000_900);
        let stamp = Timestamp::from(time);
        assert_eq!(stamp.unix_seconds(), 1_700_000_000);
        let back = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(SystemTime::try_from(stamp), Ok(back));
    }

    #[test]
    fn f13_times_out_of_range_do_not_wrap() {
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Timestamp::from(before).unix_seconds(), 0);
        let last = Timestamp::from_unix_seconds(u64::MAX);
        assert_eq!(SystemTime::try_from(last), Err(last));
    }
}
