//! A.5: code of the user that panics where it is least expected, in every place at which the bus calls it.
//!
//! One place after the other panics, in every way to send. Then the whole is done again while a panic unwinds, where a
//! second one that gets out would end the process.

mod support;

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::task::{Context, Wake, Waker};

use signals::{Answer, AsyncSignal, Event, Observing, Outcomes, Said, Sender, Signal, Task};
use support::{Log, block_on, poll_once, yield_now};

thread_local! {
    /// The place that panics.
    static ARMED: Cell<&'static str> = const { Cell::new("") };
    /// Whether it has.
    static HAS_PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// A panic on purpose.
struct OnPurpose;

/// Panics if this place is to.
fn at(place: &'static str) {
    if ARMED.get() == place {
        HAS_PANICKED.set(true);
        panic_any(OnPurpose);
    }
}

/// Has these panics print nothing. Not while one unwinds: the hook cannot be exchanged then.
fn be_quiet() {
    static IS_QUIET: Once = Once::new();
    IS_QUIET.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.payload().is::<OnPurpose>() {
                before(panic);
            }
        }));
    });
}

/// Has one test run at a time: of an observer that one of them removes, the send of another may be the last holder.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs something while a place panics. Returns whether it did.
fn armed<T>(place: &'static str, run: impl FnOnce() -> T) -> (T, bool) {
    if !std::thread::panicking() {
        be_quiet();
    }
    ARMED.set(place);
    HAS_PANICKED.set(false);
    let result = run();
    ARMED.set("");
    (result, HAS_PANICKED.get())
}

/// Panics when it is dropped, and when it is cloned.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        at(self.0);
    }
}

struct Who;

impl Clone for Who {
    fn clone(&self) -> Self {
        at("the clone of the sender");
        Self
    }
}

struct Key(Bomb);

impl Sender for Who {
    type Key = Key;

    fn key(&self) -> Key {
        at("the key");
        Key(Bomb("the drop of a key"))
    }

    fn is_gone(_: &Key) -> bool {
        at("is_gone");
        false
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, _: &mut H) {
        at("the hash of a key");
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        at("the equality of keys");
        self.0.0 == other.0.0
    }
}

impl Eq for Key {}

#[derive(Clone)]
struct Bad(#[allow(dead_code, reason = "it is dropped")] Arc<Bomb>);

impl Bad {
    fn new() -> Self {
        Self(Arc::new(Bomb("the drop of an error")))
    }
}

impl fmt::Debug for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        at("the debug text of an error");
        f.write_str("Bad")
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        at("the text of an error");
        f.write_str("bad")
    }
}

impl Error for Bad {}

/// An error that becomes one only when the bus asks.
struct Late;

impl From<Late> for Box<dyn Error + Send + Sync> {
    fn from(_: Late) -> Self {
        at("the conversion of an error");
        Box::new(Bad::new())
    }
}

type Outcome = Bomb;

fn describe(_: &Outcome) -> String {
    at("the description of an outcome");
    "an outcome".to_owned()
}

fn captures() -> impl Fn(&Who, &u32) -> Option<Outcome> + Send + Sync + 'static {
    let captured = Bomb("the drop of captures");
    move |_: &Who, _: &u32| {
        let _captured = &captured;
        at("a receiver");
        Some(Bomb("the drop of an outcome"))
    }
}

fn condition() -> impl Fn(&Who, &u32) -> bool + Send + Sync + 'static {
    let captured = Bomb("the drop of a condition");
    move |_: &Who, _: &u32| {
        let _captured = &captured;
        at("a condition");
        true
    }
}

/// Connects the receivers that both kinds of signal can have. Plain ones, so there is one text for both.
macro_rules! connect_plain {
    ($signal:expr, $log:expr) => {{
        let (signal, log) = ($signal, $log);
        signal.connect(log.writes("first"));
        signal
            .receiver(captures())
            .from(&Who)
            .when(condition())
            .connect();
        signal.connect(|_: &Who, _: &u32| Err::<(), _>(Late));
        signal.receiver(log.writes("last")).order(1).connect();
    }};
}

type Plain = Signal<Who, u32, Outcome>;
type Async = AsyncSignal<Who, u32, Outcome>;
type Tasks = Arc<Mutex<Vec<Task>>>;

