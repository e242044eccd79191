//! What is strange but possible: each has a defined end.

mod support;

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll};
use std::thread;

use signals::{AsyncSignal, Connection, Event, Sender, Signal};
use support::{Canary, Log, block_on, poll_once};

type Plain = Signal<str, u32, Infallible>;

#[test]
fn a_send_from_a_drop_runs_even_while_a_thread_ends() {
    struct SendsWhenDropped(Arc<Plain>);

    impl Drop for SendsWhenDropped {
        fn drop(&mut self) {
            self.0.send("drop", &1);
        }
    }

    let signal = Arc::new(Plain::new("a"));
    let log = Log::default();
    signal.connect(log.writes("heard"));
    drop(SendsWhenDropped(signal.clone()));
    assert_eq!(log.take(), ["heard"]);
    in_a_thread_that_ends(&signal, SendsWhenDropped(signal.clone()));
    assert_eq!(log.take(), ["heard", "heard"]);
}

/// Drops it after everything else of a thread that has sent.
fn in_a_thread_that_ends(signal: &Arc<Plain>, last: impl Send + 'static) {
    thread_local! {
        static HELD: std::cell::RefCell<Option<Box<dyn Send>>> = const { std::cell::RefCell::new(None) };
    }

    let signal = signal.clone();
    let thread = thread::spawn(move || {
        // First in, last out.
        HELD.set(Some(Box::new(last)));
        signal.send("s", &0);
    });
    thread.join().unwrap();
}

#[test]
fn a_send_while_a_thread_ends_knows_what_it_is_inside_of() {
    struct SendsWhenDropped(Arc<Plain>);

    impl Drop for SendsWhenDropped {
        fn drop(&mut self) {
            self.0.send("drop", &1);
        }
    }

    let signal = Arc::new(Plain::new("a").recursion_limit(3));
    let log = Log::default();
    let (inside, noted) = (Arc::downgrade(&signal), log.clone());
    let itself = Arc::new(Mutex::new(None::<Connection>));
    let own = Arc::clone(&itself);
    let connection = signal.connect(move |_: &str, depth: &u32| {
        let signal = inside.upgrade().filter(|_| *depth > 0)?;
        noted.note(format!("level {depth}"));
        if signal.send("inside", &(depth + 1)).failures().count() > 0 {
            // The innermost.
            let own = own.lock().unwrap().take().unwrap();
            let refused = own.disconnect_and_wait();
            noted.note(refused.map_or("refused to wait", |_| "waited"));
        }
        None::<Infallible>
    });
    *itself.lock().unwrap() = Some(connection);
    in_a_thread_that_ends(&signal, SendsWhenDropped(signal.clone()));
    assert_eq!(
        log.take(),
        ["level 1", "level 2", "level 3", "refused to wait"]
    );
    assert!(!signal.has_receivers());
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

#[test]
fn a_receiver_may_disconnect_and_connect_itself_over_and_over() {
    let signal = Arc::new(Plain::new("a"));
    let log = Log::default();

    fn connect_again(signal: &Arc<Plain>, log: &Log) {
        let (me, my_log) = (Arc::downgrade(signal), log.clone());
        let mine = Arc::new(Mutex::new(None::<Connection>));
        let own = Arc::clone(&mine);
        let connection = signal.connect(move |_: &str, _: &u32| {
            my_log.note("ran");
            own.lock().unwrap().take().unwrap().disconnect();
            connect_again(&me.upgrade().unwrap(), &my_log);
        });
        *mine.lock().unwrap() = Some(connection);
    }

    connect_again(&signal, &log);
    for _ in 0..3 {
        assert_eq!(signal.send("s", &1).ran(), 1);
    }
    assert_eq!(log.take(), ["ran", "ran", "ran"]);
    assert_eq!(signal.receivers().len(), 1);
}

#[test]
fn captures_that_disconnect_others_when_dropped_do_not_deadlock() {
    struct Disconnects(Connection);

    impl Drop for Disconnects {
        fn drop(&mut self) {
            assert!(self.0.disconnect_and_wait().unwrap());
        }
    }

    let signal = Plain::new("a");
    let log = Log::default();
    let canary = Canary(log.clone(), "other dropped");
    let other = signal.connect(move |_: &str, _: &u32| {
        let _canary = &canary;
    });
    let disconnects = Disconnects(other);
    let first = signal.connect(move |_: &str, _: &u32| {
        let _disconnects = &disconnects;
    });
    first.disconnect();
    assert_eq!(log.take(), ["other dropped"]);
    assert!(!signal.has_receivers());
}

#[test]
fn an_outcome_that_panics_when_dropped_panics_where_the_sender_drops_it() {
    static IS_ARMED: AtomicBool = AtomicBool::new(true);

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!IS_ARMED.swap(false, Ordering::Relaxed), "boom");
        }
    }

    let signal = Signal::<str, u32, Bomb>::new("a");
    signal.connect(|_: &str, _: &u32| Some(Bomb));
    signal.connect(|_: &str, _: &u32| Some(Bomb));
    let outcomes = signal.send("s", &1);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(outcomes))).is_err());
    assert_eq!(signal.send("s", &1).into_outcomes().count(), 2);
}

