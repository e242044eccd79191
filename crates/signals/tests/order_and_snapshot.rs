//! A.1 and A.2: in which order receivers run, and which receivers a send sees.

mod support;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use signals::{AsyncSignal, ConnectError, Connection, Signal};
use support::{Dice, Log, block_on, yield_now};

type Plain = Signal<str, u32, Infallible>;

#[test]
fn a01_order_is_by_number_and_then_by_connection() {
    let signal = Plain::new("a");
    let log = Log::default();
    signal.connect(log.writes("zero, first"));
    signal.receiver(log.writes("ten")).order(10).connect();
    signal
        .receiver(log.writes("minus ten"))
        .order(-10)
        .connect();
    signal.connect(log.writes("zero, second"));
    signal
        .receiver(log.writes("minus ten, too"))
        .order(-10)
        .connect();
    signal.send("s", &1);
    assert_eq!(
        log.take(),
        [
            "minus ten",
            "minus ten, too",
            "zero, first",
            "zero, second",
            "ten"
        ]
    );
}

#[test]
fn a01_order_of_before_and_after_goes_over_numbers() {
    let signal = Plain::new("a");
    let log = Log::default();
    signal
        .receiver(log.writes("late"))
        .named("late")
        .order(100)
        .connect();
    signal
        .receiver(log.writes("after late"))
        .order(-5)
        .after("late")
        .connect();
    signal
        .receiver(log.writes("early"))
        .named("early")
        .order(-100)
        .connect();
    signal
        .receiver(log.writes("before early"))
        .before("early")
        .connect();
    signal.connect(log.writes("middle"));
    signal.send("s", &1);
    assert_eq!(
        log.take(),
        ["before early", "early", "middle", "late", "after late"]
    );
}

#[test]
fn a01_order_holds_for_names_that_come_later() {
    let signal = Plain::new("a");
    let log = Log::default();
    signal
        .receiver(log.writes("second"))
        .after("audit")
        .connect();
    signal.receiver(log.writes("third")).order(1).connect();
    signal
        .receiver(log.writes("first"))
        .named("audit")
        .order(5)
        .connect();
    signal.send("s", &1);
    assert_eq!(log.take(), ["third", "first", "second"]);
}

#[test]
fn a01_order_follows_chains_of_before() {
    let signal = Plain::new("a");
    let log = Log::default();
    signal
        .receiver(log.writes("c"))
        .named("c")
        .order(-50)
        .connect();
    signal.receiver(log.writes("x")).order(-40).connect();
    signal
        .receiver(log.writes("b"))
        .named("b")
        .before("c")
        .connect();
    signal
        .receiver(log.writes("a"))
        .named("a")
        .before("b")
        .connect();
    signal.send("s", &1);
    assert_eq!(log.take(), ["a", "b", "c", "x"]);
}

#[test]
fn a01_order_of_those_that_run_before_the_same_receiver_is_by_number() {
    let signal = Plain::new("a");
    let log = Log::default();
    let receiver = |name: &'static str| signal.receiver(log.writes(name)).named(name);
    receiver("last").connect();
    for (name, order) in [("third", 5), ("first", 1), ("second", 3)] {
        receiver(name).order(order).before("last").connect();
    }
    signal.send("s", &1);
    assert_eq!(log.take(), ["first", "second", "third", "last"]);
}

#[test]
fn a01_order_that_is_a_circle_is_refused_and_changes_nothing() {
    let signal = Plain::new("a");
    let log = Log::default();
    signal
        .receiver(log.writes("a"))
        .named("a")
        .after("c")
        .connect();
    signal
        .receiver(log.writes("b"))
        .named("b")
        .after("a")
        .connect();
    let error = signal
        .receiver(log.writes("c"))
        .named("c")
        .after("b")
        .try_connect()
        .unwrap_err();
    assert!(matches!(error, ConnectError::Cycle { .. }));
    let text = error.to_string();
    assert_eq!(text, "`before` and `after` form a circle: b -> c -> a -> b");
    signal.send("s", &1);
    assert_eq!(log.take(), ["a", "b"]);
}

#[test]
#[should_panic(
    expected = "cannot connect the receiver: `before` and `after` form a circle: me -> me"
)]
fn a01_order_before_itself_is_a_circle() {
    let signal = Plain::new("a");
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("me")
        .before("me")
        .connect();
}

