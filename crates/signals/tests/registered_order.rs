//! A.10: the order of registered receivers follows from their paths, which are the same in every build.
//!
//! By file, the receiver of the other crate would come first: `elsewhere/src/…` is before `registered_order.rs`.
#![cfg(feature = "inventory")]

use signals::{Outcomes, Signal, receiver};
use signals_test_elsewhere::ORDERED;

fn said<O>(outcomes: &Outcomes<O>) -> Vec<&O> {
    outcomes.outcomes().map(|(_, said)| said).collect()
}

#[receiver(ORDERED)]
fn here(_: &str, _: &u32) -> Option<&'static str> {
    Some("registered_order::here")
}

#[test]
fn a10_receivers_of_two_crates_run_in_the_order_of_their_paths() {
    assert_eq!(
        said(&ORDERED.send("s", &1)),
        [
            &"registered_order::here",
            &"signals_test_elsewhere::elsewhere"
        ]
    );
}

static SAVED: Signal<str, u32, &'static str> = Signal::new("registered_order::saved");

mod z {
    use super::*;

    // A name that it is given is not its path.
    #[receiver(SAVED, name = "a")]
    fn a(_: &str, _: &u32) -> Option<&'static str> {
        Some("z::a")
    }
}

mod a {
    use super::*;

    #[receiver(SAVED)]
    fn z(_: &str, _: &u32) -> Option<&'static str> {
        Some("a::z")
    }

    #[receiver(SAVED)]
    fn b(_: &str, _: &u32) -> Option<&'static str> {
        Some("a::b")
    }
}

#[test]
fn a10_receivers_of_one_crate_run_in_the_order_of_their_paths() {
    assert_eq!(said(&SAVED.send("s", &1)), [&"a::b", &"a::z", &"z::a"]);
}

static TWICE: Signal<str, u32, u32> = Signal::new("registered_order::twice");

const _: () = {
    #[receiver(TWICE)]
    fn same(_: &str, _: &u32) -> Option<u32> {
        Some(1)
    }
};

const _: () = {
    #[receiver(TWICE)]
    fn same(_: &str, _: &u32) -> Option<u32> {
        Some(2)
    }
};

#[test]
fn a10_receivers_of_one_path_run_in_the_order_of_their_lines() {
    assert_eq!(said(&TWICE.send("s", &1)), [&1, &2]);
}
