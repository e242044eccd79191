//! A.5 with the feature `tracing`: no failure is lost without a word.
//!
//! In a program of its own, in which nobody observes.
#![cfg(feature = "tracing")]

#[path = "support/lines.rs"]
mod lines;
mod support;

use lines::Lines;
use signals::{AsyncSignal, Outcomes, Signal};
use support::{Log, block_on};
use tracing::subscriber::with_default;

/// What is written when this is done with the outcomes of a send.
fn written(use_up: impl FnOnce(Outcomes<u32>)) -> Vec<String> {
    let signal = Signal::<str, u32, u32>::new("a");
    let fails = |_: &str, _: &u32| Err::<(), _>("lost");
    signal.receiver(fails).connect();
    signal.connect(|_: &str, n: &u32| Some(*n));
    let log = Log::default();
    with_default(Lines::new(&log), || use_up(signal.send("s", &4)));
    log.take()
}

#[test]
fn a05_a_failure_that_nobody_looks_at_is_a_warning() {
    let warning = ["WARN [] failed, and the failure was not read failure=lost"];
    assert_eq!(written(drop), warning);
    assert_eq!(
        written(|outcomes| assert_eq!(outcomes.first(), Some(&4))),
        warning
    );
    assert_eq!(
        written(|outcomes| assert_eq!(outcomes.into_first(), Some(4))),
        warning
    );
    assert_eq!(
        written(|outcomes| assert_eq!(outcomes.outcomes().count(), 1)),
        warning
    );
    assert_eq!(
        written(|outcomes| assert_eq!(outcomes.into_outcomes().count(), 1)),
        warning
    );
}

#[test]
fn a05_a_failure_that_the_sender_looks_at_is_its_own_affair() {
    assert!(written(|outcomes| assert_eq!(outcomes.failures().count(), 1)).is_empty());
    assert!(written(|outcomes| assert_eq!(outcomes.answers().len(), 2)).is_empty());
    assert!(written(|outcomes| assert_eq!((&outcomes).into_iter().count(), 2)).is_empty());
    assert!(written(|outcomes| assert_eq!(outcomes.into_iter().count(), 2)).is_empty());
}

/// An error whose text panics.
#[derive(Debug)]
struct Unspeakable;

impl std::fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("unspeakable")
    }
}

impl std::error::Error for Unspeakable {}

#[test]
fn a05_an_error_whose_text_panics_reaches_no_sender() {
    let signal = Signal::<str, u32, u32>::new("a");
    signal.connect(|_: &str, _: &u32| Err::<(), _>(Unspeakable));
    let warning =
        ["WARN [] failed, and the failure was not read failure=(the text of its error panicked)"];
    let log = Log::default();
    with_default(Lines::new(&log), || drop(signal.send("s", &1)));
    assert_eq!(log.take(), warning);

    // While a panic of the sender's unwinds, a second one would end the process.
    let sender = || {
        let _outcomes = signal.send("s", &1);
        panic!("the sender's own");
    };
    let ended = with_default(Lines::new(&log), || std::panic::catch_unwind(sender));
    assert!(ended.is_err());
    assert_eq!(log.take(), warning);
}

#[test]
fn a08_a_detached_receiver_is_in_the_span_of_its_sender() {
    let signal = AsyncSignal::<str, u32, ()>::new("a");
    let (spawned, tasks) = std::sync::mpsc::channel();
    signal
        .receiver(async |_: &str, _: &u32| tracing::warn!("at work"))
        .detached_on(move |task| spawned.send(task).unwrap())
        .connect();
    let log = Log::default();
    with_default(Lines::new(&log), || {
        tracing::warn_span!("request").in_scope(|| block_on(signal.send("s", &1)));
        block_on(tasks.recv().unwrap());
    });
    assert_eq!(log.take(), ["WARN [request] at work", "closed [request]"]);
}

#[test]
fn a08_a_detached_receiver_that_waits_is_in_the_span_of_its_sender_again() {
    let signal = AsyncSignal::<str, u32, ()>::new("a");
    let (spawned, tasks) = std::sync::mpsc::channel();
    let receiver = async |_: &str, _: &u32| {
        support::yield_now().await;
        tracing::warn!("at work");
    };
    signal
        .receiver(receiver)
        .detached_on(move |task| spawned.send(task).unwrap())
        .connect();
    let log = Log::default();
    with_default(Lines::new(&log), || {
        tracing::warn_span!("request").in_scope(|| block_on(signal.send("s", &1)));
        let mut task = tasks.recv().unwrap();
        assert!(support::poll_once(task.as_mut()).is_pending());
        tracing::warn!("between");
        block_on(task);
    });
    assert_eq!(
        log.take(),
        [
            "WARN [] between",
            "WARN [request] at work",
            "closed [request]"
        ]
    );
}

#[test]
fn a08_a_failure_in_the_background_is_in_the_span_of_its_sender() {
    let signal = AsyncSignal::<str, u32, ()>::new("a");
    let (spawned, tasks) = std::sync::mpsc::channel();
    signal
        .receiver(async |_: &str, _: &u32| Err::<(), _>("lost"))
        .detached_on(move |task| spawned.send(task).unwrap())
        .connect();
    let log = Log::default();
    with_default(Lines::new(&log), || {
        tracing::warn_span!("request").in_scope(|| block_on(signal.send("s", &1)));
        block_on(tasks.recv().unwrap());
    });
    assert_eq!(
        log.take(),
        [
            "WARN [request] failed in the background failure=lost",
            "closed [request]"
        ]
    );
}

#[test]
fn a05_a_failure_in_the_background_is_a_warning() {
    let signal = AsyncSignal::<str, u32, u32>::new("a");
    let (spawned, tasks) = std::sync::mpsc::channel();
    signal
        .receiver(async |_: &str, _: &u32| Err::<(), _>("lost"))
        .detached_on(move |task| spawned.send(task).unwrap())
        .connect();
    let log = Log::default();
    with_default(Lines::new(&log), || {
        block_on(signal.send("s", &1));
        block_on(tasks.recv().unwrap());
    });
    assert_eq!(
        log.take(),
        ["WARN [] failed in the background failure=lost"]
    );
}