#[test]
fn a_sender_whose_key_panics_makes_its_send_panic_and_nobody_is_called() {
    #[derive(PartialEq)]
    struct Fickle(bool);

    impl Sender for Fickle {
        type Key = u8;

        fn key(&self) -> u8 {
            assert!(self.0, "no key");
            0
        }
    }

    let signal = Signal::<Fickle, u32, Infallible>::new("a");
    let log = Log::default();
    signal.connect(log.writes("any"));
    let bound = signal
        .receiver(log.writes("bound"))
        .from(&Fickle(true))
        .connect();
    for is_observed in [false, true] {
        let _watching = is_observed.then(|| signals::observe(|_: &Event<'_>| {}));
        let send = || signal.send(&Fickle(false), &1);
        assert!(catch_unwind(AssertUnwindSafe(send)).is_err());
        assert!(log.take().is_empty());
    }
    signal.send(&Fickle(true), &1);
    assert_eq!(log.take(), ["any", "bound"]);
    assert!(bound.disconnect_and_wait().unwrap());
}

#[test]
fn a_send_whose_key_panics_leaves_nothing_behind() {
    struct Leaving {
        key: Arc<u8>,
        connection: Mutex<Option<Connection>>,
    }

    impl Sender for Leaving {
        type Key = Arc<u8>;

        fn key(&self) -> Arc<u8> {
            // In the middle of a send, whose list can not be freed now.
            if let Some(connection) = self.connection.lock().unwrap().take() {
                connection.disconnect();
                std::panic::resume_unwind(Box::new("no key"));
            }
            Arc::clone(&self.key)
        }
    }

    let signal = Signal::<Leaving, u32, Infallible>::new("a");
    let sender = Leaving {
        key: Arc::new(1),
        connection: Mutex::new(None),
    };
    let bound = signal.receiver(|_: &Leaving, _: &u32| ()).from(&sender);
    *sender.connection.lock().unwrap() = Some(bound.connect());
    let send = || signal.send(&sender, &1);
    assert!(catch_unwind(AssertUnwindSafe(send)).is_err());
    assert_eq!(Arc::strong_count(&sender.key), 1);
}

#[test]
fn keys_that_panic_when_dropped_disturb_nobody() {
    #[derive(PartialEq, Eq, Hash)]
    struct Key(u8);

    impl Drop for Key {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("dropped"));
        }
    }

    struct Numbered(u8);

    impl Sender for Numbered {
        type Key = Key;

        fn key(&self) -> Key {
            Key(self.0)
        }
    }

    let signal = Signal::<Numbered, u32, Infallible>::new("a");
    let log = Log::default();
    for number in 0..3 {
        let receiver = signal.receiver(log.writes("bound"));
        receiver.from(&Numbered(number)).connect();
    }
    assert_eq!(signal.disconnect_all(), 3);
}

#[test]
fn a_future_that_panics_when_dropped_disturbs_nobody() {
    struct Bomb;

    impl Future for Bomb {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            Poll::Pending
        }
    }

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("boom");
        }
    }

    let signal = AsyncSignal::<str, u32, Infallible>::new("a");
    let stuck = signal.connect(|_: &str, _: &u32| Bomb);
    let mut send = Box::pin(signal.send("s", &1));
    assert!(poll_once(send.as_mut()).is_pending());
    drop(send);
    assert!(stuck.disconnect_and_wait().unwrap());
    assert_eq!(block_on(signal.send("s", &1)).ran(), 0);
}

