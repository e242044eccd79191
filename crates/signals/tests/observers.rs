//! A.12: what observers and recorders see.

mod support;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use signals::{AsyncSignal, Connection, Event, Observing, Ran, Recorder, Said, Signal, Skip};
use support::{Log, block_on, poll_once, yield_now};

fn lines(recorder: &Recorder, signal: &str) -> Vec<String> {
    let sends = recorder.sends_of(signal);
    let calls = sends.iter().flat_map(|send| &send.calls);
    calls
        .map(|call| format!("{} {:?}", call.receiver.name(), call.ran))
        .collect()
}

#[test]
fn a12_recorder_tells_who_ran_and_what_came_of_it() {
    let signal = Signal::<str, u32, u32>::new("recorded").describe(|n| format!("<{n}>"));
    signal
        .receiver(|_: &str, n: &u32| Some(*n))
        .named("answers")
        .connect();
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("silent")
        .order(4)
        .connect();
    signal
        .receiver(|_: &str, _: &u32| Err::<(), _>("no"))
        .named("fails")
        .order(5)
        .connect();
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("elsewhere")
        .from("other")
        .order(6)
        .connect();
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("never")
        .when(|_, _| false)
        .order(7)
        .connect();
    let recorder = Recorder::start(10);
    signal.send("s", &7);
    let sends = recorder.sends_of("recorded");
    assert_eq!(sends.len(), 1);
    assert!(sends[0].complete && sends[0].took.is_some());
    assert_eq!(sends[0].calls[3].receiver.order(), 5);
    assert!(sends[0].calls[3].receiver.file().ends_with("observers.rs"));
    assert_eq!(
        lines(&recorder, "recorded"),
        [
            "elsewhere Skipped(OtherSender)",
            "answers Outcome(\"<7>\")",
            "silent Nothing",
            "fails Failed(\"no\")",
            "never Skipped(Condition)"
        ]
    );
}

#[test]
fn a12_recorder_keeps_the_last_sends_in_the_order_of_their_start() {
    let outer = Arc::new(Signal::<str, u32, ()>::new("bounded"));
    let inner = Arc::downgrade(&outer);
    outer.connect(move |_: &str, n: &u32| {
        if *n > 0 {
            inner.upgrade().unwrap().send("s", &(n - 1));
        }
    });
    let recorder = Recorder::start(1000);
    outer.send("s", &2);
    let sends = recorder.sends_of("bounded");
    assert_eq!(sends.len(), 3);
    assert!(sends.is_sorted_by_key(|send| send.id));
    assert!(sends[0].took >= sends[1].took);
    recorder.clear();
    assert!(recorder.sends_of("bounded").is_empty());

    let small = Recorder::start(2);
    for n in 0..5 {
        Signal::<str, u32, ()>::new("many").send("s", &n);
    }
    assert!(small.sends().len() <= 2);
}

#[test]
fn a12_recorder_keeps_interleaved_async_sends_apart() {
    let signal = AsyncSignal::<str, u32, u32>::new("interleaved").describe(u32::to_string);
    signal
        .receiver(async |_: &str, n: &u32| {
            yield_now().await;
            Some(*n)
        })
        .named("r")
        .connect();
    let recorder = Recorder::start(100);
    let mut one = Box::pin(signal.send("s", &1));
    let mut two = Box::pin(signal.send("s", &2));
    assert!(poll_once(one.as_mut()).is_pending());
    assert!(poll_once(two.as_mut()).is_pending());
    assert_eq!(lines(&recorder, "interleaved"), ["r Running", "r Running"]);
    assert!(poll_once(two.as_mut()).is_ready());
    drop(one);
    assert_eq!(
        lines(&recorder, "interleaved"),
        ["r Abandoned", "r Outcome(\"2\")"]
    );
    let sends = recorder.sends_of("interleaved");
    assert!(!sends[0].complete && sends[1].complete);
}

