//! A.3 and A.7: connections, how they end, and the conditions of receivers.

mod support;

use std::convert::Infallible;
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::thread;

use signals::{AsyncSignal, ConnectError, Connection, Signal};
use support::{Canary, Log, block_on, poll_once};

type Plain = Signal<str, u32, Infallible>;

fn with_canary(log: &Log) -> impl Fn(&str, &u32) + Send + Sync + 'static {
    let canary = Canary(log.clone(), "dropped");
    move |_: &str, _: &u32| canary.0.note("ran")
}

#[test]
fn a03_disconnect_drops_the_captures_before_it_returns() {
    let signal = Plain::new("a");
    let log = Log::default();
    let connection = signal.connect(with_canary(&log));
    signal.send("s", &1);
    assert!(connection.is_connected());
    assert!(connection.disconnect());
    assert_eq!(log.take(), ["ran", "dropped"]);
    assert!(!connection.is_connected());
    assert!(!connection.disconnect(), "it was out already");
}

#[test]
fn a03_disconnect_during_a_call_drops_the_captures_at_its_end() {
    let signal = Plain::new("a");
    let log = Log::default();
    let me: Arc<Mutex<Option<Connection>>> = Arc::default();
    let (canary, inner) = (Canary(log.clone(), "dropped"), Arc::clone(&me));
    let connection = signal.connect(move |_: &str, _: &u32| {
        inner.lock().unwrap().take().unwrap().disconnect();
        canary.0.note("still running");
    });
    *me.lock().unwrap() = Some(connection);
    signal.send("s", &1);
    assert_eq!(log.take(), ["still running", "dropped"]);
}

