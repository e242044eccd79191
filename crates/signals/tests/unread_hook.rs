//! A.5: a failure that a sender does not read reaches the hook of the process.
//!
//! In a program of its own, which has one hook for all tests. They are told apart by the names of their receivers.

mod support;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use signals::{AsyncSignal, Connection, Outcomes, Signal, UnreadFailure, on_unread_failure};
use support::{block_on, poll_once};

type Counts = Signal<str, u32, u32>;

static TOLD: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());

/// The receiver that the hook waits for, and what comes of that.
static AWAITED: Mutex<Option<Connection>> = Mutex::new(None);
static SAID: Mutex<&str> = Mutex::new("");

/// What the hook has been told of the receiver of this name.
fn told(receiver: &str) -> Vec<String> {
    let mut told = TOLD.lock().unwrap();
    told.remove(receiver).unwrap_or_default()
}

fn hook(unread: &UnreadFailure<'_>) {
    let name = unread.receiver.name().to_owned();
    let text = match unread.signal {
        Some(signal) => format!("{} in the background of {signal}", unread.failure),
        None => unread.failure.to_string(),
    };
    TOLD.lock()
        .unwrap()
        .entry(name.clone())
        .or_default()
        .push(text);
    match name.as_str() {
        "the hook panics" => panic!("the hook's own"),
        // Without end, if it were told of that.
        "the hook sends" => drop(failing("the hook sends").send("hook", &1)),
        "the hook waits" => {
            let awaited = AWAITED.lock().unwrap().take();
            *SAID.lock().unwrap() = match awaited.unwrap().disconnect_and_wait_for(Duration::ZERO) {
                Ok(_) => "ended",
                Err(error) if error.is_timeout() => "goes on without end",
                Err(_) => "refused",
            };
        }
        _ => {}
    }
}

fn failing(name: &'static str) -> Counts {
    static IS_SET: Once = Once::new();
    IS_SET.call_once(|| on_unread_failure(hook));
    let signal = Counts::new("unread_hook");
    let fails = |_: &str, _: &u32| Err::<(), _>("lost");
    signal.receiver(fails).named(name).connect();
    signal.connect(|_: &str, n: &u32| Some(*n));
    signal
}

