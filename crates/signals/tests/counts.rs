//! A.3, A.6, A.7: all questions about the receivers of a signal have one answer at one time.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signals::{Connection, Signal};

type Shop = Arc<str>;
type Plain = Signal<Shop, u32, ()>;

/// A signal to which one receiver was connected, and what keeps it in its situation.
struct Case {
    signal: &'static Plain,
    sender: Shop,
    connection: Connection,
    _keeps: Box<dyn Any>,
}

fn silent(_: &Shop, _: &u32) {}

fn case(connect: impl FnOnce(&'static Plain, &Shop) -> (Connection, Box<dyn Any>)) -> Case {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name: &'static str = format!("counts::{number}").leak();
    let signal = Box::leak(Box::new(Plain::new(name)));
    let sender: Shop = "shop".into();
    let (connection, _keeps) = connect(signal, &sender);
    Case {
        signal,
        sender,
        connection,
        _keeps,
    }
}

fn none() -> Box<dyn Any> {
    Box::new(())
}

/// A situation, and whether a receiver is connected in it.
type Situation = (&'static str, bool, fn() -> Case);

const SITUATIONS: [Situation; 16] = [
    ("connected", true, || {
        case(|signal, _| (signal.connect(silent), none()))
    }),
    ("bound", true, || {
        case(|signal, shop| (signal.receiver(silent).from(shop).connect(), none()))
    }),
    ("with a living owner", true, || {
        case(|signal, _| {
            let owner = Arc::new(1);
            (
                signal.receiver(silent).weak(&owner).connect(),
                Box::new(owner),
            )
        })
    }),
    ("blocked", true, || {
        case(|signal, _| {
            let connection = signal.connect(silent);
            let blocked = connection.block();
            (connection, Box::new(blocked))
        })
    }),
    ("muted", true, || {
        case(|signal, _| (signal.connect(silent), Box::new(signal.mute())))
    }),
    ("with a condition that never holds", true, || {
        case(|signal, _| {
            let receiver = signal.receiver(silent).when(|_, _| false);
            (receiver.connect(), none())
        })
    }),
    ("once, not sent", true, || {
        case(|signal, _| (signal.receiver(silent).once().connect(), none()))
    }),
    ("zero times", true, || {
        case(|signal, _| (signal.receiver(silent).times(0).connect(), none()))
    }),
    ("once, sent", false, || {
        case(|signal, shop| {
            let connection = signal.receiver(silent).once().connect();
            signal.send(shop, &1);
            (connection, none())
        })
    }),
    ("once, sent while observed", false, || {
        case(|signal, shop| {
            let connection = signal.receiver(silent).once().connect();
            let _watching = signals::observe(|_: &signals::Event<'_>| {});
            signal.send(shop, &1);
            (connection, none())
        })
    }),
    ("disconnected", false, || {
        case(|signal, _| {
            let connection = signal.connect(silent);
            connection.disconnect();
            (connection, none())
        })
    }),
    ("all disconnected", false, || {
        case(|signal, _| {
            let connection = signal.connect(silent);
            signal.disconnect_all();
            (connection, none())
        })
    }),
    ("key disconnected", false, || {
        case(|signal, _| {
            let connection = signal.receiver(silent).key("k").connect();
            signal.disconnect_key("k");
            (connection, none())
        })
    }),
    ("with an owner that is gone", false, || {
        case(|signal, _| {
            let owner = Arc::new(1);
            let receiver = signal.receiver(silent).key("k");
            (receiver.weak(&owner).connect(), none())
        })
    }),
    ("bound to a sender that is gone", false, || {
        case(|signal, _| {
            let other: Shop = "shop".into();
            (signal.receiver(silent).from(&other).connect(), none())
        })
    }),
    ("blocked, with an owner that is gone", false, || {
        case(|signal, _| {
            let owner = Arc::new(1);
            let connection = signal.receiver(silent).weak(&owner).connect();
            let blocked = connection.block();
            (connection, Box::new(blocked))
        })
    }),
];

type Question = (&'static str, fn(&Case) -> bool);

const QUESTIONS: [Question; 12] = [
    ("has_receivers", |it| it.signal.has_receivers()),
    ("receivers", |it| it.signal.receivers().len() == 1),
    ("has_receivers_for", |it| {
        it.signal.has_receivers_for(&it.sender)
    }),
    ("receivers_for", |it| {
        it.signal.receivers_for(&it.sender).len() == 1
    }),
    ("is_connected", |it| it.connection.is_connected()),
    ("names", |it| {
        let receivers = it.signal.receivers();
        receivers.iter().any(|one| one.name() == "counts::silent")
    }),
    ("all", |it| {
        let all = signals::all();
        let signal = all.iter().find(|one| one.name == it.signal.name());
        !signal.unwrap().receivers.is_empty()
    }),
    ("map", |it| {
        let map = signals::map();
        let mut signals = map.signals().iter();
        let signal = signals.find(|one| one.name == it.signal.name());
        !signal.unwrap().receivers.is_empty()
    }),
    ("disconnect", |it| it.connection.disconnect()),
    ("disconnect_all", |it| it.signal.disconnect_all() == 1),
    ("disconnect_and_wait", |it| {
        it.connection.disconnect_and_wait().unwrap()
    }),
    ("debug", |it| {
        format!("{:?}", it.connection).contains("connected: true")
    }),
];

#[test]
fn a03_every_question_has_the_answer_of_its_situation() {
    let mut wrong = Vec::new();
    for (situation, expected, make) in SITUATIONS {
        for (question, ask) in QUESTIONS {
            // Asked first: a question may change what the next one finds.
            if ask(&make()) != expected {
                wrong.push(format!("{situation}: {question}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a03_every_question_has_the_same_answer_after_every_other() {
    for (situation, expected, make) in SITUATIONS {
        for (first, ask_first) in &QUESTIONS[..8] {
            let case = make();
            ask_first(&case);
            for (question, ask) in &QUESTIONS[..8] {
                assert_eq!(
                    ask(&case),
                    expected,
                    "{situation}: {question} after {first}"
                );
            }
        }
    }
}

#[test]
fn a09_a_key_of_a_receiver_that_is_gone_is_free() {
    let signal = Plain::new("counts::key");
    // With so many that may go, connecting does not look at each of them.
    let living: Vec<_> = (0..100).map(Arc::new).collect();
    for owner in &living {
        signal.receiver(silent).weak(owner).connect();
    }
    let owner = Arc::new(1);
    let connection = signal.receiver(silent).weak(&owner).key("k").connect();
    assert!(signal.receiver(silent).key("k").try_connect().is_err());
    drop(owner);
    assert!(signal.receiver(silent).key("k").try_connect().is_ok());
    assert!(!connection.is_connected());
}

#[test]
fn a09_a_key_of_a_receiver_that_is_gone_is_not_there_to_be_disconnected() {
    let signal = Plain::new("counts::key");
    let owner = Arc::new(1);
    signal.receiver(silent).weak(&owner).key("k").connect();
    drop(owner);
    assert!(!signal.disconnect_key("k"));
}

#[test]
fn a07_a_receiver_that_is_gone_is_not_blocked() {
    for (situation, is_connected, make) in SITUATIONS {
        let case = make();
        let is_blocked = case.connection.is_blocked();
        assert_eq!(is_blocked, situation == "blocked", "{situation}");
        assert!(is_connected || !is_blocked);
    }
}

#[test]
fn a03_a_receiver_whose_signal_is_gone_is_not_connected() {
    let signal = Plain::new("counts::gone");
    let connection = signal.connect(silent);
    drop(signal);
    assert!(!connection.is_connected() && !connection.is_blocked() && !connection.disconnect());
}
