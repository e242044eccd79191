//! What is strange but possible: each has a defined end.

mod support;

use std::convert::Infallible;
use std::sync::{Arc, Barrier};
use std::thread;

use signals::{AsyncSignal, Connection, Signal};
use support::{Log, block_on};

type Plain = Signal<str, u32, Infallible>;

#[test]
fn a_send_from_a_drop_runs_even_while_a_thread_ends() {
    struct SendsWhenDropped(Arc<Plain>);

    impl Drop for SendsWhenDropped {
        fn drop(&mut self) {
            self.0.send("drop", &1);
        }
    }

    thread_local! {
        static HELD: std::cell::RefCell<Option<SendsWhenDropped>> = const { std::cell::RefCell::new(None) };
    }

    let signal = Arc::new(Plain::new("a"));
    let log = Log::default();
    signal.connect(log.writes("heard"));
    drop(SendsWhenDropped(signal.clone()));
    assert_eq!(log.take(), ["heard"]);
    thread::spawn({
        let signal = signal.clone();
        move || {
            HELD.set(Some(SendsWhenDropped(signal.clone())));
            signal.send("s", &1);
        }
    })
    .join()
    .unwrap();
    assert_eq!(log.take(), ["heard", "heard"]);
}

#[test]
fn captures_that_use_their_signal_when_dropped_do_not_deadlock() {
    struct Reconnects(Arc<Plain>, Log);

    impl Drop for Reconnects {
        fn drop(&mut self) {
            self.0.connect(self.1.writes("again"));
            self.0.send("drop", &1);
        }
    }

    let signal = Arc::new(Plain::new("a"));
    let log = Log::default();
    let captured = Reconnects(signal.clone(), log.clone());
    let connection = signal.connect(move |_: &str, _: &u32| captured.1.note("first"));
    signal.send("s", &1);
    connection.disconnect();
    assert_eq!(log.take(), ["first", "again"]);
}

#[test]
fn a_signal_dropped_by_one_thread_while_another_sends_lives_until_the_send_is_done() {
    let signal = Arc::new(Plain::new("a"));
    let log = Log::default();
    let (inside, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (inside_too, go_on_too) = (inside.clone(), go_on.clone());
    let first = signal.connect(move |_: &str, _: &u32| {
        inside_too.wait();
        go_on_too.wait();
    });
    signal.connect(log.writes("second"));
    let sending = thread::spawn({
        let signal = signal.clone();
        move || {
            signal.send("s", &1);
        }
    });
    inside.wait();
    drop(signal);
    go_on.wait();
    sending.join().unwrap();
    assert_eq!(log.take(), ["second"]);
    assert!(!first.is_connected());
}

#[test]
fn many_threads_connect_disconnect_and_send_at_once() {
    let signal = Arc::new(AsyncSignal::<str, u32, u32>::new("a"));
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for thread in 0..4_u32 {
            let (signal, start) = (&signal, &start);
            scope.spawn(move || {
                start.wait();
                let mut connections: Vec<Connection> = Vec::new();
                for round in 0..300 {
                    match (round + thread) % 3 {
                        0 => connections.push(signal.connect(move |_: &str, n: &u32| Some(*n))),
                        1 => {
                            let outcomes = block_on(signal.send("s", &thread));
                            assert!(outcomes.outcomes().all(|(_, n)| *n == thread));
                        }
                        _ => {
                            if let Some(connection) = connections.pop() {
                                assert!(connection.disconnect());
                            }
                        }
                    }
                }
                for connection in connections {
                    connection.disconnect_and_wait().unwrap();
                }
            });
        }
    });
    assert!(!signal.has_receivers());
}
