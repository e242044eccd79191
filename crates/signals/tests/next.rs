//! The next send of a signal, as a future.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use signals::{AsyncSignal, Signal};
use support::{Canary, Log, block_on, poll_once};

type Tick = Signal<str, u32>;

#[test]
fn the_next_send_is_projected_to_a_value() {
    let tick = Tick::new("tick");
    let next = tick.next(|clock, n| format!("{clock} {n}"));
    tick.send("clock", &7);
    assert_eq!(block_on(next), "clock 7");
}

#[test]
fn a_send_before_the_first_poll_is_heard() {
    let tick = Tick::new("tick");
    let mut next = pin!(tick.next(|_, n| *n));
    tick.send("clock", &7);
    assert_eq!(poll_once(next.as_mut()), Poll::Ready(7));
}

#[test]
fn a_send_before_the_future_is_not_heard() {
    let tick = Tick::new("tick");
    tick.send("clock", &7);
    let mut next = pin!(tick.next(|_, n| *n));
    assert!(poll_once(next.as_mut()).is_pending());
}

#[test]
fn the_first_of_two_sends_is_the_next_one() {
    let tick = Tick::new("tick");
    let next = tick.next(|_, n| *n);
    tick.send("clock", &7);
    tick.send("clock", &8);
    assert_eq!(block_on(next), 7);
}

#[test]
fn nothing_is_connected_after_the_send() {
    let tick = Tick::new("tick");
    let _next = tick.next(|_, n| *n);
    tick.send("clock", &7);
    assert!(!tick.has_receivers());
}

#[test]
fn nothing_is_connected_after_the_future_is_dropped() {
    let tick = Tick::new("tick");
    let mut next = Box::pin(tick.next(|_, n| *n));
    assert!(poll_once(next.as_mut()).is_pending());
    drop(next);
    assert!(!tick.has_receivers());
}

#[test]
fn a_value_that_is_not_asked_for_is_dropped_with_the_future() {
    let (tick, log) = (Tick::new("tick"), Log::default());
    let noted = log.clone();
    let next = tick.next(move |_, _| Canary(noted.clone(), "dropped"));
    tick.send("clock", &7);
    assert!(log.take().is_empty());
    drop(next);
    assert_eq!(log.take(), ["dropped"]);
}

#[test]
fn a_future_that_is_polled_after_its_end_stays_pending() {
    let tick = Tick::new("tick");
    let mut next = pin!(tick.next(|_, n| *n));
    tick.send("clock", &7);
    assert!(poll_once(next.as_mut()).is_ready());
    assert!(poll_once(next.as_mut()).is_pending());
}

#[test]
fn a_projection_that_panics_is_a_failure_and_the_future_waits_on() {
    let tick = Tick::new("tick");
    let next = tick.next(|_, n| {
        assert!(*n > 7);
        *n
    });
    assert_eq!(tick.send("clock", &7).failures().count(), 1);
    tick.send("clock", &8);
    assert_eq!(block_on(next), 8);
}

#[test]
fn each_of_many_futures_hears_the_send() {
    let tick = Tick::new("tick");
    let all: Vec<_> = (0..10).map(|i| tick.next(move |_, n| n * 10 + i)).collect();
    tick.send("clock", &7);
    let values: Vec<u32> = all.into_iter().map(block_on).collect();
    assert_eq!(values, (70..80).collect::<Vec<_>>());
}

#[test]
fn the_waker_of_the_last_poll_is_woken_once() {
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    let tick = Tick::new("tick");
    let mut next = pin!(tick.next(|_, n| *n));
    let counts = [0, 0].map(|n| Arc::new(Count(AtomicU32::new(n))));
    for count in &counts {
        let waker = Waker::from(count.clone());
        assert!(
            next.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    tick.send("clock", &7);
    tick.send("clock", &8);
    assert_eq!(counts.map(|count| count.0.load(Ordering::Relaxed)), [0, 1]);
}

#[test]
fn a_send_of_another_thread_wakes_the_future() {
    let tick = Tick::new("tick");
    let next = tick.next(|_, n| *n);
    let got = thread::scope(|scope| {
        let waits = scope.spawn(|| block_on(next));
        tick.send("clock", &7);
        waits.join().unwrap()
    });
    assert_eq!(got, 7);
}

#[test]
fn one_of_many_sends_at_the_same_time_is_the_next_one() {
    for _ in 0..200 {
        let tick = Tick::new("tick");
        let next = tick.next(|_, n| *n);
        thread::scope(|scope| {
            for n in 0..3 {
                let tick = &tick;
                scope.spawn(move || tick.send("clock", &n));
            }
        });
        assert!(block_on(next) < 3);
        assert!(!tick.has_receivers());
    }
}

#[test]
fn an_async_signal_has_a_next_send_too() {
    let tick: AsyncSignal<str, u32> = AsyncSignal::new("tick");
    let next = tick.next(|_, n| *n);
    block_on(tick.send("clock", &7));
    assert_eq!(block_on(next), 7);
}

#[test]
fn the_future_of_a_static_signal_crosses_threads() {
    static TICK: Signal<str, u32> = Signal::new("tick");
    let next = TICK.next(|_, n| *n);
    let waits = thread::spawn(move || block_on(next));
    TICK.send("clock", &7);
    assert_eq!(waits.join().unwrap(), 7);
}

#[test]
fn the_receiver_of_the_future_is_described_by_the_line_that_made_it() {
    let tick = Tick::new("tick");
    let line = line!() + 1;
    let _next = tick.next(|_, n| *n);
    let receiver = &tick.receivers()[0];
    assert_eq!((receiver.file(), receiver.line()), (file!(), line));
}
