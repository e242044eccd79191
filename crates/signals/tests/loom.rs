//! The engine itself under loom, which runs each of these with every order in which its threads may take turns.
//!
//! `RUSTFLAGS="--cfg signals_loom" cargo test -p named-signals --release --test loom`
#![cfg(signals_loom)]

use std::convert::Infallible;
// Not loom's: what is counted here is no part of the model.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use loom::thread;
use signals::{AsyncSignal, Signal};

/// Lets other threads take their turn here.
fn turn() {
    thread::yield_now();
}

/// Notes that the captures of a receiver have been dropped.
#[derive(Default)]
struct Flag(AtomicBool);

impl Flag {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

struct Sets(Arc<Flag>);

impl Drop for Sets {
    fn drop(&mut self) {
        turn();
        self.0.0.store(true, Ordering::SeqCst);
    }
}

/// Is ready when it is polled for the second time.
async fn wait_once() {
    let mut has_waited = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut has_waited, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

type Tick = Signal<str, u32, Infallible>;

/// A receiver that must not be called once its captures have been dropped.
fn watched(signal: &Tick, calls: &Arc<AtomicUsize>) -> (signals::Connection, Arc<Flag>) {
    let (dropped, calls) = (Arc::new(Flag::default()), Arc::clone(calls));
    let (seen, captured) = (Arc::clone(&dropped), Sets(Arc::clone(&dropped)));
    let connection = signal.connect(move |_: &str, _: &u32| {
        let _captured = &captured;
        turn();
        assert!(!seen.is_set(), "called without its captures");
        calls.fetch_add(1, Ordering::SeqCst);
    });
    (connection, dropped)
}

#[test]
fn a_wait_ends_when_no_send_can_call_the_receiver_any_more() {
    loom::model(|| {
        let (signal, calls) = (Arc::new(Tick::new("tick")), Arc::default());
        let (connection, dropped) = watched(&signal, &calls);
        let sending = Arc::clone(&signal);
        let sender = thread::spawn(move || sending.send("s", &1).ran());
        assert!(connection.disconnect_and_wait().unwrap());
        assert!(dropped.is_set(), "the wait was too short");
        let called = calls.load(Ordering::SeqCst);
        let ran = sender.join().unwrap();
        assert_eq!(
            calls.load(Ordering::SeqCst),
            called,
            "called after the wait"
        );
        assert_eq!(ran, called);
    });
}

#[test]
fn captures_go_with_the_disconnect_or_with_the_send_that_is_last() {
    loom::model(|| {
        let (signal, calls) = (Arc::new(Tick::new("tick")), Arc::default());
        let (connection, dropped) = watched(&signal, &calls);
        let sending = Arc::clone(&signal);
        let sender = thread::spawn(move || sending.send("s", &1).ran());
        assert!(connection.disconnect());
        sender.join().unwrap();
        assert!(dropped.is_set());
    });
}

#[test]
fn two_waits_for_one_receiver_both_end() {
    loom::model(|| {
        let (signal, calls) = (Arc::new(Tick::new("tick")), Arc::default());
        let (connection, dropped) = watched(&signal, &calls);
        let (other, seen) = (connection.clone(), Arc::clone(&dropped));
        let waiter = thread::spawn(move || {
            let was_connected = other.disconnect_and_wait().unwrap();
            assert!(seen.is_set());
            was_connected
        });
        let was_connected = connection.disconnect_and_wait().unwrap();
        assert!(dropped.is_set());
        assert!(was_connected != waiter.join().unwrap());
    });
}

#[test]
fn a_send_calls_who_was_connected_before_it_and_stays() {
    loom::model(|| {
        let (signal, calls) = (Arc::new(Tick::new("tick")), Arc::default());
        let (_stays, _) = watched(&signal, &calls);
        let changing = Arc::clone(&signal);
        let changer = thread::spawn(move || {
            let other = changing.connect(|_: &str, _: &u32| ());
            other.disconnect();
        });
        signal.send("s", &1);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        changer.join().unwrap();
        assert_eq!(signal.receivers().len(), 1);
    });
}

#[test]
fn receivers_of_one_sender_that_are_connected_at_once_are_all_there() {
    loom::model(|| {
        let signal = Arc::new(Tick::new("tick"));
        // The first use of a signal is `std`'s `OnceLock`, which loom does not know.
        assert!(!signal.has_receivers());
        let connecting = Arc::clone(&signal);
        let connect = |signal: &Tick| signal.receiver(|_: &str, _: &u32| ()).from("s").connect();
        let thread = thread::spawn(move || {
            let connection = connect(&connecting);
            connecting.send("s", &1);
            connection.disconnect();
        });
        let connection = connect(&signal);
        assert!(signal.send("s", &1).ran() >= 1);
        thread.join().unwrap();
        assert_eq!(signal.send("s", &1).ran(), 1);
        assert!(connection.disconnect());
        assert!(!signal.has_receivers());
    });
}

#[test]
fn a_send_that_calls_a_receiver_calls_the_bound_one_connected_before_it() {
    loom::model(|| {
        let signal = Arc::new(Signal::<str, u32, u32>::new("tick"));
        assert!(!signal.has_receivers());
        signal.connect(|_: &str, _: &u32| ());
        let connecting = Arc::clone(&signal);
        let connecter = thread::spawn(move || {
            let bound = connecting.receiver(|_: &str, _: &u32| Some(1));
            bound.from("s").connect();
            connecting.connect(|_: &str, _: &u32| Some(2));
        });
        let answers = signal.send("s", &1).into_outcomes();
        let answers: Vec<_> = answers.map(|(_, answer)| answer).collect();
        connecter.join().unwrap();
        assert_ne!(answers, [2]);
    });
}

#[test]
fn an_async_send_that_waits_keeps_what_it_can_still_call() {
    loom::model(|| {
        let signal = Arc::new(AsyncSignal::<str, u32, Infallible>::new("tick"));
        let dropped = Arc::new(Flag::default());
        let (captured, seen) = (Sets(Arc::clone(&dropped)), Arc::clone(&dropped));
        let connection = signal.connect(move |_: &str, _: &u32| {
            let (_captured, seen) = (&captured, Arc::clone(&seen));
            async move {
                assert!(!seen.is_set());
                wait_once().await;
                assert!(!seen.is_set());
            }
        });
        let sending = Arc::clone(&signal);
        let sender = thread::spawn(move || {
            loom::future::block_on(async { sending.send("s", &1).await.ran() })
        });
        connection.disconnect_and_wait().unwrap();
        assert!(dropped.is_set());
        sender.join().unwrap();
    });
}

#[test]
fn a_muted_signal_is_heard_again() {
    loom::model(|| {
        let (signal, calls) = (Arc::new(Tick::new("tick")), Arc::default());
        let (_connection, _) = watched(&signal, &calls);
        let muting = Arc::clone(&signal);
        let muter = thread::spawn(move || drop(muting.mute()));
        signal.send("s", &1);
        muter.join().unwrap();
        let before = calls.load(Ordering::SeqCst);
        signal.send("s", &1);
        assert_eq!(calls.load(Ordering::SeqCst), before + 1);
    });
}
