//! Signals that keep the value that was sent last, for receivers that connect later.

mod support;

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;

use signals::Sticky;
use support::{Canary, Dice, Log, block_on};

type Number = Sticky<(), u64>;

/// What one receiver heard.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u64>>>);

impl Heard {
    fn writes(&self) -> impl Fn(&(), &u64) + Send + Sync + 'static {
        let heard = self.clone();
        move |(), n| heard.0.lock().unwrap().push(*n)
    }

    fn all(&self) -> Vec<u64> {
        self.0.lock().unwrap().clone()
    }
}

#[test]
fn a_receiver_hears_the_last_value_when_it_is_connected() {
    let (number, heard) = (Number::new("number"), Heard::default());
    number.send(&(), &1);
    number.send(&(), &2);
    number.connect(heard.writes());
    assert_eq!(heard.all(), [2]);
}

#[test]
fn a_receiver_hears_nothing_when_nothing_was_sent() {
    let (number, heard) = (Number::new("number"), Heard::default());
    number.connect(heard.writes());
    assert_eq!(heard.all(), [0_u64; 0]);
}

#[test]
fn a_receiver_hears_every_value_that_is_sent_after_it_was_connected() {
    let (number, heard) = (Number::new("number"), Heard::default());
    number.connect(heard.writes());
    number.send(&(), &1);
    number.send(&(), &1);
    number.send(&(), &2);
    assert_eq!(heard.all(), [1, 1, 2]);
}

#[test]
fn a_late_receiver_is_heard_by_no_other() {
    let (number, early, late) = (Number::new("number"), Heard::default(), Heard::default());
    number.connect(early.writes());
    number.send(&(), &1);
    number.connect(late.writes());
    assert_eq!((early.all(), late.all()), (vec![1], vec![1]));
}

#[test]
fn a_late_receiver_is_lent_the_sender_of_the_last_value() {
    let (online, log): (Sticky<str, bool>, _) = (Sticky::new("online"), Log::default());
    online.send("modem", &true);
    let noted = log.clone();
    online.connect(move |who, online| noted.note(format!("{who} {online}")));
    assert_eq!(log.take(), ["modem true"]);
}

#[test]
fn a_static_holds_a_sticky_signal() {
    static NUMBER: Number = Sticky::new("number");
    let heard = Heard::default();
    NUMBER.send(&(), &1);
    NUMBER.connect(heard.writes());
    assert_eq!(heard.all(), [1]);
}

#[test]
fn the_latest_value_is_the_one_that_was_sent_last() {
    let number = Number::new("number");
    assert_eq!(number.latest(), None);
    number.send(&(), &1);
    number.send(&(), &2);
    assert_eq!(number.latest(), Some(2));
}

#[test]
fn a_late_receiver_hears_nothing_of_a_value_that_was_forgotten() {
    let (number, heard) = (Number::new("number"), Heard::default());
    number.send(&(), &1);
    assert!(number.forget());
    number.connect(heard.writes());
    number.send(&(), &2);
    assert_eq!(heard.all(), [2]);
}

#[test]
fn a_value_is_dropped_when_the_next_one_is_sent() {
    #[derive(Clone)]
    struct Value {
        _canary: Arc<Canary>,
    }

    let (value, log): (Sticky<(), Value>, _) = (Sticky::new("value"), Log::default());
    let of = |text| Value {
        _canary: Arc::new(Canary(log.clone(), text)),
    };
    value.send(&(), &of("first"));
    assert!(log.take().is_empty());
    value.send(&(), &of("second"));
    assert_eq!(log.take(), ["first"]);
}

#[test]
fn a_value_is_heard_though_both_parts_of_the_one_before_panic_when_they_are_dropped() {
    struct Value(bool);

    impl Clone for Value {
        fn clone(&self) -> Self {
            Self(true)
        }
    }

    impl Drop for Value {
        fn drop(&mut self) {
            assert!(!self.0, "the drop of a clone");
        }
    }

    let (value, log) = (Sticky::<Value, Value>::new("value"), Log::default());
    value.send(&Value(false), &Value(false));
    let note = log.clone();
    value.connect(move |_, _| note.note("heard"));
    value.send(&Value(false), &Value(false));
    assert_eq!(log.take(), ["heard", "heard"]);
    value.forget();
}

#[test]
fn the_options_of_a_receiver_apply_to_the_first_value() {
    let (number, heard) = (Number::new("number"), Heard::default());
    number.send(&(), &1);
    number.receiver(heard.writes()).once().connect();
    number
        .receiver(heard.writes())
        .when(|(), n| *n > 1)
        .connect();
    assert_eq!(heard.all(), [1]);
    number.send(&(), &2);
    assert_eq!(heard.all(), [1, 2]);
}

#[test]
fn a_receiver_of_another_sender_hears_neither_the_first_value_nor_others() {
    let (online, log): (Sticky<str, bool>, _) = (Sticky::new("online"), Log::default());
    online.send("modem", &true);
    online
        .receiver(log.writes("heard"))
        .from("router")
        .connect();
    assert!(log.take().is_empty());
    online.send("router", &true);
    assert_eq!(log.take(), ["heard"]);
}

