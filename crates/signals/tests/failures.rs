//! A.4, A.5 and A.14: all receivers run, failures are kept apart, recursion ends.

mod support;

use std::io;
use std::panic::panic_any;
use std::sync::{Arc, Mutex};

use signals::{Answer, AsyncSignal, Signal, Task};
use support::{Log, block_on, yield_now};

/// A type that is neither `Clone` nor `Debug`.
struct Shop;

type Priced = Signal<Shop, u32, u32>;

fn double(_: &Shop, n: &u32) -> Option<u32> {
    Some(n * 2)
}

fn refuse(_: &Shop, _: &u32) -> Result<(), io::Error> {
    Err(io::Error::other("no"))
}

fn maybe(_: &Shop, n: &u32) -> Result<Option<u32>, String> {
    if *n > 5 {
        Ok(Some(*n))
    } else {
        Err(format!("{n} is too small"))
    }
}

/// An error whose texts panic.
struct Unspeakable;

impl std::fmt::Debug for Unspeakable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("unspeakable")
    }
}

impl std::fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("unspeakable")
    }
}

impl std::error::Error for Unspeakable {}

#[test]
fn a05_an_error_whose_texts_panic_has_a_text_of_ours() {
    let signal = Priced::new("a");
    signal.connect(|_: &Shop, _: &u32| Err::<(), _>(Unspeakable));
    let recorder = signals::Recorder::start(10);
    let outcomes = signal.send(&Shop, &1);
    let (_, failure) = outcomes.failures().next().unwrap();
    assert_eq!(failure.to_string(), "(the text of its error panicked)");
    assert!(format!("{failure:?}").contains("(the text of its error panicked)"));
    let sends = recorder.sends_of("a");
    let ran = sends
        .iter()
        .flat_map(|send| &send.calls)
        .map(|call| &call.ran);
    let failed = signals::Ran::Failed("(the text of its error panicked)".to_owned());
    assert!(ran.into_iter().any(|ran| *ran == failed));
}

#[test]
fn a04_all_receivers_run_and_answer_in_order() {
    let signal = Priced::new("a");
    signal.receiver(double).named("double").connect();
    signal
        .receiver(|_: &Shop, _: &u32| ())
        .named("silent")
        .connect();
    signal
        .receiver(|_: &Shop, n: &u32| Some(n + 1))
        .named("plus")
        .connect();
    let outcomes = signal.send(&Shop, &7);
    let found: Vec<_> = outcomes
        .outcomes()
        .map(|(receiver, outcome)| (receiver.name(), receiver.position(), *outcome))
        .collect();
    assert_eq!(found, [("double", 0, 14), ("plus", 2, 8)]);
    assert_eq!(outcomes.first(), Some(&14));
    assert_eq!(outcomes.ran(), 3);
    assert!(!outcomes.is_empty());
    let taken: Vec<u32> = outcomes
        .into_outcomes()
        .map(|(_, outcome)| outcome)
        .collect();
    assert_eq!(taken, [14, 8]);
}

#[test]
fn a05_a_failure_names_its_receiver_and_the_place_of_it() {
    let signal = Priced::new("a");
    let panics = |_: &Shop, _: &u32| -> Option<u32> { panic!("no price") };
    signal.receiver(double).named("double").connect();
    signal.receiver(panics).named("second").connect();
    signal.receiver(double).named("third").connect();
    signal.receiver(panics).named("last").connect();
    let outcomes = signal.send(&Shop, &7);
    let failures = outcomes.failures();
    let found: Vec<_> = failures
        .map(|(receiver, _)| (receiver.name(), receiver.position()))
        .collect();
    assert_eq!(found, [("second", 1), ("last", 3)]);
}

#[test]
fn a04_emit_stops_when_the_sender_stops() {
    let signal = Priced::new("a");
    let log = Log::default();
    signal.connect(log.writes("first"));
    signal.connect(double);
    signal.connect(log.writes("never"));
    let first = signal.emit(&Shop, &4).find_map(Answer::into_outcome);
    assert_eq!(first, Some(8));
    assert_eq!(log.take(), ["first"]);
}

