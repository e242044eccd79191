//! A.6 and A.9: receivers bound to a sender, and the names of receivers.

mod support;

use std::convert::Infallible;
use std::sync::Arc;

use signals::{Sender, Signal};
use support::{Canary, Log};

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
