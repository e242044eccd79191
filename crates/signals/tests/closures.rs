//! Closures whose argument types the compiler finds, and signals whose types have defaults.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use signals::{AsyncSignal, Signal};

struct Order {
    id: u32,
}

#[test]
fn a_closure_on_a_plain_signal_needs_no_types() {
    let signal: Signal<str, Order, u32> = Signal::new("placed");
    signal.connect(|_, order| Some(order.id));
    assert_eq!(signal.send("shop", &Order { id: 7 }).first(), Some(&7));
}

#[test]
fn a_closure_without_types_may_return_nothing_or_an_error() {
    let signal: Signal<str, Order, u32> = Signal::new("placed");
    let seen = Arc::new(AtomicU32::new(0));
    let noted = seen.clone();
    signal.connect(move |_, order| noted.store(order.id, Ordering::Relaxed));
    signal.connect(|shop, order| match order.id {
        7 => Err(format!("{shop} is closed")),
        id => Ok(Some(id)),
    });
    let outcomes = signal.send("shop", &Order { id: 7 });
    assert_eq!(seen.load(Ordering::Relaxed), 7);
    assert_eq!(outcomes.failures().count(), 1);
}

#[test]
fn a_builder_takes_a_closure_without_types() {
    let signal: Signal<str, Order, u32> = Signal::new("placed");
    signal
        .receiver(|_, order| Some(order.id))
        .named("id")
        .connect();
    assert_eq!(signal.send("shop", &Order { id: 7 }).first(), Some(&7));
}

#[test]
fn a_closure_may_never_return() {
    let signal: Signal<str, Order> = Signal::new("placed");
    signal.connect(|_, _| unreachable!("not today"));
    signal.connect(|_: &str, _: &Order| panic!("never"));
    let outcomes = signal.send("shop", &Order { id: 7 });
    assert_eq!(outcomes.failures().count(), 2);
}

#[test]
fn a_closure_on_an_async_signal_may_never_return() {
    let signal: AsyncSignal<str, Order> = AsyncSignal::new("placed");
    signal.connect(|_: &str, _: &Order| unreachable!("not today"));
    assert!(signal.has_receivers());
}

#[test]
fn a_signal_of_a_sender_and_a_payload_has_no_outcome() {
    static PLACED: Signal<(), Order> = Signal::new("placed");
    let same: &Signal<(), Order, Infallible> = &PLACED;
    assert_eq!(same.send(&(), &Order { id: 7 }).ran(), 0);
}

#[test]
fn a_signal_without_types_has_neither_sender_nor_payload() {
    static STARTED: AsyncSignal = AsyncSignal::new("started");
    let same: &AsyncSignal<(), (), Infallible> = &STARTED;
    assert!(!same.has_receivers());
}
