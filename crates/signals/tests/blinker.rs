//! What users of Python's blinker are used to, behaviour by behaviour, in the words of this crate.
//!
//! Where a behaviour differs on purpose, the test says so.

mod support;

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use signals::{AsyncSignal, Event, Namespace, Observing, Signal};
use support::{Log, block_on};

type Numbers = Signal<i64, str, Infallible>;

/// A receiver that writes down who sent.
fn hears(log: &Log) -> impl Fn(&i64, &str) + Send + Sync + 'static {
    let log = log.clone();
    move |sender: &i64, _: &str| log.note(sender.to_string())
}

/// Writes down who comes to a signal of this name and who leaves it.
fn watch(name: &'static str, log: &Log) -> Observing {
    let log = log.clone();
    signals::observe(move |event: &Event<'_>| match event {
        Event::Connected {
            signal, receiver, ..
        } if *signal == name => log.note(format!("connected {}", receiver.name())),
        Event::Disconnected {
            signal, receiver, ..
        } if *signal == name => log.note(format!("disconnected {}", receiver.name())),
        _ => {}
    })
}

#[test]
fn connecting_and_disconnecting_is_told_for_receivers_of_any_sender() {
    let (signal, log) = (Numbers::new("blinker::any"), Log::default());
    let _watching = watch("blinker::any", &log);
    let one = signal.receiver(hears(&log)).named("one").connect();
    signal.receiver(hears(&log)).named("two").connect();
    assert_eq!(log.take(), ["connected one", "connected two"]);
    one.disconnect();
    one.disconnect();
    assert_eq!(log.take(), ["disconnected one"]);
    signal.disconnect_all();
    assert_eq!(log.take(), ["disconnected two"]);
}

#[test]
fn connecting_and_disconnecting_is_told_for_receivers_of_one_sender() {
    let (signal, log) = (Numbers::new("blinker::one"), Log::default());
    let _watching = watch("blinker::one", &log);
    let bound = signal.receiver(hears(&log)).named("bound").from(&7);
    bound.connect().disconnect();
    assert_eq!(log.take(), ["connected bound", "disconnected bound"]);
}

/// Blinker says nothing when a weak receiver vanishes; here it is told once it is found out.
#[test]
fn a_weak_receiver_that_vanishes_is_told_and_never_called() {
    let (signal, log) = (Numbers::new("blinker::vanish"), Log::default());
    let _watching = watch("blinker::vanish", &log);
    let owner = Arc::new(());
    let weak = signal.receiver(hears(&log)).named("weak").weak(&owner);
    weak.connect();
    drop(owner);
    assert_eq!(log.take(), ["connected weak"]);
    signal.send(&1, "");
    assert_eq!(log.take(), ["disconnected weak"]);
    assert!(!signal.has_receivers());
}

#[test]
fn a_receiver_of_a_sender_that_vanishes_is_told_and_never_called() {
    let (signal, log) = (
        Signal::<Arc<str>, str, ()>::new("blinker::gone"),
        Log::default(),
    );
    let _watching = watch("blinker::gone", &log);
    let (first, second): (Arc<str>, Arc<str>) = ("x".into(), "x".into());
    let connect = |sender| {
        let receiver = signal.receiver(log.writes("heard")).named("r");
        receiver.from(sender).connect()
    };
    connect(&first).disconnect();
    assert_eq!(log.take(), ["connected r", "disconnected r"]);
    connect(&second);
    drop(second);
    log.take();
    signal.send(&first, "");
    assert!(log.take().is_empty());
    assert!(signal.receivers().is_empty());
    assert_eq!(log.take(), ["disconnected r"]);
}

#[test]
fn nothing_is_kept_of_receivers_that_are_disconnected() {
    let signal = Numbers::new("a");
    let captured = Arc::new(());
    let connections = [1, 2].map(|_| {
        let held = Arc::clone(&captured);
        let receiver = move |_: &i64, _: &str| drop(Arc::clone(&held));
        signal.receiver(receiver).from(&7).connect()
    });
    for (left, connection) in [(1, &connections[0]), (0, &connections[1])] {
        connection.disconnect();
        assert_eq!(signal.receivers_for(&7).len(), left);
        assert_eq!(Arc::strong_count(&captured), 1 + left);
    }
}

