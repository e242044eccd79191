//! A.12: the spans and events that observing with `ToTracing` makes.
#![cfg(feature = "tracing")]

#[path = "support/lines.rs"]
mod lines;
mod support;

use std::sync::OnceLock;

use lines::Lines;
use signals::{AsyncSignal, Observing, Signal, ToTracing};
use support::{Log, block_on, poll_once, yield_now};
use tracing::info;
use tracing::subscriber::with_default;

/// A log of what is observed. One observer is enough for all tests, and two would write everything twice.
fn observed() -> Log {
    static WATCHING: OnceLock<Observing> = OnceLock::new();
    WATCHING.get_or_init(|| signals::observe(ToTracing));
    Log::default()
}

#[test]
fn a12_tracing_gets_a_span_for_each_send_and_each_call_with_what_came_of_it() {
    let signal = Signal::<str, u32, u32>::new("traced").describe(u32::to_string);
    let answers = |_: &str, n: &u32| {
        info!("at work");
        Some(*n)
    };
    signal.receiver(answers).named("answers").connect();
    let fails = |_: &str, _: &u32| Err::<(), _>("lost");
    signal.receiver(fails).named("fails").connect();
    let _blocked = signal.connect(|_: &str, _: &u32| ()).block();
    let log = observed();
    with_default(Lines::new(&log), || {
        tracing::info_span!("request").in_scope(|| signal.send("s", &4));
    });
    let send = "request > send signal=\"traced\"";
    assert_eq!(
        log.take(),
        [
            format!("DEBUG [{send}] sent"),
            format!("TRACE [{send} > call receiver=answers] called"),
            format!("INFO [{send} > call receiver=answers] at work"),
            format!("DEBUG [{send} > call receiver=answers outcome=\"4\"] answered outcome=\"4\""),
            format!("closed [{send} > call receiver=answers outcome=\"4\"]"),
            format!("TRACE [{send} > call receiver=fails] called"),
            format!("WARN [{send} > call receiver=fails failure=lost] failed failure=lost"),
            format!("closed [{send} > call receiver=fails failure=lost]"),
            format!("DEBUG [{send}] skipped why=blocked"),
            format!("DEBUG [{send} complete=true] done complete=true"),
            format!("closed [{send} complete=true]"),
            "closed [request]".to_owned(),
        ]
    );
}

/// What was written at `INFO`, by the test itself and its receivers.
fn own(log: &Log) -> Vec<String> {
    let mut lines = log.take();
    lines.retain(|line| line.starts_with("INFO"));
    lines
}

#[test]
fn a12_an_async_receiver_is_in_its_span_only_while_it_is_polled() {
    let signal = AsyncSignal::<str, u32, u32>::new("traced");
    signal
        .receiver(async |_: &str, n: &u32| {
            info!("{n} begins");
            yield_now().await;
            info!("{n} ends");
        })
        .named("waits")
        .connect();
    let log = observed();
    with_default(Lines::new(&log), || {
        let mut one = Box::pin(signal.send("s", &1));
        let mut two = Box::pin(signal.send_concurrent("s", &2));
        assert!(poll_once(one.as_mut()).is_pending());
        assert!(poll_once(two.as_mut()).is_pending());
        info!("between");
        assert!(poll_once(one.as_mut()).is_ready());
        assert!(poll_once(two.as_mut()).is_ready());
    });
    let call = "send signal=\"traced\" > call receiver=waits";
    assert_eq!(
        own(&log),
        [
            format!("INFO [{call}] 1 begins"),
            format!("INFO [{call}] 2 begins"),
            "INFO [] between".to_owned(),
            format!("INFO [{call}] 1 ends"),
            format!("INFO [{call}] 2 ends"),
        ]
    );
}

#[test]
fn a12_a_future_that_is_abandoned_is_dropped_in_its_span() {
    struct Goodbye;

    impl Drop for Goodbye {
        fn drop(&mut self) {
            info!("goodbye");
        }
    }

    let signal = AsyncSignal::<str, u32, u32>::new("traced");
    signal
        .receiver(async |_: &str, _: &u32| {
            let _goodbye = Goodbye;
            std::future::pending::<()>().await;
        })
        .named("stuck")
        .connect();
    let log = observed();
    with_default(Lines::new(&log), || {
        let mut send = Box::pin(signal.send("s", &1));
        assert!(poll_once(send.as_mut()).is_pending());
    });
    let lines = log.take();
    let call = "send signal=\"traced\" > call receiver=stuck";
    assert!(
        lines.contains(&format!("INFO [{call}] goodbye")),
        "{lines:?}"
    );
    assert!(
        lines.contains(&format!("closed [{call} abandoned=true]")),
        "{lines:?}"
    );
}

#[test]
fn a12_a_receiver_in_the_background_runs_in_the_span_of_its_call() {
    let signal = AsyncSignal::<str, u32, u32>::new("traced");
    let (spawned, tasks) = std::sync::mpsc::channel();
    signal
        .receiver(async |_: &str, _: &u32| info!("at work"))
        .named("background")
        .detached_on(move |task| spawned.send(task).unwrap())
        .connect();
    let log = observed();
    with_default(Lines::new(&log), || {
        block_on(signal.send("s", &1));
        block_on(tasks.recv().unwrap());
    });
    let call = "send signal=\"traced\" > call receiver=background";
    assert_eq!(own(&log), [format!("INFO [{call}] at work")]);
}
