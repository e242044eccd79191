//! A.6 and A.9: receivers bound to a sender, and the names of receivers.

mod support;

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signals::{AsyncSignal, Sender, Signal};
use support::{Canary, Log, block_on};

struct Shop {
    name: String,
}

impl Sender for Shop {
    type Key = String;

    fn key(&self) -> String {
        self.name.clone()
    }
}

fn shop(name: &str) -> Shop {
    Shop {
        name: name.to_owned(),
    }
}

#[test]
fn a06_bound_receivers_hear_their_sender_only_and_in_order() {
    let signal = Signal::<Shop, u32, Infallible>::new("a");
    let log = Log::default();
    signal
        .receiver(log.writes("one"))
        .from(&shop("one"))
        .connect();
    signal.connect(log.writes("any"));
    signal
        .receiver(log.writes("two"))
        .from(&shop("two"))
        .order(-1)
        .connect();
    signal
        .receiver(log.writes("one, too"))
        .from(&shop("one"))
        .connect();
    signal.send(&shop("one"), &1);
    assert_eq!(log.take(), ["one", "any", "one, too"]);
    signal.send(&shop("two"), &1);
    assert_eq!(log.take(), ["two", "any"]);
    signal.send(&shop("three"), &1);
    assert_eq!(log.take(), ["any"]);
}

#[test]
fn a06_receivers_for_a_sender_can_be_asked_for() {
    let signal = Signal::<str, u32, Infallible>::new("a");
    assert!(!signal.has_receivers_for("one"));
    signal
        .receiver(|_: &str, _: &u32| ())
        .from("one")
        .named("bound")
        .connect();
    assert!(signal.has_receivers_for("one"));
    assert!(!signal.has_receivers_for("two"));
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("free")
        .connect();
    let names = |sender: &str| -> Vec<String> {
        let receivers = signal.receivers_for(sender);
        receivers
            .iter()
            .map(|receiver| receiver.name().to_owned())
            .collect()
    };
    assert_eq!(names("one"), ["bound", "free"]);
    assert_eq!(names("two"), ["free"]);
}

#[test]
fn a06_arcs_are_told_apart_by_address_and_take_their_receivers_along() {
    let signal = Signal::<Arc<u32>, u32, Infallible>::new("a");
    let log = Log::default();
    let (one, twin) = (Arc::new(7), Arc::new(7));
    let canary = Canary(log.clone(), "dropped");
    let bound = signal
        .receiver(move |_: &Arc<u32>, _: &u32| canary.0.note("ran"))
        .from(&one)
        .connect();
    signal.send(&twin, &1);
    signal.send(&one.clone(), &1);
    assert_eq!(log.take(), ["ran"]);
    drop(one);
    // The address stays taken for as long as the receiver is bound to it.
    for _ in 0..100 {
        signal.send(&Arc::new(7), &1);
    }
    assert!(!signal.has_receivers_for(&twin));
    assert_eq!(log.take(), ["dropped"]);
    assert!(!bound.is_connected());
}

#[test]
fn a06_receivers_of_senders_that_are_gone_do_not_pile_up() {
    let signal = Signal::<Arc<u32>, u32, Infallible>::new("a");
    let captured = Arc::new(());
    let connect = |sender: &Arc<u32>| {
        let held = Arc::clone(&captured);
        let receiver = move |_: &Arc<u32>, _: &u32| drop(Arc::clone(&held));
        signal.receiver(receiver).from(sender).connect();
        Arc::strong_count(&captured) - 1
    };
    for n in 0..100 {
        assert_eq!(connect(&Arc::new(n)), 1, "the one before is gone");
    }
    let living: Vec<_> = (0..100).map(Arc::new).collect();
    living.iter().for_each(|sender| {
        connect(sender);
    });
    for n in 0..1000 {
        let connected = connect(&Arc::new(n));
        assert!(connected <= 201, "{connected} are kept for 100");
    }
}

/// A sender that counts, for its thread, how often a signal asks whether one is gone.
struct Room(u32);

thread_local!(static ASKED: Cell<usize> = const { Cell::new(0) });