/// What a sender does with the outcomes.
type Way = (&'static str, fn(Outcomes<u32>));

#[test]
fn a05_every_way_to_leave_a_failure_unread_is_told_once() {
    let ways: [Way; 6] = [
        ("drop", drop),
        ("first", |outcomes| assert_eq!(outcomes.first(), Some(&1))),
        ("into_first", |outcomes| {
            assert_eq!(outcomes.into_first(), Some(1));
        }),
        ("outcomes", |outcomes| {
            assert_eq!(outcomes.outcomes().count(), 1);
        }),
        ("into_outcomes", |outcomes| {
            assert_eq!(outcomes.into_outcomes().count(), 1);
        }),
        ("ran", |outcomes| assert_eq!(outcomes.ran(), 2)),
    ];
    let signal = failing("every way");
    for (way, leave) in ways {
        leave(signal.send("s", &1));
        assert_eq!(told("every way"), ["lost"], "{way}");
    }
}

#[test]
fn a05_a_failure_that_the_sender_reads_is_not_told() {
    let ways: [Way; 5] = [
        ("failures", |outcomes| {
            assert_eq!(outcomes.failures().count(), 1);
        }),
        ("answers", |outcomes| {
            assert_eq!(outcomes.answers().len(), 2);
        }),
        ("iter", |outcomes| {
            assert_eq!((&outcomes).into_iter().count(), 2);
        }),
        ("into_iter", |outcomes| {
            assert_eq!(outcomes.into_iter().count(), 2);
        }),
        ("into_result", |outcomes| {
            assert!(outcomes.into_result().is_err());
        }),
    ];
    let signal = failing("read");
    for (way, read) in ways {
        read(signal.send("s", &1));
        assert!(told("read").is_empty(), "{way}");
    }
}

#[test]
fn a05_the_failures_after_the_first_are_told_when_a_result_is_made() {
    let signal = failing("first");
    let fails = |_: &str, _: &u32| Err::<(), _>("lost, too");
    signal.receiver(fails).named("second").connect();
    assert!(signal.send("s", &1).into_result().is_err());
    assert_eq!((told("first").len(), told("second").len()), (0, 1));
}

#[test]
fn a05_a_panic_of_a_receiver_that_is_unread_is_told() {
    let signal = failing("panicking beside");
    let panics = |_: &str, _: &u32| -> Option<u32> { panic!("boom") };
    signal.receiver(panics).named("panics").connect();
    drop(signal.send("s", &1));
    assert_eq!(told("panics"), ["panicked: boom"]);
}

#[test]
fn a05_a_failure_in_the_background_is_told_with_its_signal() {
    drop(failing("beside the background"));
    let signal = AsyncSignal::<str, u32, u32>::new("tasks");
    let (spawned, tasks) = std::sync::mpsc::channel();
    signal
        .receiver(async |_: &str, _: &u32| Err::<(), _>("lost"))
        .named("background")
        .detached_on(move |task| spawned.send(task).unwrap())
        .connect();
    block_on(signal.send("s", &1));
    block_on(tasks.recv().unwrap());
    assert_eq!(told("background"), ["lost in the background of tasks"]);
}

#[test]
fn a05_the_failures_of_an_async_send_that_is_dropped_half_way_are_told() {
    drop(failing("beside the half"));
    let signal = AsyncSignal::<str, u32, u32>::new("half");
    let fails = |_: &str, _: &u32| Err::<(), _>("lost");
    signal.receiver(fails).named("half way").connect();
    signal.connect(async |_: &str, _: &u32| std::future::pending::<()>().await);
    let mut send = Box::pin(signal.send("s", &1));
    assert!(poll_once(send.as_mut()).is_pending());
    drop(send);
    assert_eq!(told("half way"), ["lost"]);
    let mut send = Box::pin(signal.send_concurrent("s", &1));
    assert!(poll_once(send.as_mut()).is_pending());
    drop(send);
    assert_eq!(told("half way"), ["lost"], "concurrent");
}

/// One test at a time: the hook waits for one receiver.
static WAITS: Mutex<()> = Mutex::new(());

#[test]
fn a05_a_hook_may_wait_for_a_receiver_of_the_send_that_was_dropped() {
    let _alone = WAITS.lock().unwrap_or_else(PoisonError::into_inner);
    drop(failing("beside the wait"));
    for is_concurrent in [false, true] {
        let signal = AsyncSignal::<str, u32, u32>::new("waits");
        let fails = |_: &str, _: &u32| Err::<(), _>("lost");
        let receiver = signal.receiver(fails).named("the hook waits").connect();
        signal.connect(async |_: &str, _: &u32| std::future::pending::<()>().await);
        *AWAITED.lock().unwrap() = Some(receiver);
        if is_concurrent {
            let mut send = Box::pin(signal.send_concurrent("s", &1));
            assert!(poll_once(send.as_mut()).is_pending());
        } else {
            let mut send = Box::pin(signal.send("s", &1));
            assert!(poll_once(send.as_mut()).is_pending());
        }
        assert_eq!(*SAID.lock().unwrap(), "ended", "{is_concurrent}");
    }
}

#[test]
fn a05_a_hook_is_refused_a_wait_for_the_task_that_failed() {
    let _alone = WAITS.lock().unwrap_or_else(PoisonError::into_inner);
    drop(failing("beside the task"));
    let signal = AsyncSignal::<str, u32, u32>::new("waits");
    let (spawned, tasks) = std::sync::mpsc::channel();
    let receiver = signal
        .receiver(async |_: &str, _: &u32| Err::<(), _>("lost"))
        .named("the hook waits")
        .detached_on(move |task| spawned.send(task).unwrap())
        .connect();
    *AWAITED.lock().unwrap() = Some(receiver);
    block_on(signal.send("s", &1));
    block_on(tasks.recv().unwrap());
    assert_eq!(*SAID.lock().unwrap(), "refused");
}

#[test]
fn a05_a_hook_that_panics_reaches_no_sender() {
    let signal = failing("the hook panics");
    drop(signal.send("s", &1));
    // While a panic of the sender's unwinds, a second one would end the process.
    let sender = || {
        let _outcomes = signal.send("s", &1);
        panic!("the sender's own");
    };
    assert!(catch_unwind(AssertUnwindSafe(sender)).is_err());
    assert_eq!(told("the hook panics").len(), 2);
}

#[test]
fn a05_what_a_hook_sends_itself_is_not_told() {
    drop(failing("the hook sends").send("s", &1));
    assert_eq!(told("the hook sends").len(), 1);
}
