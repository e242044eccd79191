//! When the stores of a site were last rid of what has expired.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

use crate::values::time::Timestamp;

/// How often each dance purges its stores, at most.
const EVERY: Duration = Duration::from_secs(600);

/// The purges of a site, by dance: dances may have stores of their own.
#[derive(Default)]
pub(crate) struct Chores(Mutex<HashMap<String, Timestamp>>);

impl Chores {
    /// Returns whether it is time for `dance` to purge its stores, and takes the turn.
    pub(crate) fn is_due(&self, dance: &str, now: Timestamp) -> bool {
        let mut last = self.0.lock();
        let is_due = last
            .get(dance)
            .is_none_or(|last| now.since(*last) >= EVERY || *last > now);
        if is_due {
            last.insert(dance.to_owned(), now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dance_takes_its_turn_once_in_ten_minutes() {
        let chores = Chores::default();
        let at = Timestamp::from_unix_seconds;
        assert!(chores.is_due("one", at(1000)));
        assert!(!chores.is_due("one", at(1599)));
        assert!(chores.is_due("two", at(1599)));
        assert!(chores.is_due("one", at(1600)));
        // The clock was set back.
        assert!(chores.is_due("one", at(10)));
    }
}