#[test]
fn a12_recorder_is_bounded_also_in_the_receivers_of_a_send() {
    let signal = Signal::<u32, u32, ()>::new("crowded");
    for sender in 0..1_500 {
        let receiver = signal.receiver(|_: &u32, _: &u32| ());
        receiver.from(&sender).connect();
    }
    let recorder = Recorder::start(1_000);
    signal.send(&1_400, &1);
    let sends = recorder.sends_of("crowded");
    assert_eq!((sends[0].calls.len(), sends[0].omitted), (1_000, 500));
}

#[test]
fn a12_recorder_may_be_asked_by_a_failure_that_it_records() {
    #[derive(Debug)]
    struct Curious(Recorder);

    impl fmt::Display for Curious {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} so far", self.0.sends_of("curious").len())
        }
    }

    impl std::error::Error for Curious {}

    let recorder = Recorder::start(10);
    let signal = Signal::<str, u32, ()>::new("curious");
    let asked = recorder.clone();
    let fails = move |_: &str, _: &u32| Err::<(), _>(Curious(asked.clone()));
    signal.receiver(fails).named("r").connect();
    signal.send("s", &1);
    assert_eq!(lines(&recorder, "curious"), ["r Failed(\"1 so far\")"]);
}

#[test]
fn a12_recorder_shows_what_was_skipped_and_why() {
    let signal = Signal::<str, u32, ()>::new("skipping");
    let blocked = signal.receiver(|_: &str, _: &u32| ()).named("r").connect();
    let recorder = Recorder::start(100);
    let _blocked = blocked.block();
    signal.send("s", &1);
    let muted = signal.mute();
    signal.send("s", &1);
    drop(muted);
    let sends = recorder.sends_of("skipping");
    assert_eq!(sends[0].calls[0].ran, Ran::Skipped(Skip::Blocked));
    assert_eq!(sends[1].calls[0].ran, Ran::Skipped(Skip::Muted));
}

#[test]
fn a12_observers_see_connections_and_the_use_of_signals_inside_them_is_not_observed() {
    let signal = Arc::new(Signal::<str, u32, ()>::new("watched"));
    let log = Log::default();
    let (noted, again) = (log.clone(), Arc::downgrade(&signal));
    let watching = signals::observe(move |event: &Event<'_>| match event {
        Event::Connected {
            signal: "watched",
            receiver,
            ..
        } => {
            noted.note(format!("connected {}", receiver.name()));
        }
        Event::Disconnected {
            signal: "watched",
            receiver,
            ..
        } => {
            noted.note(format!("disconnected {}", receiver.name()));
        }
        Event::Sent {
            signal: "watched", ..
        } => {
            noted.note("sent");
            again.upgrade().unwrap().send("observer", &2);
        }
        _ => {}
    });
    let connection = signal.receiver(|_: &str, _: &u32| ()).named("r").connect();
    signal.send("s", &1);
    connection.disconnect();
    drop(watching);
    signal.send("s", &1);
    assert_eq!(log.take(), ["connected r", "sent", "disconnected r"]);
}

#[test]
fn a12_an_observer_that_panics_disturbs_nobody() {
    let signal = AsyncSignal::<str, u32, u32>::new("disturbed");
    signal.connect(|_: &str, n: &u32| Some(*n));
    let watching = signals::observe(|event: &Event<'_>| {
        assert!(
            !matches!(
                event,
                Event::Sent {
                    signal: "disturbed",
                    ..
                }
            ),
            "seen"
        );
    });
    assert_eq!(block_on(signal.send("s", &3)).first(), Some(&3));
    drop(watching);
}

