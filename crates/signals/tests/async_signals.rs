//! A.8 and the forms of receivers: what can be connected, and how async sends run.

mod support;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use signals::{AsyncSignal, Event, Said, Signal, Task};
use support::{Log, block_on, poll_once, yield_now};

/// Neither `Clone` nor `Send`able parts are asked of a payload; here it is `Sync`, for the future's sake.
struct Order {
    items: Vec<String>,
}

fn order() -> Order {
    Order {
        items: vec!["tea".to_owned(), "milk".to_owned()],
    }
}

async fn item(shop: &str, order: &Order) -> Option<String> {
    yield_now().await;
    Some(format!("{shop}: {}", order.items[0]))
}

async fn silent(_: &str, _: &Order) {}

async fn fails(_: &str, _: &Order) -> Result<Option<String>, std::fmt::Error> {
    Err(std::fmt::Error)
}

fn plain(_: &str, order: &Order) -> Option<String> {
    Some(order.items[1].clone())
}

#[test]
fn every_form_of_receiver_connects_with_one_word() {
    let signal = AsyncSignal::<str, Order, String>::new("a");
    let prefix = Arc::new("x".to_owned());
    signal.connect(item);
    signal.connect(silent);
    signal.connect(fails);
    signal.connect(plain);
    signal.connect(|_: &str, _: &Order| ());
    signal.connect(|_: &str, _: &Order| Some("closure".to_owned()));
    signal.connect(async |shop: &str, order: &Order| {
        yield_now().await;
        Some(format!("{shop}, {}", order.items.len()))
    });
    signal.connect(move |_: &str, order: &Order| {
        let (prefix, count) = (Arc::clone(&prefix), order.items.len());
        async move {
            yield_now().await;
            Ok::<_, String>(Some(format!("{prefix}{count}")))
        }
    });
    let outcomes = block_on(signal.send("shop", &order()));
    let said: Vec<_> = outcomes.outcomes().map(|(_, text)| text.as_str()).collect();
    assert_eq!(said, ["shop: tea", "milk", "closure", "shop, 2", "x2"]);
    assert_eq!(outcomes.failures().count(), 1);
    assert_eq!(outcomes.ran(), 8);
}

#[test]
fn a_plain_signal_takes_payloads_that_are_neither_clone_nor_send_nor_sync() {
    let signal = Signal::<str, std::rc::Rc<std::cell::Cell<u32>>, Infallible>::new("a");
    signal.connect(|_: &str, cell: &std::rc::Rc<std::cell::Cell<u32>>| cell.set(cell.get() + 1));
    let cell = std::rc::Rc::new(std::cell::Cell::new(1));
    signal.send("s", &cell);
    assert_eq!(cell.get(), 2);
}

#[test]
fn a08_the_future_of_a_send_can_cross_threads() {
    static SIGNAL: AsyncSignal<str, Order, String> = AsyncSignal::new("crossing");
    SIGNAL.connect(item);
    fn spawn(future: impl Future<Output = usize> + Send + 'static) -> usize {
        std::thread::spawn(move || block_on(future)).join().unwrap()
    }
    let ran = spawn(async {
        let order = order();
        SIGNAL.send("s", &order).await.ran()
    });
    assert_eq!(ran, 1);
}

#[test]
fn a08_plain_and_async_receivers_run_one_after_the_other() {
    let signal = AsyncSignal::<str, u32, Infallible>::new("a");
    let log = Log::default();
    let inner = log.clone();
    signal.connect(move |_: &str, _: &u32| {
        let log = inner.clone();
        async move {
            log.note("async, begins");
            yield_now().await;
            log.note("async, ends");
        }
    });
    signal.connect(log.writes("plain"));
    signal.receiver(log.writes("early")).order(-1).connect();
    block_on(signal.send("s", &1));
    assert_eq!(
        log.take(),
        ["early", "async, begins", "async, ends", "plain"]
    );
}

#[test]
fn a08_a_send_that_is_dropped_calls_nobody_any_more() {
    let signal = AsyncSignal::<str, u32, Infallible>::new("a");
    let log = Log::default();
    signal.connect(log.writes("first"));
    signal.connect(async |_: &str, _: &u32| std::future::pending::<()>().await);
    signal.connect(log.writes("never"));
    let mut send = Box::pin(signal.send("s", &1));
    assert!(poll_once(send.as_mut()).is_pending());
    drop(send);
    assert_eq!(log.take(), ["first"]);
}

