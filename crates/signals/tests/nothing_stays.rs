//! A.11: signals, names and tenants that come and go leave nothing in memory.
//!
//! In a program of its own: other tests would add to the list of all signals meanwhile.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use allocation_counter::measure;
use signals::{Namespace, Signal, process};

const MANY: usize = 200_000;
const FEW: usize = 2_000;

/// One test at a time: what one allocates on the list of all signals is not to be counted for another.
static ALONE: Mutex<()> = Mutex::new(());

/// Asserts that the process holds nothing more after so many times than before. A first time makes what is made once.
#[track_caller]
fn leaves_nothing(times: usize, run: impl Fn(usize)) {
    let _alone = ALONE.lock();
    run(1);
    let held = measure(|| run(times));
    assert_eq!((held.count_current, held.bytes_current), (0, 0));
}

/// Uses a signal in every way that notes it somewhere.
fn uses(signal: &Signal<str, u32, Infallible>) {
    signal.connect(|_: &str, _: &u32| ());
    let bound = signal.receiver(|_: &str, _: &u32| ()).from("s");
    bound.named("a").key("b").before("c").connect();
    signal.send("s", &1);
}

#[test]
fn a11_signals_that_are_made_and_dropped_leave_nothing() {
    leaves_nothing(MANY, |times| {
        for _ in 0..times {
            let signal = Signal::<str, u32, Infallible>::new("short-lived");
            signal.connect(|_: &str, _: &u32| ());
            signal.send("s", &1);
        }
    });
}

#[test]
fn a11_many_signals_that_live_at_once_leave_nothing() {
    leaves_nothing(FEW, |times| {
        let signals: Vec<Signal<str, u32, Infallible>> =
            (0..times).map(|_| Signal::new("many")).collect();
        signals.iter().for_each(uses);
    });
}

#[test]
fn a11_tenants_that_come_and_go_leave_nothing() {
    leaves_nothing(FEW, |times| {
        for tenant in 0..times {
            let name = format!("tenant {tenant}");
            uses(&signals::named(&name).unwrap());
            assert!(process().remove(&name));
        }
    });
}

#[test]
fn a11_a_namespace_that_is_dropped_leaves_nothing() {
    leaves_nothing(FEW, |times| {
        let namespace = Namespace::new();
        for tenant in 0..times {
            uses(&namespace.signal(&format!("tenant {tenant}")).unwrap());
        }
    });
}

#[test]
fn a11_signals_that_are_dropped_are_not_listed() {
    let _alone = ALONE.lock();
    let before = signals::all().len();
    let signals: Vec<Signal<str, u32, Infallible>> =
        (0..100).map(|_| Signal::new("listed")).collect();
    signals.iter().for_each(uses);
    assert_eq!(signals::all().len(), before + 100);
    drop(signals);
    assert_eq!(signals::all().len(), before);
}

#[test]
fn a11_a_name_that_is_given_back_is_that_of_a_new_signal() {
    let _alone = ALONE.lock();
    let find = || signals::named::<str, u32, Infallible>("given back").unwrap();
    let first = find();
    uses(&first);
    assert!(process().remove("given back") && !process().remove("given back"));
    assert!(!process().names().contains(&"given back".to_owned()));
    assert!(!Arc::ptr_eq(&first, &find()) && !find().has_receivers());
    assert_eq!(
        first.receivers().len(),
        2,
        "the signal lives on where it is held"
    );
}