#[test]
fn a04_emit_of_an_async_signal_is_lazy_too() {
    let signal = AsyncSignal::<Shop, u32, u32>::new("a");
    let log = Log::default();
    signal.connect(async |_: &Shop, n: &u32| {
        yield_now().await;
        Some(*n)
    });
    signal.connect(log.writes("never"));
    block_on(async {
        let mut walk = signal.emit(&Shop, &4);
        assert_eq!(walk.next().await.unwrap().into_outcome(), Some(4));
    });
    assert!(log.take().is_empty());
}

#[test]
fn a05_failures_are_apart_from_outcomes_and_others_still_run() {
    let signal = Priced::new("a");
    signal.receiver(refuse).named("refuse").connect();
    signal
        .receiver(|_: &Shop, _: &u32| {
            if true {
                panic!("lost {}", 3)
            }
        })
        .named("panic")
        .connect();
    signal.receiver(maybe).named("maybe").connect();
    signal.receiver(double).named("double").connect();
    for _ in 0..2 {
        let outcomes = signal.send(&Shop, &4);
        let failed: Vec<_> = outcomes
            .failures()
            .map(|(receiver, failure)| format!("{}: {failure}", receiver.name()))
            .collect();
        assert_eq!(
            failed,
            [
                "refuse: no",
                "panic: panicked: lost 3",
                "maybe: 4 is too small"
            ]
        );
        assert_eq!(outcomes.first(), Some(&8));
        assert_eq!(outcomes.answers().len(), 4);
    }
}

#[test]
fn a05_a_failure_keeps_the_error_it_came_from() {
    let signal = Priced::new("a");
    signal.connect(refuse);
    let outcomes = signal.send(&Shop, &4);
    let (_, failure) = outcomes.failures().next().unwrap();
    let error = failure.as_error().unwrap();
    assert!(error.downcast_ref::<io::Error>().is_some());
    assert!(!failure.is_panic());
}

#[test]
fn a05_a_panic_with_a_payload_that_panics_when_dropped_is_isolated() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_any(Bomb);
        }
    }

    let signal = Priced::new("a");
    signal.connect(|_: &Shop, _: &u32| {
        if true {
            panic_any(Bomb)
        }
    });
    signal.connect(double);
    let outcomes = signal.send(&Shop, &4);
    let (_, failure) = outcomes.failures().next().unwrap();
    assert_eq!(failure.to_string(), "panicked: a value that is not text");
    assert_eq!(outcomes.first(), Some(&8));
}

#[test]
fn a05_a_condition_that_panics_is_a_failure_of_its_receiver() {
    let signal = Priced::new("a");
    signal
        .receiver(double)
        .when(|_, _| panic!("undecided"))
        .connect();
    signal.connect(double);
    let outcomes = signal.send(&Shop, &4);
    assert_eq!(outcomes.failures().count(), 1);
    assert_eq!(outcomes.first(), Some(&8));
}

#[test]
fn a05_async_failures_are_isolated_before_and_after_an_await() {
    async fn early(_: &Shop, _: &u32) -> Result<(), &'static str> {
        Err("early")
    }
    async fn late(_: &Shop, n: &u32) -> Option<u32> {
        yield_now().await;
        assert!(*n > 5, "{n} came late");
        Some(*n)
    }
    let signal = AsyncSignal::<Shop, u32, u32>::new("a");
    signal.connect(early);
    signal.connect(late);
    signal.connect(|_: &Shop, _: &u32| {
        if true {
            panic!("at once");
        }
        async {}
    });
    signal.connect(double);
    let outcomes = block_on(signal.send(&Shop, &4));
    let failed: Vec<_> = outcomes
        .failures()
        .map(|(_, failure)| failure.to_string())
        .collect();
    assert_eq!(
        failed,
        ["early", "panicked: 4 came late", "panicked: at once"]
    );
    assert_eq!(outcomes.first(), Some(&8));
}

#[test]
fn a05_captures_that_panic_when_dropped_do_not_reach_who_disconnects() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("boom");
        }
    }

    let signal = Priced::new("a");
    let bomb = Bomb;
    let connection = signal.connect(move |_: &Shop, _: &u32| {
        let _bomb = &bomb;
    });
    assert!(connection.disconnect());
    signal.connect(double);
    assert_eq!(signal.send(&Shop, &1).first(), Some(&2));
}

