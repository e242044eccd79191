//! A.10: the first use of a signal, whose registered receivers have options that are code of the user.
#![cfg(feature = "inventory")]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use signals::{Connection, Event, Signal, receiver};
use support::Log;

type Plain = Signal<str, u32, &'static str>;

/// Runs it on a thread of its own, and panics if that does not end.
fn ends<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> impl FnOnce() -> T {
    let (done, outcome) = mpsc::channel();
    thread::spawn(move || done.send(run()));
    let limit = Duration::from_secs(30);
    move || outcome.recv_timeout(limit).expect("the thread ends")
}

mod crosswise {
    use super::*;

    static LEFT: Plain = Signal::new("first_use::left");
    static RIGHT: Plain = Signal::new("first_use::right");
    static BOTH_ARE_AT_IT: Barrier = Barrier::new(2);

    #[receiver(LEFT, order = uses(&RIGHT, &IS_LEFT_BEGUN))]
    fn left(_: &str, _: &u32) -> Option<&'static str> {
        Some("left")
    }

    #[receiver(RIGHT, order = uses(&LEFT, &IS_RIGHT_BEGUN))]
    fn right(_: &str, _: &u32) -> Option<&'static str> {
        Some("right")
    }

    static IS_LEFT_BEGUN: AtomicBool = AtomicBool::new(false);
    static IS_RIGHT_BEGUN: AtomicBool = AtomicBool::new(false);

    fn uses(other: &'static Plain, is_begun: &AtomicBool) -> i32 {
        if !is_begun.swap(true, Ordering::Relaxed) {
            BOTH_ARE_AT_IT.wait();
        }
        other.send("option", &1);
        0
    }

    #[test]
    fn a10_two_threads_may_first_use_signals_whose_options_use_each_other() {
        let said = |signal: &'static Plain| move || signal.send("s", &1).into_first();
        let (left, right) = (ends(said(&LEFT)), ends(said(&RIGHT)));
        assert_eq!((left(), right()), (Some("left"), Some("right")));
        assert_eq!((LEFT.receivers().len(), RIGHT.receivers().len()), (1, 1));
    }
}

mod at_once {
    use super::*;

    static SIGNAL: Plain = Signal::new("first_use::at_once");
    static IS_BEGUN: AtomicBool = AtomicBool::new(false);
    static BEGUN: Barrier = Barrier::new(2);
    static GO_ON: Barrier = Barrier::new(2);

    #[receiver(SIGNAL, order = waits())]
    fn heard(_: &str, _: &u32) -> Option<&'static str> {
        Some("heard")
    }

    fn waits() -> i32 {
        if !IS_BEGUN.swap(true, Ordering::Relaxed) {
            BEGUN.wait();
            GO_ON.wait();
        }
        0
    }

    #[test]
    fn a10_a_first_use_does_not_wait_for_that_of_another_thread() {
        let log = Log::default();
        let told = log.clone();
        let _watching = signals::observe(move |event: &Event<'_>| match event {
            Event::Connected { signal, .. } if *signal == SIGNAL.name() => told.note("connected"),
            Event::Disconnected { signal, .. } if *signal == SIGNAL.name() => told.note("left"),
            _ => {}
        });
        let slow = ends(|| SIGNAL.send("slow", &1).into_first());
        BEGUN.wait();
        let quick = ends(|| SIGNAL.send("quick", &1).into_first())();
        GO_ON.wait();
        assert_eq!((quick, slow()), (Some("heard"), Some("heard")));
        // What the slower one has collected is dropped without a word.
        assert_eq!(SIGNAL.receivers().len(), 1);
        assert_eq!(log.take(), ["connected"]);
    }
}

mod by_itself {
    use super::*;

    static SIGNAL: Plain = Signal::new("first_use::by_itself");
    static CONNECTION: Mutex<Option<Connection>> = Mutex::new(None);
    static LOG: Mutex<Vec<usize>> = Mutex::new(Vec::new());

    #[receiver(SIGNAL, order = uses_itself())]
    fn registered(_: &str, _: &u32) {}

    fn uses_itself() -> i32 {
        let connection = SIGNAL.connect(|_: &str, _: &u32| ());
        LOG.lock().unwrap().push(SIGNAL.send("option", &1).ran());
        *CONNECTION.lock().unwrap() = Some(connection);
        1
    }

    #[test]
    fn a10_an_option_that_uses_its_own_signal_sees_it_without_registered_receivers() {
        assert_eq!(SIGNAL.send("s", &1).ran(), 2);
        assert_eq!(*LOG.lock().unwrap(), [1]);
        assert!(CONNECTION.lock().unwrap().as_ref().unwrap().disconnect());
        assert_eq!(SIGNAL.send("s", &1).ran(), 1);
    }
}

mod in_vain {
    use super::*;
    use std::panic::catch_unwind;

    static SIGNAL: Plain = Signal::new("first_use::in_vain");
    static CAN_BE_READ: AtomicBool = AtomicBool::new(false);

    #[receiver(SIGNAL, order = reads())]
    fn registered(_: &str, _: &u32) {}

    fn reads() -> i32 {
        SIGNAL.connect(|_: &str, _: &u32| ());
        assert!(CAN_BE_READ.load(Ordering::Relaxed), "cannot be read");
        1
    }

    #[test]
    fn a10_what_an_option_connected_to_its_own_signal_goes_if_it_panics() {
        for _ in 0..3 {
            catch_unwind(|| SIGNAL.has_receivers()).unwrap_err();
        }
        CAN_BE_READ.store(true, Ordering::Relaxed);
        assert_eq!(SIGNAL.receivers().len(), 2);
    }
}

mod by_many {
    use super::*;

    static SIGNAL: Plain = Signal::new("first_use::by_many");
    static BEGUN: Barrier = Barrier::new(8);

    #[receiver(SIGNAL)]
    fn one(_: &str, _: &u32) {}

    #[receiver(SIGNAL, order = 1)]
    fn two(_: &str, _: &u32) {}

    #[test]
    fn a10_every_first_use_by_many_threads_calls_all_registered_receivers() {
        let first_use = || {
            BEGUN.wait();
            SIGNAL.connect(|_: &str, _: &u32| ()).disconnect();
            SIGNAL.send("s", &1).ran() >= 2
        };
        let threads: Vec<_> = (0..8).map(|_| ends(first_use)).collect();
        assert!(threads.into_iter().all(|ends| ends()));
        assert_eq!(SIGNAL.receivers().len(), 2);
    }
}
