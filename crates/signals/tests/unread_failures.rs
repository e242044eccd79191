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