/// A way to send: `None` if it panicked before there were outcomes.
type Way = (&'static str, fn(&Bus) -> Outcomes<Outcome>);

struct Bus {
    plain: Plain,
    asynchronous: Async,
    tasks: Tasks,
    log: Log,
}

impl Bus {
    fn new() -> Self {
        let bus = Self {
            plain: Plain::new("plain").describe(describe),
            asynchronous: Async::new("async").describe(describe),
            tasks: Tasks::default(),
            log: Log::default(),
        };
        connect_plain!(&bus.plain, &bus.log);
        connect_plain!(&bus.asynchronous, &bus.log);
        bus.asynchronous.connect(|_: &Who, _: &u32| {
            at("the start of an async receiver");
            async {
                let _held = Bomb("the drop of a future");
                yield_now().await;
                at("an async receiver");
            }
        });
        let tasks = Arc::clone(&bus.tasks);
        bus.asynchronous
            .receiver(async |_: &Who, _: &u32| at("a receiver in the background"))
            .detached_on(move |task| {
                at("spawn");
                tasks.lock().unwrap().push(task);
            })
            .connect();
        bus
    }

    fn run_tasks(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap());
        tasks.into_iter().for_each(block_on);
    }
}

fn observed<T>(send: impl FnOnce() -> T) -> T {
    let held = Bomb("the drop of an observer");
    let _watching = signals::observe(move |event: &Event<'_>| {
        let _held = &held;
        at("an observer");
        if let Event::Answered {
            said: Said::Failed(failure),
            ..
        } = event
        {
            let _ = format!("{failure} {failure:?}");
        }
    });
    send()
}

async fn walked(signal: &Async) -> Outcomes<Outcome> {
    let mut walk = signal.emit(&Who, &1);
    let mut outcomes: Vec<Answer<Outcome>> = Vec::new();
    while let Some(answer) = walk.next().await {
        outcomes.push(answer);
    }
    outcomes.into_iter().collect()
}

const WAYS: [Way; 8] = [
    ("send", |bus| bus.plain.send(&Who, &1)),
    ("send, observed", |bus| {
        observed(|| bus.plain.send(&Who, &1))
    }),
    ("emit", |bus| bus.plain.emit(&Who, &1).collect()),
    ("async send", |bus| {
        block_on(bus.asynchronous.send(&Who, &1))
    }),
    ("async send, observed", |bus| {
        observed(|| block_on(bus.asynchronous.send(&Who, &1)))
    }),
    ("async emit", |bus| block_on(walked(&bus.asynchronous))),
    ("concurrent", |bus| {
        block_on(bus.asynchronous.send_concurrent(&Who, &1))
    }),
    ("concurrent, observed", |bus| {
        observed(|| block_on(bus.asynchronous.send_concurrent(&Who, &1)))
    }),
];

/// What is documented of a place that panics.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Felt {
    /// The send panics before it calls a receiver.
    BySend,
    /// The receiver has failed.
    AsFailure,
    /// The sender feels the panic when it drops the outcomes.
    ByOwner,
    Never,
}

const PLACES: [(&str, Felt); 22] = [
    ("the key", Felt::BySend),
    ("the hash of a key", Felt::BySend),
    ("the equality of keys", Felt::BySend),
    ("the drop of a key", Felt::Never),
    ("is_gone", Felt::Never),
    ("a condition", Felt::AsFailure),
    ("a receiver", Felt::AsFailure),
    ("the start of an async receiver", Felt::AsFailure),
    ("an async receiver", Felt::AsFailure),
    ("the drop of a future", Felt::AsFailure),
    ("spawn", Felt::AsFailure),
    ("the clone of the sender", Felt::AsFailure),
    ("a receiver in the background", Felt::Never),
    ("the conversion of an error", Felt::Never),
    ("the text of an error", Felt::Never),
    ("the debug text of an error", Felt::Never),
    ("the drop of an error", Felt::Never),
    ("the drop of an outcome", Felt::ByOwner),
    ("the description of an outcome", Felt::Never),
    ("an observer", Felt::Never),
    ("the drop of an observer", Felt::Never),
    ("the drop of captures", Felt::Never),
];