#[test]
fn a12_an_observer_looks_at_what_is_sent_by_its_type() {
    let (numbers, texts) = (
        Signal::<str, u32, ()>::new("looked at"),
        Signal::<u32, str, ()>::new("looked at"),
    );
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let watching = signals::observe(move |event: &Event<'_>| {
        if let Event::Sent {
            signal: "looked at",
            sender,
            payload,
            ..
        } = event
        {
            let number = payload.look(|number: &u32| *number);
            let text = payload.look(|text: &str| text.to_owned());
            let from = sender.look(|from: &str| from.len());
            kept.lock().unwrap().push((number, text, from));
        }
    });
    numbers.send("desk", &7);
    texts.send(&1, "seven");
    drop(watching);
    let expected = [
        (Some(7), None, Some(4)),
        (None, Some("seven".to_owned()), None),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

/// Has an observer wait for a receiver at an event. Returns where it notes what comes of that.
fn waits_at(
    is_event: fn(&Event<'_>) -> bool,
    receiver: Connection,
) -> (Observing, Arc<Mutex<Vec<&'static str>>>) {
    let said = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&said);
    let observing = signals::observe(move |event: &Event<'_>| {
        if is_event(event) {
            noted
                .lock()
                .unwrap()
                .push(match receiver.disconnect_and_wait_for(Duration::ZERO) {
                    Ok(_) => "ended",
                    Err(error) if error.is_timeout() => "goes on without end",
                    Err(_) => "refused",
                });
        }
    });
    (observing, said)
}

#[test]
fn a12_an_observer_of_the_end_of_a_send_may_wait_for_its_receivers() {
    const IS_EVENT: fn(&Event<'_>) -> bool = |event| {
        matches!(
            event,
            Event::Done {
                signal: "waited for",
                ..
            }
        )
    };
    let plain = Signal::<str, u32, u32>::new("waited for");
    let (observing, said) = waits_at(IS_EVENT, plain.connect(|_, n| Some(*n)));
    plain.send("s", &1);
    drop(observing);
    assert_eq!(*said.lock().unwrap(), ["ended"]);
    let signal = AsyncSignal::<str, u32, u32>::new("waited for");
    for is_concurrent in [false, true] {
        let receiver = signal.connect(async |_: &str, n: &u32| {
            yield_now().await;
            Some(*n)
        });
        let (observing, said) = waits_at(IS_EVENT, receiver);
        if is_concurrent {
            block_on(signal.send_concurrent("s", &1));
        } else {
            block_on(signal.send("s", &1));
        }
        drop(observing);
        assert_eq!(*said.lock().unwrap(), ["ended"], "{is_concurrent}");
    }
}

#[test]
fn a12_an_observer_is_refused_a_wait_for_a_receiver_whose_send_is_just_dropped() {
    const IS_EVENT: fn(&Event<'_>) -> bool = |event| {
        matches!(
            event,
            Event::Answered {
                signal: "dropped",
                said: Said::Abandoned,
                ..
            }
        )
    };
    let signal = AsyncSignal::<str, u32, u32>::new("dropped");
    let receiver = signal.connect(async |_: &str, _: &u32| std::future::pending::<()>().await);
    let (observing, said) = waits_at(IS_EVENT, receiver);
    let mut send = Box::pin(signal.send("s", &1));
    assert!(poll_once(send.as_mut()).is_pending());
    drop(send);
    drop(observing);
    assert_eq!(*said.lock().unwrap(), ["refused"]);
}

#[test]
fn a12_an_observer_of_the_end_of_a_task_is_refused_a_wait_for_it() {
    const IS_EVENT: fn(&Event<'_>) -> bool = |event| {
        matches!(
            event,
            Event::Ended {
                signal: "ended",
                ..
            }
        )
    };
    let signal = AsyncSignal::<str, u32, u32>::new("ended");
    let (spawned, tasks) = std::sync::mpsc::channel();
    let receiver = signal.receiver(async |_: &str, _: &u32| ());
    let receiver = receiver.detached_on(move |task| spawned.send(task).unwrap());
    let (observing, said) = waits_at(IS_EVENT, receiver.connect());
    block_on(signal.send("s", &1));
    block_on(tasks.recv().unwrap());
    drop(observing);
    assert_eq!(*said.lock().unwrap(), ["refused"]);
}