#[test]
fn receivers_run_in_their_order() {
    let (number, log) = (Number::new("number"), Log::default());
    number.connect(log.writes("second"));
    number.receiver(log.writes("first")).order(-1).connect();
    number.send(&(), &1);
    assert_eq!(log.take(), ["first", "second"]);
}

#[test]
fn a_weak_method_hears_the_last_value() {
    struct Panel(AtomicU64);

    impl Panel {
        fn show(&self, (): &(), n: &u64) {
            self.0.store(*n, Ordering::Relaxed);
        }
    }

    let number = Number::new("number");
    number.send(&(), &7);
    let panel = Arc::new(Panel(AtomicU64::new(0)));
    number.connect_weak(&panel, Panel::show);
    assert_eq!(panel.0.load(Ordering::Relaxed), 7);
    drop(panel);
    assert!(!number.has_receivers());
}

#[test]
fn a_stream_begins_with_the_last_value() {
    let number = Number::new("number");
    number.send(&(), &1);
    let mut numbers = number.stream(8, |(), n| *n);
    number.send(&(), &2);
    assert_eq!(block_on(numbers.next()), Some(1));
    assert_eq!(block_on(numbers.next()), Some(2));
}

#[test]
fn a_value_sent_by_a_receiver_is_heard_after_the_present_one_by_all() {
    let number = Arc::new(Number::new("number"));
    let (early, late) = (Heard::default(), Heard::default());
    number.connect(early.writes());
    let inside = Arc::downgrade(&number);
    number.connect(move |(), n| {
        if *n < 3 {
            inside.upgrade().unwrap().send(&(), &(n + 1));
        }
    });
    number.connect(late.writes());
    number.send(&(), &1);
    assert_eq!(early.all(), [1, 2, 3]);
    assert_eq!(late.all(), [1, 2, 3]);
}

#[test]
fn a_receiver_connected_by_a_receiver_hears_the_present_value_once() {
    let (number, heard) = (Arc::new(Number::new("number")), Heard::default());
    let (inside, writes) = (Arc::downgrade(&number), heard.clone());
    number
        .receiver(move |(), _| {
            inside.upgrade().unwrap().connect(writes.writes());
        })
        .once()
        .connect();
    number.send(&(), &1);
    number.send(&(), &2);
    assert_eq!(heard.all(), [1, 2]);
}

#[test]
fn a_receiver_connected_while_a_value_is_delivered_hears_it_from_the_other_thread() {
    let (number, heard) = (Number::new("number"), Heard::default());
    let ((tells, arrived), (goes_on, waits)) = (mpsc::channel(), mpsc::channel::<()>());
    let (tells, waits) = (Mutex::new(tells), Mutex::new(waits));
    number
        .receiver(move |(), _| {
            tells.lock().unwrap().send(()).unwrap();
            waits.lock().unwrap().recv().unwrap();
        })
        .once()
        .connect();
    thread::scope(|scope| {
        scope.spawn(|| number.send(&(), &1));
        arrived.recv().unwrap();
        number.connect(heard.writes());
        number.send(&(), &2);
        assert_eq!(heard.all(), [0_u64; 0]);
        goes_on.send(()).unwrap();
    });
    assert_eq!(heard.all(), [1, 2]);
}

#[test]
fn a_receiver_that_is_disconnected_before_its_greeting_is_not_called() {
    let (number, heard) = (Arc::new(Number::new("number")), Heard::default());
    let (inside, writes) = (Arc::downgrade(&number), heard.clone());
    number.connect(move |(), _| {
        let connection = inside.upgrade().unwrap().connect(writes.writes());
        connection.disconnect();
    });
    number.send(&(), &1);
    assert_eq!(heard.all(), [0_u64; 0]);
}

#[test]
fn a_receiver_that_panics_does_not_stop_the_others() {
    let (number, heard) = (Number::new("number"), Heard::default());
    number.connect(|(), n| assert!(*n > 9, "broken"));
    number.connect(heard.writes());
    number.send(&(), &1);
    number.send(&(), &2);
    assert_eq!(heard.all(), [1, 2]);
}

#[test]
fn a_sender_whose_key_panics_stops_no_later_value() {
    #[derive(Clone)]
    struct Bad(bool);

    impl signals::Sender for Bad {
        type Key = ();

        fn key(&self) {
            assert!(!self.0, "no key");
        }
    }

    let (number, log): (Sticky<Bad, u64>, _) = (Sticky::new("number"), Log::default());
    number
        .receiver(log.writes("heard"))
        .from(&Bad(false))
        .connect();
    let sent = catch_unwind(|| number.send(&Bad(true), &1));
    assert!(sent.is_err());
    number.send(&Bad(false), &2);
    assert_eq!(log.take(), ["heard"]);
}

