//! A.1, A.10, A.11: the check of the whole program finds what goes unnoticed otherwise.

use signals::{Finding, Namespace, Signal, lint};

type Plain = Signal<str, u32, u32>;

fn silent(_: &str, _: &u32) {}

/// What the check says of the signal of this name.
fn findings(signal: &str) -> Vec<String> {
    let about = |finding: &Finding| finding.signal() == signal;
    let found = lint().into_iter().filter(about);
    found.map(|finding| finding.to_string()).collect()
}

#[test]
fn a01_a_name_that_no_receiver_has_is_found_with_the_nearest_that_one_has() {
    let signal = Plain::new("lint::typo");
    signal.receiver(silent).named("audit").connect();
    let line = line!() + 1;
    let backup = signal.receiver(|_: &str, _: &u32| ()).named("backup");
    backup.before("adit").after("zebra").connect();
    let place = format!("{}:{line}", file!());
    assert_eq!(
        findings("lint::typo"),
        [
            format!(
                "signal `lint::typo`: backup ({place}) is to run before `adit`, a name that no receiver has: \
                 did you mean `audit`?"
            ),
            format!(
                "signal `lint::typo`: backup ({place}) is to run after `zebra`, a name that no receiver has: \
                 remove the option, or connect a receiver of that name"
            ),
        ]
    );
}

#[test]
fn a01_a_function_that_is_named_without_its_path_is_found() {
    let signal = Plain::new("lint::path");
    signal.connect(silent);
    signal
        .receiver(|_: &str, _: &u32| ())
        .before("silent")
        .connect();
    let found = findings("lint::path");
    assert!(
        found[0].ends_with("did you mean `lint::silent`?"),
        "{found:?}"
    );
}

#[test]
fn a01_names_that_receivers_have_are_in_order() {
    let signal = Plain::new("lint::right");
    let index = signal.receiver(silent).named("index").before("audit");
    index.connect();
    assert_eq!(findings("lint::right").len(), 1);
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("audit")
        .connect();
    assert!(findings("lint::right").is_empty());
}

#[cfg(feature = "inventory")]
mod registered {
    use super::*;
    use signals::receiver;

    static SAVED: Plain = Signal::new("lint::saved");

    #[receiver(SAVED, order = 3)]
    fn audit(_: &str, _: &u32) {}

    #[test]
    fn a10_a_registered_function_that_is_also_connected_by_hand_is_found() {
        assert!(findings("lint::saved").is_empty());
        let line = line!() + 1;
        let connection = SAVED.receiver(audit).named("by hand").connect();
        let found = findings("lint::saved");
        assert_eq!(found.len(), 1, "{found:?}");
        let end = format!(
            "is registered with `#[receiver]` and also connected in {}:{line}, so it runs twice: remove one of the two",
            file!()
        );
        assert!(found[0].starts_with("signal `lint::saved`: lint::registered::audit ("));
        assert!(found[0].ends_with(&end), "{found:?}");
        connection.disconnect();
        assert!(findings("lint::saved").is_empty());
    }

    static BOUND: Plain = Signal::new("lint::bound");

    #[receiver(BOUND, from = "one")]
    fn one(_: &str, _: &u32) {}

    #[test]
    fn a10_a_function_that_hears_several_senders_is_in_order() {
        BOUND.receiver(one).from("other").connect();
        assert!(findings("lint::bound").is_empty());
    }
}

#[test]
fn a03_receivers_that_pile_up_from_one_line_are_found() {
    let signal = Plain::new("lint::pile");
    let line = line!() + 1;
    let connect = || signal.connect(|_: &str, _: &u32| ());
    for _ in 1..100 {
        connect();
    }
    assert!(findings("lint::pile").is_empty());
    let last = connect();
    assert_eq!(
        findings("lint::pile"),
        [format!(
            "signal `lint::pile`: 100 receivers are connected in {}:{line}: disconnect each when its time is over \
             (`scoped`), tie it to an owner (`weak`), or give it a `key`",
            file!()
        )]
    );
    last.disconnect();
    assert!(findings("lint::pile").is_empty());
}

#[test]
fn a03_receivers_that_go_with_an_owner_do_not_pile_up() {
    let signal = Plain::new("lint::owned");
    let owner = std::sync::Arc::new(());
    for _ in 0..200 {
        signal.receiver(silent).weak(&owner).connect();
    }
    assert!(findings("lint::owned").is_empty());
}

#[test]
fn a11_a_name_without_receivers_that_is_nearly_another_is_found() {
    let heard = signals::named::<str, u32, ()>("lint::order_placed").unwrap();
    heard.connect(|_: &str, _: &u32| ());
    signals::named::<str, u32, ()>("lint::ordr_placed")
        .unwrap()
        .send("s", &1);
    signals::named::<str, u32, ()>("lint::something_else")
        .unwrap()
        .send("s", &1);
    assert_eq!(
        findings("lint::ordr_placed"),
        [
            "signal `lint::ordr_placed`: it was found by name and has no receivers: did you mean `lint::order_placed`?"
        ]
    );
    assert!(findings("lint::something_else").is_empty());
    assert!(signals::process().remove("lint::ordr_placed"));
    assert!(findings("lint::ordr_placed").is_empty());
}

#[test]
fn a11_a_signal_that_was_not_found_by_name_may_have_no_receivers() {
    let own = Namespace::new();
    own.signal::<str, u32, ()>("lint::owm")
        .unwrap()
        .send("s", &1);
    let signal = Plain::new("lint::own");
    signal.connect(silent);
    assert!(findings("lint::owm").is_empty());
}