/// What there is to a send in which nothing panics.
fn heals(bus: &Bus, case: &str, send: fn(&Bus) -> Outcomes<Outcome>) {
    bus.log.take();
    let outcomes = send(bus);
    assert_eq!(bus.log.take(), ["first", "last"], "{case}");
    assert_eq!(outcomes.failures().count(), 1, "{case}");
    assert_eq!(outcomes.outcomes().count(), 1, "{case}");
    drop(outcomes);
    bus.run_tasks();
}

/// Sends while a place panics, reads and drops what there is to read, and checks who feels it.
fn check(place: &'static str, felt: Felt, way: &str, send: fn(&Bus) -> Outcomes<Outcome>) {
    let case = format!("{place}, {way}");
    let bus = Bus::new();
    let (sent, has_panicked) = armed(place, || catch_unwind(AssertUnwindSafe(|| send(&bus))));
    let ran = bus.log.take();
    if felt == Felt::BySend {
        assert!(sent.is_err() && has_panicked, "{case}");
        assert!(ran.is_empty(), "{case}: {ran:?}");
        return heals(&bus, &case, send);
    }
    let Ok(outcomes) = sent else {
        panic!("{case}: the send panicked");
    };
    assert_eq!(ran, ["first", "last"], "{case}");
    let failures = 1 + usize::from(felt == Felt::AsFailure && has_panicked);
    assert_eq!(outcomes.failures().count(), failures, "{case}");
    let (read, _) = armed(place, || {
        let texts = outcomes.failures().map(|(_, it)| format!("{it} {it:?}"));
        texts.collect::<Vec<_>>()
    });
    assert_eq!(read.len(), failures, "{case}");
    let (dropped, _) = armed(place, || catch_unwind(AssertUnwindSafe(|| drop(outcomes))));
    assert_eq!(dropped.is_err(), felt == Felt::ByOwner, "{case}");
    armed(place, || bus.run_tasks());
    armed(place, || {
        bus.plain.receivers().len() + bus.asynchronous.receivers().len()
    });
    heals(&bus, &case, send);
    armed(place, || drop(bus));
}

fn check_all() {
    for (place, felt) in PLACES {
        for (way, send) in WAYS {
            check(place, felt, way, send);
        }
    }
}

#[test]
fn a05_a_panic_of_the_user_is_felt_where_it_is_documented_and_the_next_send_is_whole() {
    let _alone = alone();
    check_all();
}

#[test]
fn a05_a_panic_of_the_user_while_another_unwinds_does_not_abort() {
    let _alone = alone();
    struct Unwinding;

    impl Drop for Unwinding {
        fn drop(&mut self) {
            assert!(std::thread::panicking());
            check_all();
        }
    }

    be_quiet();
    let unwound = catch_unwind(|| {
        let _unwinding = Unwinding;
        panic_any(OnPurpose);
    });
    assert!(unwound.is_err());
}

#[test]
fn a05_every_place_panics_in_some_way_to_send() {
    let _alone = alone();
    let leave = ["the drop of a condition"];
    for place in PLACES.iter().map(|(place, _)| *place).chain(leave) {
        let mut ways = WAYS.iter();
        let has_panicked = ways.any(|(_, send)| {
            let (_, has_panicked) = armed(place, || {
                let bus = catch_unwind(Bus::new);
                let Ok(bus) = bus else { return };
                let _ = catch_unwind(AssertUnwindSafe(|| {
                    let outcomes = send(&bus);
                    let failures = outcomes.failures();
                    let texts: Vec<_> = failures.map(|(_, it)| format!("{it} {it:?}")).collect();
                    drop((texts, outcomes));
                }));
                bus.run_tasks();
            });
            has_panicked
        });
        assert!(has_panicked, "{place}");
    }
}

#[test]
fn a03_disconnecting_feels_no_panic_of_what_it_drops() {
    let _alone = alone();
    let places = [
        "the drop of captures",
        "the drop of a condition",
        "the drop of a key",
    ];
    for place in places {
        let bus = Bus::new();
        let (left, has_panicked) = armed(place, || bus.plain.disconnect_all());
        assert!(has_panicked, "{place}");
        assert_eq!(left, 4, "{place}");
    }
}

