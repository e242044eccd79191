//! The sends of a signal, as a stream with a bounded queue.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use signals::{AsyncSignal, Signal};
use support::{Canary, Log, block_on, poll_once};

type Tick = Signal<str, u32>;

#[test]
fn a_stream_hears_every_send_in_order() {
    let tick = Tick::new("tick");
    let mut ticks = tick.stream(8, |_, n| *n);
    for n in 0..3 {
        tick.send("clock", &n);
    }
    let heard = [
        block_on(ticks.next()),
        block_on(ticks.next()),
        block_on(ticks.next()),
    ];
    assert_eq!(heard, [Some(0), Some(1), Some(2)]);
}

#[test]
fn a_full_stream_drops_the_oldest_value_and_counts_it() {
    let tick = Tick::new("tick");
    let mut ticks = tick.stream(2, |_, n| *n);
    for n in 0..5 {
        tick.send("clock", &n);
    }
    assert_eq!(ticks.missed(), 3);
    assert_eq!(
        [ticks.try_next(), ticks.try_next(), ticks.try_next()],
        [Some(3), Some(4), None]
    );
}

#[test]
fn a_stream_that_keeps_up_misses_nothing() {
    let tick = Tick::new("tick");
    let mut ticks = tick.stream(1, |_, n| *n);
    for n in 0..100 {
        tick.send("clock", &n);
        assert_eq!(ticks.try_next(), Some(n));
    }
    assert_eq!(ticks.missed(), 0);
}

#[test]
fn a_large_capacity_takes_no_memory_before_it_is_used() {
    let tick = Tick::new("tick");
    let mut ticks = tick.stream(usize::MAX, |_, n| *n);
    tick.send("clock", &7);
    assert_eq!(ticks.try_next(), Some(7));
}

#[test]
#[should_panic(expected = "a stream needs a queue of at least one value")]
fn a_capacity_of_nothing_is_refused() {
    let _ = Tick::new("tick").stream(0, |_, n| *n);
}

#[test]
fn the_future_of_next_may_be_dropped_without_loss() {
    let tick = Tick::new("tick");
    let mut ticks = tick.stream(8, |_, n| *n);
    {
        let mut next = pin!(ticks.next());
        assert!(poll_once(next.as_mut()).is_pending());
        tick.send("clock", &7);
    }
    assert_eq!(ticks.try_next(), Some(7));
}

#[test]
fn poll_next_is_ready_when_a_value_waits() {
    let tick = Tick::new("tick");
    let mut ticks = tick.stream(8, |_, n| *n);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(ticks.poll_next(&mut cx).is_pending());
    tick.send("clock", &7);
    assert_eq!(ticks.poll_next(&mut cx), Poll::Ready(Some(7)));
}

#[test]
fn nothing_is_connected_after_the_stream_is_dropped() {
    let tick = Tick::new("tick");
    drop(tick.stream(8, |_, n| *n));
    assert!(!tick.has_receivers());
}

#[test]
fn a_stream_ends_after_its_values_when_all_receivers_are_disconnected() {
    let tick = Tick::new("tick");
    let mut ticks = tick.stream(8, |_, n| *n);
    tick.send("clock", &7);
    tick.disconnect_all();
    assert_eq!(block_on(ticks.next()), Some(7));
    assert_eq!(block_on(ticks.next()), None);
}

#[test]
fn a_stream_that_waits_ends_with_its_signal() {
    let tick = Arc::new(Tick::new("tick"));
    let mut ticks = tick.stream(8, |_, n| *n);
    let waits = thread::spawn(move || block_on(ticks.next()));
    drop(tick);
    assert_eq!(waits.join().unwrap(), None);
}

#[test]
fn values_that_are_missed_are_dropped_at_once() {
    let (tick, log) = (Tick::new("tick"), Log::default());
    let noted = log.clone();
    let ticks = tick.stream(1, move |_, _| Canary(noted.clone(), "dropped"));
    tick.send("clock", &1);
    tick.send("clock", &2);
    assert_eq!(log.take(), ["dropped"]);
    drop(ticks);
    assert_eq!(log.take(), ["dropped"]);
}

#[test]
fn a_value_may_use_the_signal_when_it_is_dropped() {
    struct Uses(Arc<Tick>);

    impl Drop for Uses {
        fn drop(&mut self) {
            self.0.disconnect_all();
        }
    }

    let tick = Arc::new(Tick::new("tick"));
    let weak = Arc::downgrade(&tick);
    let mut ticks = tick.stream(1, move |_, _| Uses(weak.upgrade().unwrap()));
    tick.send("clock", &1);
    tick.send("clock", &2);
    assert!(block_on(ticks.next()).is_some());
    assert!(block_on(ticks.next()).is_none());
}

#[test]
fn what_many_threads_send_is_heard_or_counted() {
    const EACH: u32 = 1000;
    let tick = Tick::new("tick");
    let mut ticks = tick.stream(64, |_, n| *n);
    let heard = thread::scope(|scope| {
        for thread in 0..3 {
            let tick = &tick;
            scope.spawn(move || {
                for n in 0..EACH {
                    tick.send("clock", &(thread * EACH + n));
                }
            });
        }
        let mut heard = 0;
        while heard + ticks.missed() < u64::from(3 * EACH) {
            heard += u64::from(ticks.try_next().is_some());
            thread::yield_now();
        }
        heard
    });
    // Those that wait were counted as neither.
    let waiting = std::iter::from_fn(|| ticks.try_next()).count() as u64;
    assert_eq!(heard + waiting + ticks.missed(), u64::from(3 * EACH));
}

#[test]
fn an_async_signal_has_a_stream_too() {
    let tick: AsyncSignal<str, u32> = AsyncSignal::new("tick");
    let mut ticks = tick.stream(8, |_, n| *n);
    block_on(tick.send("clock", &7));
    assert_eq!(block_on(ticks.next()), Some(7));
}

#[test]
#[cfg(feature = "stream")]
fn a_stream_is_a_stream_of_futures_core() {
    use futures_core::Stream;

    let tick = Tick::new("tick");
    let mut ticks = pin!(tick.stream(8, |_, n| *n));
    tick.send("clock", &7);
    assert_eq!(ticks.size_hint(), (1, None));
    let polled = ticks
        .as_mut()
        .poll_next(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(Some(7)));
}

#[test]
fn a_value_and_a_projection_that_go_at_once_may_both_panic() {
    struct Panics;

    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }

    let (saved, captured) = (Signal::<str, u32>::new("saved"), Panics);
    let sends = saved.stream(1, move |_, _| {
        let _ = &captured;
        Panics
    });
    saved.send("editor", &7);
    drop(sends);
    assert!(!saved.has_receivers());
}