#[test]
fn a_name_stands_for_one_signal_in_its_namespace() {
    let (names, other) = (Namespace::new(), Namespace::new());
    let get = |namespace: &Namespace, name| namespace.signal::<i64, str, ()>(name).unwrap();
    assert!(names.names().is_empty());
    let signal = get(&names, "abc");
    assert!(Arc::ptr_eq(&signal, &get(&names, "abc")));
    assert!(!Arc::ptr_eq(&signal, &get(&names, "def")));
    assert!(!Arc::ptr_eq(&signal, &get(&other, "abc")));
    signal.connect(|_: &i64, _: &str| ());
    // The namespace keeps it, and its receivers with it.
    drop(signal);
    assert_eq!(names.names(), ["abc", "def"]);
    assert!(get(&names, "abc").has_receivers());
}

#[test]
fn a_name_stands_for_one_signal_in_the_process() {
    let get = || signals::named::<i64, str, ()>("blinker::process").unwrap();
    assert!(Arc::ptr_eq(&get(), &get()));
    assert_eq!(get().name(), "blinker::process");
}

#[test]
fn a_weak_receiver_does_not_keep_its_owner() {
    let (signal, log) = (Numbers::new("a"), Log::default());
    let owner = Arc::new(());
    signal.receiver(hears(&log)).weak(&owner).connect();
    assert_eq!(Arc::strong_count(&owner), 1);
    signal.send(&1, "");
    drop(owner);
    signal.send(&2, "");
    assert_eq!(log.take(), ["1"]);
    assert!(!signal.has_receivers());
}

/// In blinker receivers are weak unless told; here they are strong.
#[test]
fn a_receiver_is_kept_by_its_signal() {
    let (signal, log) = (Numbers::new("a"), Log::default());
    drop(signal.connect(hears(&log)));
    signal.send(&1, "");
    assert_eq!(log.take(), ["1"]);
    assert_eq!(signal.receivers().len(), 1);
}

/// In blinker a plain receiver needs a wrapper to be sent to asynchronously, and a plain send to an async
/// receiver is an error at run time; here it is one of the compiler (`tests/ui/async_on_plain.rs`).
#[test]
fn plain_and_async_receivers_are_sent_to_together() {
    async fn later(sender: &i64, _: &str) -> Option<i64> {
        Some(sender + 1)
    }

    fn now(sender: &i64, _: &str) -> Option<i64> {
        Some(sender + 2)
    }

    let signal = AsyncSignal::<i64, str, i64>::new("a");
    signal.connect(later);
    signal.connect(async |sender: &i64, _: &str| Some(*sender));
    signal.connect(now);
    let outcomes = block_on(signal.send(&10, ""));
    let pairs: Vec<_> = outcomes
        .outcomes()
        .map(|(receiver, value)| (receiver.position(), *value))
        .collect();
    assert_eq!(pairs, [(0, 11), (1, 10), (2, 12)]);
}

#[test]
fn a_method_of_an_object_receives_for_as_long_as_the_object_lives() {
    struct Bucket(Mutex<Vec<i64>>);

    impl Bucket {
        fn received(&self, sender: i64) {
            self.0.lock().unwrap().push(sender);
        }
    }

    let signal = Numbers::new("a");
    let bucket = Arc::new(Bucket(Mutex::default()));
    let object = Arc::downgrade(&bucket);
    signal
        .receiver(move |sender: &i64, _: &str| object.upgrade().unwrap().received(*sender))
        .weak(&bucket)
        .connect();
    signal.send(&1, "");
    assert_eq!(*bucket.0.lock().unwrap(), [1]);
    drop(bucket);
    assert_eq!(signal.send(&2, "").ran(), 0);
}

#[test]
fn a_filtered_receiver_hears_one_sender_until_it_is_disconnected() {
    let (signal, log) = (Numbers::new("a"), Log::default());
    for _ in 0..2 {
        let bound = signal.receiver(hears(&log)).from(&123).connect();
        signal.send(&1, "");
        assert!(log.take().is_empty());
        signal.send(&123, "");
        assert_eq!(log.take(), ["123"]);
        bound.disconnect();
        signal.send(&123, "");
        assert!(log.take().is_empty());
    }
}

#[test]
fn a_filtered_receiver_goes_with_its_sender() {
    let signal = Signal::<Arc<i64>, str, ()>::new("a");
    let sender = Arc::new(1);
    let log = Log::default();
    signal.receiver(log.writes("heard")).from(&sender).connect();
    signal.send(&sender, "");
    assert_eq!(log.take(), ["heard"]);
    assert_eq!(Arc::strong_count(&sender), 1, "it is not kept alive");
    drop(sender);
    assert!(signal.receivers().is_empty());
}