#[test]
fn a03_disconnect_and_wait_waits_for_a_running_call() {
    let signal = Arc::new(Plain::new("a"));
    let log = Log::default();
    let (inside, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (inside_too, go_on_too, inner) = (inside.clone(), go_on.clone(), log.clone());
    let connection = signal.connect(move |_: &str, _: &u32| {
        inside_too.wait();
        go_on_too.wait();
        inner.note("ended");
    });
    let sending = thread::spawn({
        let signal = signal.clone();
        move || signal.send("s", &1).ran()
    });
    inside.wait();
    let (done, waited) = channel();
    let waiter = thread::spawn(move || {
        assert!(connection.disconnect_and_wait().unwrap());
        done.send(log.take()).unwrap();
    });
    assert!(waited.try_recv().is_err());
    go_on.wait();
    assert_eq!(waited.recv().unwrap(), ["ended"]);
    waiter.join().unwrap();
    assert_eq!(sending.join().unwrap(), 1);
}

#[test]
fn a03_disconnect_and_wait_inside_the_receiver_is_refused() {
    let signal = Plain::new("a");
    let log = Log::default();
    let me: Arc<Mutex<Option<Connection>>> = Arc::default();
    let (inner, inner_log) = (Arc::clone(&me), log.clone());
    let connection = signal
        .receiver(move |_: &str, _: &u32| {
            let connection = inner.lock().unwrap().take().unwrap();
            let error = connection.disconnect_and_wait().unwrap_err();
            inner_log.note(error.to_string());
        })
        .named("impatient")
        .connect();
    *me.lock().unwrap() = Some(connection.clone());
    signal.send("s", &1);
    assert_eq!(
        log.take(),
        [
            "the receiver `impatient` is disconnected, and cannot be waited for inside a receiver of its own signal"
        ]
    );
    assert!(!connection.is_connected(), "it is taken out all the same");
}

#[test]
fn a03_captures_are_dropped_however_a_receiver_goes() {
    /// Has a receiver go, one way or another.
    type Go = fn(&Plain, Connection);

    let log = Log::default();
    let goes: [(&str, Go); 7] = [
        ("disconnect", |_, connection| {
            connection.disconnect();
        }),
        ("disconnect_all", |signal, _| {
            assert_eq!(signal.disconnect_all(), 1);
        }),
        ("disconnect_key", |signal, _| {
            assert!(signal.disconnect_key("k"));
        }),
        ("replaced", |signal, _| {
            let other = signal.receiver(|_: &str, _: &u32| ()).key("k");
            other.replace().connect();
        }),
        ("scoped", |_, connection| drop(connection.scoped())),
        ("sent", |signal, _| {
            signal.send("spends it", &1);
        }),
        ("emitted", |signal, _| {
            signal.emit("spends it", &1).for_each(drop);
        }),
    ];
    for (way, go) in goes {
        let signal = Plain::new("a");
        let receiver = signal.receiver(with_canary(&log)).key("k");
        let connection = receiver.when(|sender, _| sender == "spends it").once();
        let connection = connection.connect();
        signal.send("spends nothing", &1);
        assert!(log.take().is_empty(), "{way}");
        go(&signal, connection.clone());
        let mut seen = log.take();
        seen.retain(|line| line == "dropped");
        assert_eq!(seen, ["dropped"], "{way}");
        assert!(!connection.is_connected(), "{way}");
    }
}

#[test]
fn a03_a_receiver_disconnected_deep_inside_itself_lives_until_the_outermost_call_ends() {
    const DEPTH: u32 = 40;
    let signal = Arc::new(Plain::new("a"));
    let log = Log::default();
    let mine = Arc::new(OnceLock::<Connection>::new());
    let (inner, own, canary) = (
        Arc::downgrade(&signal),
        Arc::clone(&mine),
        Canary(log.clone(), "dropped"),
    );
    let connection = signal.connect(move |_: &str, depth: &u32| {
        if *depth < DEPTH {
            inner.upgrade().unwrap().send("s", &(depth + 1));
        } else {
            assert!(own.get().unwrap().disconnect());
        }
        canary.0.note("still there");
    });
    mine.set(connection).unwrap();
    signal.send("s", &1);
    let seen = log.take();
    assert_eq!(seen.len(), DEPTH as usize + 1);
    assert_eq!(seen.last().unwrap(), "dropped");
}

#[test]
fn a03_scoped_connections_end_with_their_scope() {
    let signal = Plain::new("a");
    let log = Log::default();
    {
        let _scope = signal.connect(with_canary(&log)).scoped();
        signal.send("s", &1);
    }
    assert_eq!(log.take(), ["ran", "dropped"]);
    let kept = signal.connect(with_canary(&log)).scoped().keep();
    assert!(kept.is_connected());
}

#[test]
fn a03_receivers_are_strong_unless_they_ask_to_be_weak() {
    let signal = Plain::new("a");
    let log = Log::default();
    drop(signal.connect(log.writes("strong")));
    let owner = Arc::new(());
    let canary = Canary(log.clone(), "dropped");
    let weak = signal
        .receiver(move |_: &str, _: &u32| canary.0.note("weak"))
        .weak(&owner)
        .connect();
    signal.send("s", &1);
    assert_eq!(log.take(), ["strong", "weak"]);
    drop(owner);
    signal.send("s", &1);
    assert_eq!(log.take(), ["strong", "dropped"]);
    assert!(!weak.is_connected());
}

#[test]
fn a03_a_signal_that_goes_takes_its_receivers_along() {
    let log = Log::default();
    let signal = Plain::new("a");
    let connection = signal.connect(with_canary(&log));
    drop(signal);
    assert_eq!(log.take(), ["dropped"]);
    assert!(!connection.is_connected());
    assert!(!connection.disconnect());
}

#[test]
fn a07_conditions_are_asked_with_sender_and_payload() {
    let signal = Plain::new("a");
    let log = Log::default();
    signal
        .receiver(log.writes("big, from shop"))
        .when(|sender, _| sender == "shop")
        .when(|_, payload| *payload > 10)
        .connect();
    signal.send("shop", &1);
    signal.send("cellar", &11);
    assert!(log.take().is_empty());
    signal.send("shop", &11);
    assert_eq!(log.take(), ["big, from shop"]);
}

#[test]
fn a07_once_runs_once_and_counts_only_what_ran() {
    let signal = Plain::new("a");
    let log = Log::default();
    let once = signal
        .receiver(with_canary(&log))
        .when(|_, payload| *payload > 1)
        .once()
        .connect();
    signal.send("s", &1);
    assert!(once.is_connected());
    signal.send("s", &2);
    signal.send("s", &3);
    assert_eq!(log.take(), ["ran", "dropped"]);
    assert!(!once.is_connected());
}

#[test]
fn a07_once_is_once_among_many_threads_and_inside_itself() {
    let signal = Arc::new(Plain::new("a"));
    for _ in 0..50 {
        let log = Log::default();
        let (inner, again) = (log.clone(), Arc::downgrade(&signal));
        signal
            .receiver(move |_: &str, _: &u32| {
                inner.note("ran");
                again.upgrade().unwrap().send("s", &1);
            })
            .once()
            .connect();
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    signal.send("s", &1);
                });
            }
        });
        assert_eq!(log.take(), ["ran"]);
        assert!(!signal.has_receivers());
    }
}

#[test]
fn a07_times_counts_down() {
    let signal = Plain::new("a");
    signal.receiver(|_: &str, _: &u32| ()).times(2).connect();
    let ran: Vec<_> = (0..4).map(|n| signal.send("s", &n).ran()).collect();
    assert_eq!(ran, [1, 1, 0, 0]);
    signal.receiver(|_: &str, _: &u32| ()).times(0).connect();
    assert_eq!(signal.send("s", &1).ran(), 0);
}

#[test]
fn a07_block_holds_one_receiver_back() {
    let signal = Plain::new("a");
    let log = Log::default();
    let first = signal.connect(log.writes("first"));
    signal.connect(log.writes("second"));
    let blocked = first.block();
    assert!(first.is_blocked() && first.is_connected());
    signal.send("s", &1);
    assert_eq!(log.take(), ["second"]);
    drop(blocked);
    signal.send("s", &1);
    assert_eq!(log.take(), ["first", "second"]);
}