#[test]
fn a_receiver_that_sends_without_end_is_refused_instead_of_filling_the_memory() {
    let (number, heard) = (Arc::new(Number::new("number")), Heard::default());
    number.connect(heard.writes());
    let (inside, refused) = (Arc::downgrade(&number), Log::default());
    let refusals = refused.clone();
    number.connect(move |(), n| {
        let number = inside.upgrade().unwrap();
        let endless = || (1..3000).for_each(|n| number.send(&(), &n));
        if *n == 0 && catch_unwind(endless).is_err() {
            refusals.note("refused");
        }
    });
    number.send(&(), &0);
    assert_eq!(refused.take(), ["refused"]);
    assert_eq!(heard.all(), (0..=1024).collect::<Vec<_>>());
}

#[test]
fn a_sender_waits_for_room_while_another_thread_delivers() {
    let (number, heard) = (Number::new("number"), Heard::default());
    let ((tells, arrived), (goes_on, waits)) = (mpsc::channel(), mpsc::channel::<()>());
    let (tells, waits) = (Mutex::new(tells), Mutex::new(waits));
    number
        .receiver(move |(), _| {
            tells.lock().unwrap().send(()).unwrap();
            waits.lock().unwrap().recv().unwrap();
        })
        .once()
        .connect();
    number.connect(heard.writes());
    let sent = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| number.send(&(), &0));
        arrived.recv().unwrap();
        scope.spawn(|| {
            for n in 1..=3000 {
                number.send(&(), &n);
                sent.store(n, Ordering::Release);
            }
        });
        while sent.load(Ordering::Acquire) < 1024 {
            thread::yield_now();
        }
        (0..1000).for_each(|_| thread::yield_now());
        assert_eq!(sent.load(Ordering::Acquire), 1024);
        goes_on.send(()).unwrap();
    });
    assert_eq!(heard.all(), (0..=3000).collect::<Vec<_>>());
}

#[test]
fn a_muted_signal_keeps_the_value_for_later_receivers() {
    let (number, early, late) = (Number::new("number"), Heard::default(), Heard::default());
    number.connect(early.writes());
    let muted = number.mute();
    number.send(&(), &1);
    drop(muted);
    number.connect(late.writes());
    assert_eq!((early.all(), late.all()), (vec![], vec![1]));
}

#[cfg(feature = "inventory")]
mod registered {
    use super::*;

    static NUMBER: Number = Sticky::new("registered");
    static HEARD: Mutex<Vec<u64>> = Mutex::new(Vec::new());

    #[signals::receiver(NUMBER)]
    fn hears((): &(), n: &u64) {
        HEARD.lock().unwrap().push(*n);
    }

    #[test]
    fn a_registered_receiver_hears_every_value_from_the_first_one_on() {
        NUMBER.send(&(), &1);
        NUMBER.send(&(), &2);
        assert_eq!(*HEARD.lock().unwrap(), [1, 2]);
    }
}

/// All receivers hear one and the same sequence, from what was the latest when they were connected, to its end.
#[test]
fn threads_that_send_and_connect_hear_one_sequence_without_gaps() {
    const SENDERS: u64 = 3;
    const EACH: u64 = 40;
    for seed in 0..60 {
        let number = Number::new("number");
        let first = Heard::default();
        number.connect(first.writes());
        let (late, start) = (Mutex::new(Vec::new()), Barrier::new(SENDERS as usize + 2));
        thread::scope(|scope| {
            for sender in 0..SENDERS {
                let (number, start) = (&number, &start);
                scope.spawn(move || {
                    start.wait();
                    for n in 0..EACH {
                        number.send(&(), &(sender * EACH + n));
                    }
                });
            }
            for connects in 0..2 {
                let (number, late, start) = (&number, &late, &start);
                scope.spawn(move || {
                    let mut dice = Dice::new(seed * 2 + connects);
                    start.wait();
                    for _ in 0..10 {
                        (0..dice.roll(50)).for_each(|_| std::hint::spin_loop());
                        let before = number.latest();
                        let heard = Heard::default();
                        number.connect(heard.writes());
                        late.lock().unwrap().push((before, heard, number.latest()));
                    }
                });
            }
        });
        let whole = first.all();
        assert_eq!(whole.len() as u64, SENDERS * EACH);
        for sender in 0..SENDERS {
            let of_sender = |n: &&u64| **n / EACH == sender;
            let sent: Vec<u64> = whole.iter().filter(of_sender).copied().collect();
            let in_order: Vec<u64> = (sender * EACH..(sender + 1) * EACH).collect();
            assert_eq!(sent, in_order, "seed {seed}");
        }
        let place = |n: u64| whole.iter().position(|m| *m == n).unwrap();
        for (before, heard, after) in late.into_inner().unwrap() {
            let heard = heard.all();
            assert!(
                whole.ends_with(&heard),
                "seed {seed}: {heard:?} of {whole:?}"
            );
            let begins = whole.len() - heard.len();
            assert!(
                before.is_none_or(|before| place(before) <= begins),
                "seed {seed}"
            );
            assert!(
                after.is_none_or(|after| begins <= place(after)),
                "seed {seed}"
            );
        }
    }
}