#[test]
fn senders_are_the_same_when_they_are_equal() {
    let (signal, log) = (Signal::<String, str, ()>::new("a"), Log::default());
    let sender = "123".to_owned();
    signal.receiver(log.writes("heard")).from(&sender).connect();
    signal.send(&123.to_string(), "");
    assert_eq!(log.take(), ["heard"]);
}

#[test]
fn two_connections_of_a_receiver_to_different_senders_are_called_once_each() {
    let (signal, log) = (Numbers::new("a"), Log::default());
    signal.receiver(hears(&log)).from(&123).connect();
    signal.receiver(hears(&log)).from(&7).connect();
    signal.send(&7, "");
    signal.send(&123, "");
    signal.send(&0, "");
    assert_eq!(log.take(), ["7", "123"]);
}

/// Blinker counts connections of one function as one. Here each is its own, unless a key says otherwise.
#[test]
fn a_receiver_connected_twice_is_called_twice_unless_it_has_a_key() {
    let (signal, log) = (Numbers::new("a"), Log::default());
    let connect = || signal.receiver(hears(&log)).key("r").try_connect();
    assert!(connect().is_ok() && connect().is_err());
    signal.send(&1, "");
    assert_eq!(log.take(), ["1"]);
    signal.connect(hears(&log));
    signal.send(&2, "");
    assert_eq!(log.take(), ["2", "2"]);
}

#[test]
fn a_signal_says_whether_and_which_receivers_a_sender_has() {
    let signal = Numbers::new("a");
    let names = |sender| -> Vec<String> {
        let receivers = signal.receivers_for(&sender);
        let names = receivers.iter().map(|receiver| receiver.name().to_owned());
        names.collect()
    };
    assert!(!signal.has_receivers() && !signal.has_receivers_for(&1));
    let bound = signal.receiver(|_: &i64, _: &str| ()).named("bound");
    let bound = bound.from(&1).connect();
    assert!(signal.has_receivers_for(&1) && !signal.has_receivers_for(&2));
    assert_eq!(
        (names(1).join(","), names(2).join(",")),
        ("bound".into(), String::new())
    );
    signal
        .receiver(|_: &i64, _: &str| ())
        .named("any")
        .connect();
    assert!(signal.has_receivers_for(&2));
    assert_eq!(names(1), ["bound", "any"]);
    bound.disconnect();
    assert_eq!(names(1), ["any"]);
}

/// What a signal is for is said in the documentation of its `static`; it prints its name.
#[test]
fn a_signal_prints_its_name() {
    assert!(format!("{:?}", Numbers::new("squiznart")).contains("squiznart"));
}

#[test]
fn a_muted_signal_calls_nobody() {
    let (signal, log) = (Numbers::new("a"), Log::default());
    signal.connect(hears(&log));
    signal.send(&1, "");
    {
        let _muted = signal.mute();
        signal.send(&2, "");
    }
    signal.send(&3, "");
    assert_eq!(log.take(), ["1", "3"]);
}

#[test]
fn a_temporary_connection_lasts_as_long_as_its_scope() {
    let (signal, log) = (Numbers::new("a"), Log::default());
    signal.send(&1, "");
    {
        let _scope = signal.connect(hears(&log)).scoped();
        signal.send(&2, "");
    }
    signal.send(&3, "");
    assert_eq!(log.take(), ["2"]);
    assert!(!signal.has_receivers());
}

#[test]
fn a_temporary_connection_may_be_to_one_sender() {
    let (signal, log) = (Numbers::new("a"), Log::default());
    {
        let _scope = signal.receiver(hears(&log)).from(&2).connect().scoped();
        signal.send(&1, "");
        signal.send(&2, "");
    }
    assert_eq!(log.take(), ["2"]);
    assert!(!signal.has_receivers());
}

#[test]
fn a_temporary_connection_ends_when_its_scope_panics() {
    let (signal, log) = (Numbers::new("a"), Log::default());
    let scope = || {
        let _scope = signal.connect(hears(&log)).scoped();
        signal.send(&2, "");
        panic!("out of the scope");
    };
    assert!(catch_unwind(AssertUnwindSafe(scope)).is_err());
    signal.send(&3, "");
    assert_eq!(log.take(), ["2"]);
    assert!(!signal.has_receivers());
}

#[test]
fn a_receiver_returns_to_the_sender_with_its_name() {
    let signal = Signal::<i64, str, String>::new("a");
    let greet = |_: &i64, text: &str| Some(format!("hello {text}"));
    signal.receiver(greet).named("greet").connect();
    let outcomes = signal.send(&1, "world");
    let (receiver, value) = outcomes.outcomes().next().unwrap();
    assert_eq!((receiver.name(), value.as_str()), ("greet", "hello world"));
}