#[test]
fn a01_order_keeps_every_constraint_or_names_a_circle_of_them() {
    for seed in 0..500 {
        let mut dice = Dice::new(seed);
        let signal = Plain::new("a");
        // Pairs of names: the first is to run before the second.
        let mut wanted: Vec<(String, String)> = Vec::new();
        for number in 0..8 {
            let name = number.to_string();
            let mut mine = Vec::new();
            let mut receiver = signal.receiver(|_: &str, _: &u32| ()).named(name.clone());
            receiver = receiver.order(i32::try_from(dice.roll(3)).unwrap());
            for _ in 0..dice.roll(3) {
                let other = dice.roll(8).to_string();
                if dice.roll(2) == 0 {
                    receiver = receiver.before(other.clone());
                    mine.push((name.clone(), other));
                } else {
                    receiver = receiver.after(other.clone());
                    mine.push((other, name.clone()));
                }
            }
            let names = || -> Vec<String> {
                let receivers = signal.receivers();
                receivers
                    .iter()
                    .map(|found| found.name().to_owned())
                    .collect()
            };
            let before = names();
            match receiver.try_connect() {
                Ok(_) => {
                    wanted.append(&mut mine);
                    let order = names();
                    let place = |name: &String| order.iter().position(|other| other == name);
                    for (first, second) in &wanted {
                        if let (Some(first), Some(second)) = (place(first), place(second)) {
                            assert!(first < second, "seed {seed}: {order:?} for {wanted:?}");
                        }
                    }
                }
                Err(ConnectError::Cycle { names: circle, .. }) => {
                    assert_eq!(circle.first(), circle.last());
                    let all: Vec<_> = wanted.iter().chain(&mine).collect();
                    for pair in circle.windows(2) {
                        let pair = (pair[0].clone(), pair[1].clone());
                        assert!(all.contains(&&pair), "seed {seed}: {circle:?} in {all:?}");
                    }
                    assert_eq!(names(), before);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn a01_order_can_be_listed() {
    let signal = Plain::new("a");
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("two")
        .connect();
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("one")
        .order(-1)
        .connect();
    let receivers = signal.receivers();
    let listed: Vec<_> = receivers
        .iter()
        .map(|receiver| (receiver.position(), receiver.name(), receiver.order()))
        .collect();
    assert_eq!(listed, [(0, "one", -1), (1, "two", 0)]);
}

#[test]
fn a01_order_holds_in_a_send_while_another_thread_connects() {
    let signal = Signal::<u32, u32, &str>::new("saved");
    let receiver = |name: &'static str| signal.receiver(move |_, _| Some(name)).named(name);
    // Each has a list of its own, and each connection moves all of them by one place.
    for sender in 2..200 {
        signal.receiver(|_, _| None).from(&sender).connect();
    }
    receiver("second").from(&1).connect();
    receiver("first").before("second").connect();
    receiver("third").after("second").connect();
    receiver("fourth").from(&1).after("third").connect();
    let done = AtomicBool::new(false);
    let answers = thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..100 {
                drop(signal.receiver(|_, _| None).order(-5).connect().scoped());
            }
            done.store(true, Ordering::Relaxed);
        });
        let mut answers = BTreeSet::new();
        while !done.load(Ordering::Relaxed) {
            let outcomes = signal.send(&1, &1);
            let said: Vec<_> = outcomes.outcomes().map(|(_, said)| *said).collect();
            answers.insert(said);
        }
        answers
    });
    let answers: Vec<_> = answers.into_iter().collect();
    assert_eq!(answers, [["first", "second", "third", "fourth"]]);
}

#[test]
fn a02_snapshot_does_not_see_what_connects_during_the_send() {
    let signal = Arc::new(Plain::new("a"));
    let log = Log::default();
    let (inner, inner_log) = (Arc::downgrade(&signal), log.clone());
    signal.connect(move |_: &str, _: &u32| {
        inner.upgrade().unwrap().connect(inner_log.writes("late"));
    });
    signal.send("s", &1);
    assert!(log.take().is_empty());
    signal.send("s", &1);
    assert_eq!(log.take(), ["late"]);
}

#[test]
fn a02_snapshot_leaves_out_what_disconnects_during_the_send() {
    let signal = Plain::new("a");
    let log = Log::default();
    let victim: Arc<Mutex<Option<Connection>>> = Arc::default();
    let killer = Arc::clone(&victim);
    signal.connect(move |_: &str, _: &u32| {
        if let Some(connection) = killer.lock().unwrap().take() {
            assert!(connection.disconnect());
        }
    });
    *victim.lock().unwrap() = Some(signal.connect(log.writes("victim")));
    assert_eq!(signal.send("s", &1).ran(), 1);
    assert!(log.take().is_empty());
}

#[test]
fn a02_snapshot_lets_a_receiver_disconnect_itself() {
    let signal = Plain::new("a");
    let log = Log::default();
    let me: Arc<Mutex<Option<Connection>>> = Arc::default();
    let (mine, inner) = (Arc::clone(&me), log.clone());
    let connection = signal.connect(move |_: &str, _: &u32| {
        inner.note("ran");
        let connection = mine.lock().unwrap().take();
        connection.unwrap().disconnect();
    });
    *me.lock().unwrap() = Some(connection.clone());
    signal.send("s", &1);
    signal.send("s", &1);
    assert_eq!(log.take(), ["ran"]);
    assert!(!connection.is_connected());
}

#[test]
fn a02_snapshot_lets_a_receiver_send() {
    let signal = Arc::new(Plain::new("a"));
    let log = Log::default();
    let (inner, inner_log) = (Arc::downgrade(&signal), log.clone());
    signal.connect(move |_: &str, depth: &u32| {
        inner_log.note(format!("in {depth}"));
        if *depth > 0 {
            inner.upgrade().unwrap().send("s", &(depth - 1));
        }
        inner_log.note(format!("out {depth}"));
    });
    signal.send("s", &1);
    assert_eq!(log.take(), ["in 1", "in 0", "out 0", "out 1"]);
}

#[test]
fn a02_snapshot_of_an_async_send_is_taken_when_it_begins() {
    let signal = Arc::new(AsyncSignal::<str, u32, Infallible>::new("a"));
    let log = Log::default();
    let inner = log.clone();
    signal.connect(move |_: &str, _: &u32| {
        let log = inner.clone();
        async move {
            yield_now().await;
            log.note("first");
        }
    });
    let victim = signal.connect(log.writes("victim"));
    block_on(async {
        let mut walk = signal.emit("s", &1);
        walk.next().await;
        victim.disconnect();
        signal.connect(log.writes("late"));
        assert!(walk.next().await.is_none());
    });
    assert_eq!(log.take(), ["first"]);
}
