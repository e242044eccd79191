//! Threads that send, connect and disconnect at once: nobody calls what is gone, and nothing is left.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use crate::support::{block_on, poll_once, yield_now};
use signals::{AsyncSignal, Connection, Signal};

const ALIVE: u64 = 0xA11C_E5ED_CA9A_41E5;

/// Captured by receivers: knows whether it has been dropped, and how many there are.
struct Canary {
    state: AtomicU64,
    count: Arc<AtomicUsize>,
}

impl Canary {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self {
            state: AtomicU64::new(ALIVE),
            count: Arc::clone(count),
        }
    }

    /// Ends the program if it has been dropped: a panic would be caught like any of a receiver.
    fn check(&self) {
        if self.state.load(Ordering::Relaxed) != ALIVE {
            eprintln!("a receiver is called, or dropped, after its end");
            std::process::abort();
        }
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.check();
        self.state.store(0, Ordering::Relaxed);
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

fn rounds() -> usize {
    if cfg!(debug_assertions) {
        2_000
    } else {
        20_000
    }
}

pub(crate) fn plain_sends_against_changes() {
    let signal = Arc::new(Signal::<str, u32, u32>::new("stress"));
    let count = Arc::new(AtomicUsize::new(0));
    let done = AtomicBool::new(false);
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                start.wait();
                while !done.load(Ordering::Relaxed) {
                    let outcomes = signal.send("s", &2);
                    assert_eq!(outcomes.failures().count(), 0, "{outcomes:?}");
                }
            });
        }
        let changers: Vec<_> = (0..2)
            .map(|changer| {
                let (signal, count, start) = (&signal, &count, &start);
                scope.spawn(move || {
                    start.wait();
                    let (mut connections, mut blocked) = (Vec::new(), Vec::new());
                    for round in 0..rounds() {
                        connections.push(connect(signal, count, round));
                        if round % 3 == changer {
                            blocked.push(connections[0].block());
                        }
                        if connections.len() > round % 7 {
                            // From either end, waiting or not.
                            let gone = if round % 2 == 0 {
                                connections.remove(0)
                            } else {
                                connections.pop().unwrap()
                            };
                            if round % 5 == 0 {
                                gone.disconnect_and_wait().unwrap();
                            } else {
                                gone.disconnect();
                            }
                        }
                    }
                    for connection in connections {
                        connection.disconnect();
                    }
                })
            })
            .collect();
        for changer in changers {
            changer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    signal.disconnect_all();
    assert_eq!(count.load(Ordering::Relaxed), 0, "all captures are dropped");
    drop(signal);
}

fn connect(
    signal: &Arc<Signal<str, u32, u32>>,
    count: &Arc<AtomicUsize>,
    round: usize,
) -> Connection {
    let canary = Canary::new(count);
    match round % 4 {
        0 => signal.connect(move |_: &str, _: &u32| canary.check()),
        1 => {
            // Sends its own signal, a little.
            let again = Arc::downgrade(signal);
            let nested = move |_: &str, depth: &u32| {
                canary.check();
                if *depth > 0
                    && let Some(signal) = again.upgrade()
                {
                    signal.send("nested", &0);
                }
            };
            signal.receiver(nested).order(-1).connect()
        }
        2 => signal
            .receiver(move |_: &str, n: &u32| {
                canary.check();
                Some(*n)
            })
            .once()
            .connect(),
        _ => signal
            .receiver(move |_: &str, _: &u32| canary.check())
            .when(|_, n| *n > 0)
            .order(1)
            .connect(),
    }
}