#[test]
fn a03_a_waker_that_panics_reaches_neither_the_one_who_disconnects_nor_other_waits() {
    let _alone = alone();
    struct Panics(Log);

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            self.0.note("woken");
            at("a waker");
        }
    }

    let signal = Async::new("a");
    let pending = async |_: &Who, _: &u32| std::future::pending::<()>().await;
    let connection = signal.connect(pending);
    let mut send = Box::pin(signal.send(&Who, &1));
    assert!(poll_once(send.as_mut()).is_pending());
    let log = Log::default();
    let waker = Waker::from(Arc::new(Panics(log.clone())));
    let mut waits = [(); 2].map(|()| Box::pin(connection.disconnect_and_wait_async()));
    for wait in &mut waits {
        let mut context = Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut context).is_pending());
    }
    let ((), has_panicked) = armed("a waker", || drop(send));
    assert!(has_panicked);
    assert_eq!(log.take(), ["woken", "woken"]);
    for wait in &mut waits {
        let wait = pin!(wait);
        assert!(poll_once(wait).is_ready());
    }
}

#[test]
fn a06_connecting_feels_a_panic_of_a_key_and_nothing_is_connected() {
    let _alone = alone();
    for place in ["the key", "the hash of a key"] {
        let signal = Plain::new("a");
        let connect = || {
            let receiver = signal.receiver(|_: &Who, _: &u32| ());
            receiver.from(&Who).connect()
        };
        connect();
        let (connected, has_panicked) =
            armed(place, || catch_unwind(AssertUnwindSafe(connect)).is_ok());
        assert!(has_panicked && !connected, "{place}");
        assert_eq!(signal.receivers().len(), 1, "{place}");
        connect();
        assert_eq!(signal.send(&Who, &1).ran(), 2, "{place}");
    }
}

#[test]
fn a05_two_observers_that_go_at_once_may_both_panic() {
    let _alone = alone();
    struct Panics;

    impl Drop for Panics {
        fn drop(&mut self) {
            panic_any(OnPurpose);
        }
    }

    be_quiet();
    let watching: Arc<Mutex<Vec<Observing>>> = Arc::default();
    for _ in 0..2 {
        let (all, panics) = (watching.clone(), Panics);
        // The one that hears of it removes both, while the send has a list of them.
        let remove = move |event: &Event<'_>| {
            let _ = &panics;
            if matches!(event, Event::Sent { signal, .. } if *signal == "the last one") {
                all.lock().unwrap().clear();
            }
        };
        watching.lock().unwrap().push(signals::observe(remove));
    }
    Plain::new("the last one").send(&Who, &1);
    assert!(watching.lock().unwrap().is_empty());
}

#[test]
fn a06_connecting_compares_no_keys() {
    let _alone = alone();
    let signal = Plain::new("a");
    let connect = || {
        let receiver = signal.receiver(|_: &Who, _: &u32| ());
        receiver.from(&Who).connect()
    };
    connect();
    let (_, has_panicked) = armed("the equality of keys", connect);
    assert!(!has_panicked);
}

#[cfg(feature = "inventory")]
mod registered {
    use super::*;
    use signals::receiver;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static SIGNAL: Plain = Signal::new("registered");
    static TRIES: AtomicUsize = AtomicUsize::new(0);

    #[receiver(SIGNAL, when = condition())]
    fn a(_: &Who, _: &u32) {}

    #[receiver(SIGNAL, order = order())]
    fn b(_: &Who, _: &u32) {}

    fn order() -> i32 {
        if TRIES.fetch_add(1, Ordering::Relaxed) == 0 {
            panic_any(OnPurpose);
        }
        1
    }

    #[test]
    fn a10_an_option_that_panics_drops_the_conditions_that_panic_too() {
        let place = "the drop of a condition";
        let first_use = || SIGNAL.send(&Who, &1);
        let (sent, has_panicked) = armed(place, || catch_unwind(AssertUnwindSafe(first_use)));
        assert!(sent.is_err() && has_panicked);
        assert_eq!(SIGNAL.send(&Who, &1).ran(), 2);
    }
}

#[test]
fn a07_a_builder_that_is_dropped_feels_no_panic_of_its_condition() {
    let _alone = alone();
    let signal = Plain::new("a");
    let receiver = signal.receiver(captures()).from(&Who).when(condition());
    let ((), has_panicked) = armed("the drop of a condition", || drop(receiver));
    assert!(has_panicked && !signal.has_receivers());
}