#[test]
fn a08_a_deadline_around_next_can_name_and_abandon_who_overran() {
    let signal = AsyncSignal::<str, u32, u32>::new("a");
    signal
        .receiver(async |_: &str, _: &u32| std::future::pending::<()>().await)
        .named("stuck")
        .connect();
    signal.connect(|_: &str, n: &u32| Some(*n));
    let mut walk = signal.emit("s", &9);
    assert!(walk.running().is_none());
    assert!(poll_once(Box::pin(walk.next()).as_mut()).is_pending());
    assert_eq!(walk.running().unwrap().name(), "stuck");
    assert!(poll_once(Box::pin(walk.next()).as_mut()).is_pending());
    assert_eq!(walk.abandon().unwrap().name(), "stuck");
    assert_eq!(block_on(walk.next()).unwrap().into_outcome(), Some(9));
    assert!(block_on(walk.next()).is_none());
}

#[test]
fn a08_concurrent_receivers_wait_at_the_same_time_and_answer_in_order() {
    let signal = AsyncSignal::<str, u32, u32>::new("a");
    let log = Log::default();
    for (name, turns) in [("slow", 3), ("quick", 1)] {
        let log = log.clone();
        signal.connect(move |_: &str, _: &u32| {
            let log = log.clone();
            async move {
                log.note(format!("{name} begins"));
                for _ in 0..turns {
                    yield_now().await;
                }
                log.note(format!("{name} ends"));
                Some(turns)
            }
        });
    }
    signal.receiver(log.writes("plain")).order(1).connect();
    signal.connect(|_: &str, _: &u32| Err::<(), _>("plain failure"));
    let outcomes = block_on(signal.send_concurrent("s", &1));
    assert_eq!(
        log.take(),
        [
            "slow begins",
            "quick begins",
            "plain",
            "quick ends",
            "slow ends"
        ]
    );
    let answers: Vec<_> = outcomes.outcomes().map(|(_, turns)| *turns).collect();
    assert_eq!(answers, [3, 1]);
    assert_eq!((outcomes.ran(), outcomes.failures().count()), (4, 1));
}

#[test]
fn a08_a_concurrent_send_that_is_dropped_drops_all_that_runs() {
    let signal = AsyncSignal::<str, u32, u32>::new("a");
    let log = Log::default();
    for _ in 0..2 {
        let log = log.clone();
        signal.connect(move |_: &str, _: &u32| {
            let canary = support::Canary(log.clone(), "dropped");
            async move {
                let _canary = canary;
                std::future::pending::<()>().await;
            }
        });
    }
    let mut send = Box::pin(signal.send_concurrent("s", &1));
    assert!(poll_once(send.as_mut()).is_pending());
    drop(send);
    assert_eq!(log.take(), ["dropped", "dropped"]);
}

#[test]
fn a08_detached_receivers_do_not_hold_up_the_send() {
    let signal = AsyncSignal::<str, u32, u32>::new("detaching");
    let log = Log::default();
    let tasks: Arc<Mutex<Vec<Task>>> = Arc::default();
    let (spawned, inner, canary) = (
        Arc::clone(&tasks),
        log.clone(),
        support::Canary(log.clone(), "dropped"),
    );
    let connection = signal
        .receiver(move |sender: &str, payload: &u32| {
            let (log, text) = (inner.clone(), format!("{sender}{payload}"));
            let _canary = &canary;
            async move {
                yield_now().await;
                log.note(text);
                Err::<(), _>("too late")
            }
        })
        .detached_on(move |task| spawned.lock().unwrap().push(task))
        .connect();
    signal.connect(|_: &str, n: &u32| Some(*n));
    let payload = 7;
    let outcomes = block_on(signal.send("s", &payload));
    assert_eq!(outcomes.first(), Some(&7));
    assert!(log.take().is_empty(), "the task has not run yet");

    let seen = log.clone();
    let watching = signals::observe(move |event: &Event<'_>| {
        if let Event::Ended {
            signal: "detaching",
            said: Said::Failed(failure),
            ..
        } = event
        {
            seen.note(format!("failed: {failure}"));
        }
    });
    connection.disconnect();
    let task = tasks.lock().unwrap().pop().unwrap();
    block_on(task);
    drop(watching);
    assert_eq!(log.take(), ["s7", "failed: too late", "dropped"]);
}