pub(crate) fn async_sends_against_changes() {
    let signal = AsyncSignal::<str, u32, u32>::new("stress");
    let count = Arc::new(AtomicUsize::new(0));
    let done = AtomicBool::new(false);
    let start = Barrier::new(3);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                start.wait();
                let mut round = 0;
                while !done.load(Ordering::Relaxed) {
                    round += 1;
                    let outcomes = if round % 2 == 0 {
                        block_on(signal.send("s", &2))
                    } else {
                        block_on(signal.send_concurrent("s", &2))
                    };
                    assert_eq!(outcomes.failures().count(), 0, "{outcomes:?}");
                }
            });
        }
        start.wait();
        let mut connections = Vec::new();
        for round in 0..rounds() {
            let canary = Arc::new(Canary::new(&count));
            connections.push(if round % 2 == 0 {
                signal.connect(move |_: &str, _: &u32| canary.check())
            } else {
                signal.connect(move |_: &str, _: &u32| {
                    let canary = Arc::clone(&canary);
                    async move {
                        yield_now().await;
                        canary.check();
                    }
                })
            });
            if connections.len() > round % 5 {
                connections.remove(0).disconnect_and_wait().unwrap();
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    signal.disconnect_all();
    assert_eq!(count.load(Ordering::Relaxed), 0, "all captures are dropped");
}

/// A thread that sends one signal after another holds nothing back of one while it sends the other.
pub(crate) fn captures_go_when_the_sends_are_done_that_called_them() {
    let (one, other) = (
        Signal::<str, u32, u32>::new("one"),
        Signal::<str, u32, u32>::new("other"),
    );
    other.connect(|_: &str, _: &u32| ());
    let count = Arc::new(AtomicUsize::new(0));
    let (done, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let more_are_sent = || {
        let before = sent.load(Ordering::Acquire);
        while sent.load(Ordering::Acquire) < before + 2 {
            thread::yield_now();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                one.send("s", &1);
                for _ in 0..10 {
                    other.send("s", &1);
                }
                sent.fetch_add(1, Ordering::Release);
            }
        });
        for _ in 0..rounds() / 4 {
            let canary = Canary::new(&count);
            let connection = one.connect(move |_: &str, _: &u32| canary.check());
            more_are_sent();
            connection.disconnect();
            more_are_sent();
            let left = count.load(Ordering::Relaxed);
            if left != 0 {
                done.store(true, Ordering::Relaxed);
            }
            assert_eq!(left, 0, "all captures are dropped");
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// Sends that begin in one thread and are finished, or given up, in another.
pub(crate) fn async_sends_change_threads_and_are_dropped_midway() {
    let signal = AsyncSignal::<str, u32, u32>::new("stress");
    let count = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        let (begun, sends) = std::sync::mpsc::sync_channel(8);
        let sender = scope.spawn({
            let signal = &signal;
            move || {
                for round in 0..rounds() {
                    let mut send: Pin<Box<dyn Future<Output = _> + Send>> = match round % 2 {
                        0 => Box::pin(signal.send("s", &2)),
                        _ => Box::pin(signal.send_concurrent("s", &2)),
                    };
                    if poll_once(send.as_mut()).is_pending() {
                        begun.send(send).unwrap();
                    }
                }
            }
        });
        scope.spawn(move || {
            for (round, send) in sends.into_iter().enumerate() {
                if round % 3 == 0 {
                    let outcomes = block_on(send);
                    assert_eq!(outcomes.failures().count(), 0, "{outcomes:?}");
                }
            }
        });
        let mut connections = Vec::new();
        let mut round = 0;
        while !sender.is_finished() {
            let canary = Arc::new(Canary::new(&count));
            connections.push(signal.connect(move |_: &str, _: &u32| {
                let canary = Arc::clone(&canary);
                async move {
                    canary.check();
                    yield_now().await;
                    canary.check();
                }
            }));
            if connections.len() > round % 4 {
                connections.remove(0).disconnect_and_wait().unwrap();
            }
            round += 1;
        }
    });
    signal.disconnect_all();
    assert_eq!(count.load(Ordering::Relaxed), 0, "all captures are dropped");
}

/// Signals that live as briefly as the threads that send them, and receivers that panic.
pub(crate) fn signals_and_threads_come_and_go() {
    let count = Arc::new(AtomicUsize::new(0));
    for round in 0..rounds() / 20 {
        let signal = Arc::new(Signal::<Arc<u32>, u32, u32>::new("brief"));
        let senders = [Arc::new(0), Arc::new(1)];
        let connections: Vec<_> = (0..6)
            .map(|kind| connect_brief(&signal, &count, kind, &senders[kind % 2]))
            .collect();
        let start = Barrier::new(3);
        thread::scope(|scope| {
            let threads = senders.each_ref().map(|sender| {
                let (signal, start) = (Arc::clone(&signal), &start);
                scope.spawn(move || {
                    LAST_WORDS.set(Some(LastWords(Arc::clone(&signal), Arc::clone(sender))));
                    start.wait();
                    for n in 0..5 {
                        for (_, failure) in signal.send(sender, &n).failures() {
                            assert!(failure.is_panic(), "{failure}");
                        }
                    }
                })
            });
            start.wait();
            for (index, connection) in connections.iter().enumerate() {
                match (index + round) % 4 {
                    0 => assert!(connection.disconnect_and_wait().is_ok()),
                    1 => drop(connection.disconnect()),
                    2 => drop(connection.block()),
                    _ => {}
                }
            }
            // Who comes last takes the receivers along: this thread, or one that ends.
            drop(signal);
            // A scope does not wait for the destructors of thread locals; a join does.
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
        });
    }
    assert_eq!(count.load(Ordering::Relaxed), 0, "all captures are dropped");
}

thread_local! {
    static LAST_WORDS: std::cell::RefCell<Option<LastWords>> = const { std::cell::RefCell::new(None) };
}

/// Sends while its thread ends.
struct LastWords(Arc<Signal<Arc<u32>, u32, u32>>, Arc<u32>);

impl Drop for LastWords {
    fn drop(&mut self) {
        self.0.send(&self.1, &9);
    }
}

fn connect_brief(
    signal: &Arc<Signal<Arc<u32>, u32, u32>>,
    count: &Arc<AtomicUsize>,
    kind: usize,
    sender: &Arc<u32>,
) -> Connection {
    let canary = Canary::new(count);
    let again = Arc::downgrade(signal);
    let receiver = signal.receiver(move |sender: &Arc<u32>, n: &u32| {
        canary.check();
        match kind {
            // Without a word on the console, unlike `panic!`.
            0 => std::panic::resume_unwind(Box::new("at work")),
            1 if *n > 0 => {
                let signal = again.upgrade()?;
                signal.send(sender, &(n - 1)).into_first()
            }
            2 => {
                let signal = again.upgrade()?;
                signal.connect(|_: &Arc<u32>, _: &u32| ()).disconnect();
                None
            }
            _ => Some(*n),
        }
    });
    match kind {
        3 => receiver.once().connect(),
        4 => receiver.from(sender).connect(),
        5 => receiver
            .when(|_, n| {
                if *n == 3 {
                    std::panic::resume_unwind(Box::new("in doubt"));
                }
                true
            })
            .times(2)
            .connect(),
        _ => receiver.connect(),
    }
}

/// A call in the background ends at the same moment as its receiver is disconnected: one of the two drops
/// the captures.
pub(crate) fn captures_go_with_the_call_in_the_background_that_ends_last() {
    let signal = AsyncSignal::<str, u32, u32>::new("stress");
    let count = Arc::new(AtomicUsize::new(0));
    let (begin, end) = (Barrier::new(2), Barrier::new(2));
    let rounds = rounds() * 4;
    thread::scope(|scope| {
        let (spawn, tasks) = std::sync::mpsc::channel();
        scope.spawn({
            let (begin, end) = (&begin, &end);
            move || {
                for round in 0..rounds {
                    let task = tasks.recv().unwrap();
                    begin.wait();
                    // Not always at the same moment.
                    (0..round % 64 * 8).for_each(|_| std::hint::spin_loop());
                    block_on(task);
                    end.wait();
                }
            }
        });
        for round in 0..rounds {
            let canary = Arc::new(Canary::new(&count));
            let spawn = spawn.clone();
            let receiver = signal.receiver(move |_: &str, _: &u32| {
                let canary = Arc::clone(&canary);
                async move { canary.check() }
            });
            let receiver = receiver.detached_on(move |task| spawn.send(task).unwrap());
            let connection = receiver.connect();
            block_on(signal.send("s", &1));
            begin.wait();
            connection.disconnect();
            end.wait();
            let left = count.load(Ordering::Relaxed);
            if left != 0 {
                // The other thread waits for more, and so would the end of the scope.
                eprintln!("in round {round}, nobody dropped the captures");
                std::process::abort();
            }
        }
    });
}