#[test]
fn a14_recursion_without_end_becomes_a_failure() {
    let signal = Arc::new(Priced::new("endless").recursion_limit(5));
    let log = Log::default();
    let (inner, inner_log) = (Arc::downgrade(&signal), log.clone());
    signal.connect(move |shop: &Shop, depth: &u32| {
        let outcomes = inner.upgrade().unwrap().send(shop, &(depth + 1));
        for (_, failure) in outcomes.failures() {
            assert!(failure.is_recursion());
            inner_log.note(format!("{depth}: {failure}"));
        }
    });
    signal.send(&Shop, &1);
    assert_eq!(
        log.take(),
        [
            "5: not called: `endless` is already being sent 5 levels deep, each inside a receiver of the one before"
        ]
    );
    signal.send(&Shop, &5);
    assert_eq!(log.take().len(), 1, "the count starts afresh");
}

#[test]
fn a14_recursion_is_64_deep_unless_told_otherwise() {
    let signal = Arc::new(Priced::new("endless"));
    let inner = Arc::downgrade(&signal);
    signal.connect(move |shop: &Shop, depth: &u32| {
        let outcomes = inner.upgrade()?.send(shop, &(depth + 1));
        let is_last = outcomes.failures().count() == 1;
        outcomes.into_first().or(is_last.then_some(*depth))
    });
    assert_eq!(signal.send(&Shop, &1).into_first(), Some(64));
}

#[test]
fn a14_the_recursion_of_each_signal_is_counted_by_itself() {
    let inner = Arc::new(Priced::new("inner").recursion_limit(1));
    inner.connect(double);
    let outer = Priced::new("outer").recursion_limit(1);
    outer.connect(move |shop: &Shop, n: &u32| inner.send(shop, n).into_first());
    assert_eq!(outer.send(&Shop, &7).into_first(), Some(14));
}

#[test]
fn a14_recursion_of_an_async_signal_becomes_a_failure() {
    static ENDLESS: AsyncSignal<Shop, u32, u32> = AsyncSignal::new("endless").recursion_limit(3);

    fn again(shop: &Shop, depth: u32) -> std::pin::Pin<Box<dyn Future<Output = u32> + Send + '_>> {
        Box::pin(async move {
            let outcomes = ENDLESS.send(shop, &depth).await;
            outcomes.failures().count() as u32 * 100 + outcomes.first().copied().unwrap_or(0)
        })
    }

    ENDLESS.connect(async |shop: &Shop, depth: &u32| {
        yield_now().await;
        Some(again(shop, depth + 1).await)
    });
    assert_eq!(block_on(again(&Shop, 1)), 100);
}

#[test]
fn a14_recursion_is_not_what_captures_send_when_they_are_dropped() {
    struct Sends(Arc<Priced>, Log);

    impl Drop for Sends {
        fn drop(&mut self) {
            let outcomes = self.0.send(&Shop, &1);
            let failures = outcomes.failures().map(|(_, failure)| failure.to_string());
            failures.for_each(|failure| self.1.note(failure));
            self.1.note("sent");
        }
    }

    let signal = Arc::new(Priced::new("flat").recursion_limit(1));
    let log = Log::default();
    let sends = Sends(Arc::clone(&signal), log.clone());
    signal.connect(double);
    let connection = signal.connect(move |_: &Shop, _: &u32| {
        let _ = &sends;
    });
    connection.disconnect();
    assert_eq!(log.take(), ["sent"]);
}

#[test]
fn a14_recursion_is_not_what_a_task_in_the_background_sends() {
    static AGAIN: AsyncSignal<str, u32, u32> = AsyncSignal::new("again").recursion_limit(1);

    let tasks: Arc<Mutex<Vec<Task>>> = Arc::default();
    let (log, spawned) = (Log::default(), Arc::clone(&tasks));
    let inner = log.clone();
    let receiver = AGAIN.receiver(move |_: &str, round: &u32| {
        let (log, round) = (inner.clone(), *round);
        async move {
            if round < 3 {
                let outcomes = AGAIN.send("task", &(round + 1)).await;
                log.note(format!("{} failed", outcomes.failures().count()));
            }
        }
    });
    let spawn = move |task| spawned.lock().unwrap().push(task);
    receiver.detached_on(spawn).connect();
    block_on(AGAIN.send("s", &1));
    while let Some(task) = { tasks.lock().unwrap().pop() } {
        block_on(task);
    }
    assert_eq!(log.take(), ["0 failed", "0 failed"]);
}