#[test]
fn a07_of_two_who_block_a_receiver_both_must_let_it_go() {
    let signal = Plain::new("a");
    let connection = signal.connect(|_: &str, _: &u32| ());
    let (one, other) = (connection.block(), connection.block());
    drop(one);
    assert_eq!(signal.send("s", &1).ran(), 0);
    drop(other);
    assert_eq!(signal.send("s", &1).ran(), 1);
}

#[test]
fn a07_more_guards_than_are_counted_are_refused() {
    let signal = Plain::new("a");
    let connection = signal.connect(|_: &str, _: &u32| ());
    let guards: Vec<_> = (0..4_095).map(|_| connection.block()).collect();
    assert!(std::panic::catch_unwind(|| connection.block()).is_err());
    assert!(connection.is_connected() && connection.is_blocked());
    drop(guards);
    assert_eq!(signal.send("s", &1).ran(), 1);
}

#[test]
fn a07_a_panic_ends_a_block() {
    let signal = Plain::new("a");
    let connection = signal.connect(|_: &str, _: &u32| ());
    let panicked = std::panic::catch_unwind(|| {
        let _blocked = connection.block();
        panic!("while it is blocked");
    });
    assert!(panicked.is_err());
    assert!(!connection.is_blocked());
}

#[test]
fn a07_a_receiver_is_found_by_its_name() {
    let signal = Plain::new("a");
    let receiver = |name: &'static str| signal.receiver(|_: &str, _: &u32| ()).named(name);
    receiver("mail").connect();
    receiver("index").connect();
    let _blocked = signal.find("index").unwrap().block();
    assert_eq!(signal.send("s", &1).ran(), 1);
    assert!(signal.find("mail").unwrap().disconnect());
    assert!(signal.find("mail").is_none());
}

#[test]
fn a07_a_receiver_whose_owner_is_gone_is_not_found() {
    let (signal, owner) = (Plain::new("a"), Arc::new(()));
    let receiver = || signal.receiver(|_: &str, _: &u32| ());
    receiver().named("mail").weak(&owner).connect();
    receiver().named("mail").order(1).connect();
    drop(owner);
    assert!(signal.find("mail").unwrap().is_connected());
}

#[test]
fn a07_mute_keeps_the_whole_signal_quiet() {
    let signal = Plain::new("a");
    signal.connect(|_: &str, _: &u32| ());
    let one = signal.mute();
    let two = signal.mute();
    assert_eq!(signal.send("s", &1).ran(), 0);
    drop(one);
    assert_eq!(signal.send("s", &1).ran(), 0);
    drop(two);
    assert_eq!(signal.send("s", &1).ran(), 1);
}

#[test]
fn a07_mute_inside_a_receiver_does_not_stop_the_send_it_is_in() {
    let sends: [fn(&Plain) -> usize; 2] = [
        |signal| signal.send("s", &1).ran(),
        |signal| signal.emit("s", &1).count(),
    ];
    for send in sends {
        let signal = Arc::new(Plain::new("a"));
        let inner = Arc::downgrade(&signal);
        signal.connect(move |_: &str, _: &u32| {
            // Forgotten, a guard keeps its signal quiet.
            std::mem::forget(inner.upgrade().unwrap().mute());
        });
        signal.connect(|_: &str, _: &u32| ());
        assert_eq!(send(&signal), 2);
        assert_eq!(send(&signal), 0);
    }
}

#[test]
fn a09_a_key_is_refused_twice_or_replaced_by_choice() {
    let signal = Plain::new("a");
    let log = Log::default();
    let first = signal
        .receiver(log.writes("first"))
        .key("k")
        .named("one")
        .connect();
    let error = signal
        .receiver(log.writes("second"))
        .key("k")
        .try_connect()
        .unwrap_err();
    assert!(
        matches!(&error, ConnectError::DuplicateKey { existing, .. } if existing.name() == "one")
    );
    assert!(
        error
            .to_string()
            .starts_with("the key \"k\" is taken by the receiver one (")
    );
    signal
        .receiver(log.writes("third"))
        .key("k")
        .replace()
        .connect();
    assert!(!first.is_connected());
    signal.send("s", &1);
    assert_eq!(log.take(), ["third"]);
    assert!(signal.disconnect_key("k"));
    assert!(!signal.has_receivers());
}

#[test]
fn a03_an_async_call_keeps_the_captures_until_its_future_is_gone() {
    let signal = AsyncSignal::<str, u32, Infallible>::new("a");
    let log = Log::default();
    let canary = Canary(log.clone(), "dropped");
    let connection = signal.connect(move |_: &str, _: &u32| {
        canary.0.note("ran");
        std::future::pending::<()>()
    });
    let mut send = Box::pin(signal.send("s", &1));
    assert!(poll_once(send.as_mut()).is_pending());
    connection.disconnect();
    assert_eq!(log.take(), ["ran"]);
    drop(send);
    assert_eq!(log.take(), ["dropped"]);
    block_on(signal.send("s", &1));
    assert!(log.take().is_empty());
}
