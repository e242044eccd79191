//! A.10 and A.11: receivers registered at their function, signals found by name.

#![cfg(feature = "inventory")]

mod support;

use std::convert::Infallible;

use signals::{AsyncSignal, Namespace, ReceiverInfo, Signal, receiver};
use support::block_on;

mod shop {
    use super::*;

    pub(crate) static PLACED: Signal<str, u32, &'static str> = Signal::new("registered::placed");

    #[receiver(PLACED, order = -10, name = "audit")]
    pub(crate) fn audit(_: &str, _: &u32) {}
}

static SAVED: AsyncSignal<str, u32, String> = AsyncSignal::new("registered::saved");

#[receiver(shop::PLACED)]
fn second(_: &str, _: &u32) -> Option<&'static str> {
    Some("second")
}

#[receiver(shop::PLACED, before = "registered::second", from = "corner")]
fn first(_: &str, _: &u32) -> Option<&'static str> {
    Some("first")
}

#[receiver(shop::PLACED, when = |_, total| *total > 100, key = "limit", after = "audit")]
fn limit(_: &str, _: &u32) -> Result<(), String> {
    Err("over the limit".to_owned())
}

#[receiver(SAVED)]
async fn greet(from: &str, id: &u32) -> Option<String> {
    Some(format!("{from}: {id}"))
}

#[receiver(SAVED, once)]
fn count(_: &str, _: &u32) {}

#[test]
fn a10_registered_receivers_are_collected_at_first_use() {
    let names: Vec<_> = shop::PLACED
        .receivers()
        .iter()
        .map(|receiver| receiver.name().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "audit",
            "registered::first",
            "registered::limit",
            "registered::second"
        ]
    );
    shop::PLACED.connect(|_: &str, _: &u32| Some("by hand"));
    let outcomes = shop::PLACED.send("corner", &7);
    let said: Vec<_> = outcomes.outcomes().map(|(_, text)| *text).collect();
    assert_eq!(said, ["first", "second", "by hand"]);
    let outcomes = shop::PLACED.send("mall", &700);
    assert_eq!(outcomes.first(), Some(&"second"));
    assert_eq!(outcomes.failures().count(), 1);
}

mod associated {
    use super::*;

    static SOLD: Signal<str, u32, String> = Signal::new("registered::sold");

    struct Audit;

    #[receiver]
    impl Audit {
        const PREFIX: &str = "sold";

        #[receiver(SOLD, order = 1)]
        fn sold(_: &str, id: &u32) -> Option<String> {
            Some(format!("{} {id}", Self::PREFIX))
        }
    }

    trait Counts {
        fn count(shop: &str, id: &u32);
    }

    #[receiver]
    impl Counts for Audit {
        #[receiver(SOLD)]
        fn count(_: &str, _: &u32) {}
    }

    #[test]
    fn a10_functions_of_a_type_are_registered_by_their_block() {
        let receivers = SOLD.receivers();
        let names: Vec<_> = receivers.iter().map(ReceiverInfo::name).collect();
        assert_eq!(
            names,
            [
                "registered::associated::<Audit as Counts>::count",
                "registered::associated::Audit::sold"
            ]
        );
        assert_eq!(SOLD.send("s", &3).first().unwrap(), "sold 3");
    }
}

#[test]
fn a10_registered_functions_can_be_called() {
    shop::audit("corner", &1);
    assert_eq!(second("corner", &1), Some("second"));
}

#[test]
fn a10_registered_receivers_may_be_async() {
    let outcomes = block_on(SAVED.send("editor", &3));
    assert_eq!(outcomes.ran(), 2);
    assert_eq!(outcomes.first().unwrap(), "editor: 3");
    assert_eq!(block_on(SAVED.send("editor", &3)).ran(), 1);
}

#[test]
fn a10_collected_lists_them_by_path_with_their_lines() {
    let collected = signals::collected();
    let found: Vec<_> = collected
        .iter()
        .filter(|found| found.signal == "registered::placed")
        .map(|found| {
            (
                found.name,
                found.file.ends_with("registered.rs"),
                found.line,
            )
        })
        .collect();
    assert_eq!(
        found.iter().map(|found| found.0).collect::<Vec<_>>(),
        [
            "registered::first",
            "registered::limit",
            "registered::second",
            // `registered::shop::audit`
            "audit"
        ]
    );
    assert!(found.iter().all(|found| found.1));
    let lines: Vec<_> = found.iter().map(|found| found.2).collect();
    assert!(lines[3] < lines[2] && lines[2] < lines[0] && lines[0] < lines[1]);
}

#[test]
fn a11_named_finds_the_same_signal_again() {
    let signal = signals::named::<str, u32, ()>("registered::named").unwrap();
    signal.connect(|_: &str, _: &u32| Some(()));
    let again = signals::named::<str, u32, ()>("registered::named").unwrap();
    assert_eq!(again.send("s", &1).ran(), 1);
    let also = signals::named_async::<str, u32, ()>("registered::named async").unwrap();
    assert_eq!(block_on(also.send("s", &1)).ran(), 0);
}

#[test]
fn a11_named_with_other_types_is_an_error_that_prints_both() {
    signals::named::<str, u32, ()>("registered::typed").unwrap();
    let error = signals::named::<str, u64, ()>("registered::typed").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the signal `registered::typed` is Signal<str, u32, ()>, not Signal<str, u64, ()>"
    );
    let error = signals::named_async::<str, u32, ()>("registered::typed").unwrap_err();
    assert!(error.to_string().ends_with("not AsyncSignal<str, u32, ()>"));
}

#[test]
fn a11_namespaces_keep_their_names_to_themselves() {
    let (one, two) = (Namespace::new(), Namespace::new());
    one.signal::<str, u32, Infallible>("x").unwrap();
    two.async_signal::<str, u64, Infallible>("x").unwrap();
    assert_eq!(one.names(), ["x"]);
}

#[test]
fn a11_all_lists_names_types_and_receivers() {
    let listed = signals::all();
    let placed = listed
        .iter()
        .find(|signal| signal.name == "registered::placed")
        .expect("a signal with a registered receiver is listed before its first use");
    assert_eq!(
        (
            placed.sender,
            placed.payload,
            placed.outcome,
            placed.is_async
        ),
        ("str", "u32", "&str", false)
    );
    assert!(
        placed
            .receivers
            .iter()
            .any(|receiver| receiver.name() == "audit")
    );
    assert!(
        listed
            .iter()
            .any(|signal| signal.name == "registered::saved" && signal.is_async)
    );
}

mod hygiene {
    use super::*;

    const NAME: i32 = 4;
    const SITE: i32 = 1;

    fn __signals_order(candidates: i32) -> i32 {
        candidates
    }

    static CLEAN: Signal<str, u32, ()> = Signal::new("registered::clean");

    #[receiver(CLEAN, order = NAME + __signals_order(SITE))]
    fn heard(_: &str, _: &u32) {}

    #[test]
    fn a10_an_option_sees_the_names_of_its_module() {
        assert_eq!(CLEAN.receivers()[0].order(), 5);
    }
}