#[test]
fn a_spawner_that_panics_is_a_failure_of_its_receiver() {
    let signal = AsyncSignal::<str, u32, Infallible>::new("a");
    let log = Log::default();
    signal
        .receiver(async |_: &str, _: &u32| ())
        .detached_on(|_| panic!("no room"))
        .connect();
    signal.connect(log.writes("next"));
    let outcomes = block_on(signal.send("s", &1));
    assert!(outcomes.failures().next().unwrap().1.is_panic());
    assert_eq!(log.take(), ["next"]);
}

#[test]
fn a_detached_task_that_is_never_polled_gives_its_captures_back_when_it_is_dropped() {
    let signal = AsyncSignal::<str, u32, Infallible>::new("a");
    let log = Log::default();
    let tasks = Arc::new(Mutex::new(Vec::new()));
    let (canary, spawned) = (Canary(log.clone(), "dropped"), Arc::clone(&tasks));
    let connection = signal
        .receiver(move |_: &str, _: &u32| {
            canary.0.note("ran");
            async {}
        })
        .detached_on(move |task| spawned.lock().unwrap().push(task))
        .connect();
    block_on(signal.send("s", &1));
    connection.disconnect();
    assert!(log.take().is_empty(), "the task may still run");
    tasks.lock().unwrap().clear();
    assert_eq!(log.take(), ["dropped"]);
}

#[test]
fn a_signal_that_a_receiver_captures_lives_for_as_long_as_the_receiver() {
    let signal = Arc::new(Plain::new("a"));
    let weak = Arc::downgrade(&signal);
    let captured = Arc::clone(&signal);
    let connection = signal.connect(move |_: &str, _: &u32| {
        let _captured = &captured;
    });
    drop(signal);
    assert!(weak.upgrade().is_some(), "a circle of strong references");
    connection.disconnect();
    assert!(weak.upgrade().is_none());
}

#[test]
fn what_a_caught_panic_may_have_touched_is_unwind_safe() {
    fn is_unwind_safe<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    is_unwind_safe::<Signal<str, std::cell::Cell<u8>, std::cell::RefCell<u8>>>();
    is_unwind_safe::<signals::AsyncSignal<str, u32, ()>>();
    is_unwind_safe::<signals::Connection>();
    is_unwind_safe::<signals::Namespace>();
}

#[test]
fn an_option_that_is_set_twice_is_an_error() {
    type Bound = Signal<str, u32, Infallible>;
    type Set = fn(
        signals::Receiver<'_, str, u32, Infallible, signals::Plain<()>>,
    ) -> Result<Connection, signals::ConnectError>;
    let cases: [(&str, Set); 6] = [
        ("order", |it| it.order(1).order(1).try_connect()),
        ("named", |it| it.named("a").named("b").try_connect()),
        ("from", |it| it.from("a").from("b").try_connect()),
        ("times", |it| it.once().times(2).try_connect()),
        ("weak", |it| {
            let owner = Arc::new(7);
            it.weak(&owner).weak(&owner).try_connect()
        }),
        ("key", |it| it.key("a").order(1).key("b").try_connect()),
    ];
    for (option, set) in cases {
        let signal = Bound::new("a");
        let error = set(signal.receiver(|_: &str, _: &u32| ())).unwrap_err();
        assert_eq!(error.to_string(), format!("`{option}` is set twice"));
        assert!(!signal.has_receivers());
    }
    let signal = AsyncSignal::<str, u32, Infallible>::new("a");
    let receiver = || signal.receiver(async |_: &str, _: &u32| ());
    let detached = receiver().detached_on(drop).order(1).detached_on(drop);
    #[cfg(feature = "tokio")]
    let cases = {
        let limit = std::time::Duration::from_secs(1);
        vec![
            ("detached", detached),
            ("detached", receiver().detached().detached_on(drop)),
            ("timeout", receiver().timeout(limit).timeout(limit)),
        ]
    };
    #[cfg(not(feature = "tokio"))]
    let cases = [("detached", detached)];
    for (option, receiver) in cases {
        let error = receiver.try_connect().unwrap_err();
        assert_eq!(error.to_string(), format!("`{option}` is set twice"));
    }
    let signal = Bound::new("a");
    let many = signal
        .receiver(|_: &str, _: &u32| ())
        .before("a")
        .before("b")
        .after("c")
        .after("d")
        .when(|_, _| true)
        .when(|_, _| true);
    assert!(many.try_connect().is_ok());
}
