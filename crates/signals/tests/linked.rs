//! A.10: the receivers of a crate of which nothing is used.
//!
//! What the linker keeps depends on the profile: this is to be run with and without `--release`, and with
//! link-time optimization.
#![cfg(feature = "inventory")]

use std::collections::BTreeSet;

use signals::ReceiverInfo;
use signals_test_elsewhere as _;

#[test]
fn a10_a_crate_that_is_only_named_brings_the_receivers_of_all_its_modules() {
    let collected = signals::collected();
    let names: BTreeSet<_> = collected.iter().map(|found| found.name).collect();
    assert_eq!(
        names,
        BTreeSet::from([
            "elsewhere",
            "quiet",
            "signals_test_elsewhere::deep::deeper::Deeper::hears",
            "signals_test_elsewhere::ordered"
        ])
    );
}

#[test]
fn a10_signals_of_a_crate_that_is_only_named_are_listed_with_their_receivers() {
    let signals = signals::all();
    let listed: Vec<_> = signals
        .iter()
        .map(|signal| {
            let names = signal.receivers.iter().map(ReceiverInfo::name);
            (signal.name.as_str(), names.collect::<Vec<_>>())
        })
        .collect();
    let hears = "signals_test_elsewhere::deep::deeper::Deeper::hears";
    assert_eq!(
        listed,
        [
            (
                "elsewhere::ordered",
                vec!["signals_test_elsewhere::ordered"]
            ),
            ("elsewhere::published", vec!["elsewhere", "quiet"]),
            ("elsewhere::unheard", vec![hears]),
        ]
    );
}