impl Sender for Room {
    type Key = u32;

    fn key(&self) -> u32 {
        self.0
    }

    fn is_gone(_: &u32) -> bool {
        ASKED.set(ASKED.get() + 1);
        false
    }
}

#[test]
fn a06_connecting_to_many_senders_does_not_look_at_all_of_them_each_time() {
    let signal = Signal::<Room, u32, Infallible>::new("a");
    for n in 0..1000 {
        signal
            .receiver(|_: &Room, _: &u32| ())
            .from(&Room(n))
            .connect();
    }
    let asked = ASKED.get();
    assert!(asked < 4 * 1000, "asked {asked} times");
}

fn by_path(_: &str, _: &u32) {}

#[test]
fn a09_names_are_paths_of_functions_and_places_of_closures() {
    let signal = Signal::<str, u32, Infallible>::new("a");
    assert_eq!(signal.connect(by_path).name(), "senders::by_path");
    let line = line!() + 1;
    let closure = signal.connect(|_: &str, _: &u32| ());
    let expected = format!("{}:{line}:", file!());
    assert!(closure.name().starts_with(&expected), "{}", closure.name());
    let receivers = signal.receivers();
    assert_eq!((receivers[1].file(), receivers[1].line()), (file!(), line));
    let pointer: fn(&str, &u32) = by_path;
    assert!(signal.connect(pointer).name().contains("senders.rs:"));
}

#[test]
fn a09_a_receiver_that_leaves_while_it_runs_answers_from_the_place_it_had() {
    let signal = Signal::<str, u32, u32>::new("a");
    for n in 0..4 {
        let receiver = signal.receiver(move |_: &str, _: &u32| Some(n));
        receiver.once().connect();
    }
    let outcomes = signal.send("s", &1);
    let places: Vec<_> = outcomes
        .outcomes()
        .map(|(receiver, n)| (receiver.position(), *n))
        .collect();
    assert_eq!(places, [(0, 0), (1, 1), (2, 2), (3, 3)]);
    signal.connect(|_: &str, _: &u32| ());
    let last = signal.receiver(|_: &str, _: &u32| Some(7)).once();
    last.connect();
    let outcomes = signal.send("s", &1);
    let (receiver, _) = outcomes.outcomes().next().unwrap();
    assert_eq!(receiver.position(), 1);
}

#[test]
fn a09_disconnecting_by_key_does_not_look_at_all_senders() {
    let signal = Signal::<Room, u32, Infallible>::new("a");
    for n in 0..100 {
        let receiver = signal.receiver(|_: &Room, _: &u32| ()).from(&Room(n));
        receiver.key(n.to_string()).connect();
    }
    ASKED.set(0);
    for n in 0..100 {
        assert!(signal.disconnect_key(&n.to_string()));
    }
    assert_eq!(ASKED.get(), 100);
    assert!(!signal.has_receivers());
}

#[test]
fn a06_a_send_asks_once_for_the_key_of_its_sender() {
    struct Asked(AtomicUsize);

    impl Sender for Asked {
        type Key = ();

        fn key(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    let sender = Asked(AtomicUsize::new(0));
    let plain = Signal::<Asked, u32, Infallible>::new("a");
    let receiver = plain.receiver(|_: &Asked, _: &u32| ());
    receiver.from(&sender).connect();
    let mixed = AsyncSignal::<Asked, u32, Infallible>::new("a");
    let receiver = mixed.receiver(async |_: &Asked, _: &u32| ());
    receiver.from(&sender).connect();
    let asked = |send: &dyn Fn() -> usize| {
        sender.0.store(0, Ordering::Relaxed);
        assert_eq!(send(), 1);
        sender.0.load(Ordering::Relaxed)
    };
    assert_eq!(asked(&|| plain.send(&sender, &1).ran()), 1);
    assert_eq!(asked(&|| plain.emit(&sender, &1).count()), 1);
    assert_eq!(asked(&|| block_on(mixed.send(&sender, &1)).ran()), 1);
    assert_eq!(
        asked(&|| block_on(mixed.send_concurrent(&sender, &1)).ran()),
        1
    );
}
