//! A.10 across crates: a signal and a receiver of another crate, a receiver of this one.
#![cfg(feature = "inventory")]

use signals::receiver;
use signals_test_elsewhere::PUBLISHED;

#[receiver(PUBLISHED, name = "here")]
fn here(_: &str, number: &u32) -> Option<String> {
    Some(format!("here {number}"))
}

#[test]
fn a10_receivers_of_several_crates_meet_in_the_stated_order() {
    let outcomes = PUBLISHED.send("test", &1);
    let said: Vec<_> = outcomes.outcomes().map(|(_, text)| text.as_str()).collect();
    assert_eq!(said, ["here 1", "elsewhere 1"]);
}

#[test]
fn a10_the_collected_set_can_be_asserted() {
    let mut names: Vec<_> = signals::collected()
        .into_iter()
        .filter(|found| found.signal == "elsewhere::published")
        .map(|found| found.name)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["elsewhere", "here", "quiet"]);
}

mod circle {
    use super::*;
    use signals::Signal;
    use std::panic::catch_unwind;

    static ROUND: Signal<str, u32, String> = Signal::new("round");

    #[receiver(ROUND, name = "a", after = "b")]
    fn a(_: &str, _: &u32) {}

    #[receiver(ROUND, name = "b", after = "a")]
    fn b(_: &str, _: &u32) {}

    #[test]
    fn a10_a_circle_among_registered_receivers_is_told_at_every_use() {
        for _ in 0..2 {
            let panic = catch_unwind(|| ROUND.send("s", &1)).unwrap_err();
            assert_eq!(
                panic.downcast_ref::<String>().unwrap(),
                "the receivers registered for the signal `round` cannot be connected: \
                 `before` and `after` form a circle: b -> a -> b"
            );
        }
    }
}
