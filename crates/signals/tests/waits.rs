//! Waits for a receiver that has been disconnected: with a deadline, without blocking, and from everywhere inside.

mod support;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use signals::{AsyncSignal, Connection, Signal, WaitError};
use support::block_on;

type Tick = Signal<str, u32, Infallible>;
type Ticks = AsyncSignal<str, u32, Infallible>;

/// An async signal whose one receiver never ends, in a send that has begun.
fn stuck() -> (Ticks, Connection) {
    let signal = Ticks::new("stuck");
    let connection = signal.connect(async |_: &str, _: &u32| std::future::pending::<()>().await);
    (signal, connection)
}

#[test]
fn a03_a_wait_ends_at_its_deadline() {
    let (signal, connection) = stuck();
    let mut send = Box::pin(signal.send("s", &1));
    let mut context = Context::from_waker(Waker::noop());
    assert!(send.as_mut().poll(&mut context).is_pending());
    let waited = connection.disconnect_and_wait_for(Duration::from_millis(1));
    let error = waited.unwrap_err();
    assert!(error.is_timeout());
    assert!(
        error.to_string().ends_with("has not ended within 1ms"),
        "{error}"
    );
    assert!(!connection.is_connected());
    drop(send);
    let waited = connection.disconnect_and_wait_for(Duration::MAX);
    assert!(!waited.unwrap(), "it was disconnected already");
}

#[test]
fn a03_a_wait_that_does_not_block_is_woken_when_the_captures_go() {
    let (signal, connection) = stuck();
    let mut send = Box::pin(signal.send("s", &1));
    let mut context = Context::from_waker(Waker::noop());
    assert!(send.as_mut().poll(&mut context).is_pending());
    let mut wait = Box::pin(connection.disconnect_and_wait_async());
    assert!(wait.as_mut().poll(&mut context).is_pending());
    drop(send);
    assert!(block_on(wait).unwrap());
}

/// What a wait inside of a send came to.
fn waited(of: &Arc<Mutex<Option<Connection>>>) -> Option<Result<bool, WaitError>> {
    let connection = of.lock().unwrap().clone();
    connection.map(|connection| connection.disconnect_and_wait())
}

#[test]
fn a03_a_wait_in_another_receiver_of_the_same_send_is_refused() {
    let (signal, later) = (Tick::new("tick"), Arc::new(Mutex::new(None)));
    let (of, results) = (Arc::clone(&later), Arc::new(Mutex::new(Vec::new())));
    let kept = Arc::clone(&results);
    signal.connect(move |_: &str, _: &u32| kept.lock().unwrap().extend(waited(&of)));
    *later.lock().unwrap() = Some(signal.connect(|_: &str, _: &u32| ()));
    assert_eq!(signal.send("s", &1).ran(), 1);
    let results = results.lock().unwrap();
    assert!(matches!(&**results, [Err(error)] if !error.is_timeout()));
}

#[test]
fn a03_a_wait_for_a_receiver_of_another_signal_is_granted() {
    let (signal, other) = (Tick::new("tick"), Tick::new("other"));
    let of = Arc::new(Mutex::new(Some(other.connect(|_: &str, _: &u32| ()))));
    let results = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&results);
    signal.connect(move |_: &str, _: &u32| kept.lock().unwrap().extend(waited(&of)));
    signal.send("s", &1);
    assert!(matches!(&**results.lock().unwrap(), [Ok(true)]));
}

/// Runs `run` inside of so many sends of different signals.
fn inside_of(sends: usize, run: &Arc<dyn Fn() + Send + Sync>) {
    if sends == 0 {
        return run();
    }
    let (signal, run) = (Tick::new("outer"), Arc::clone(run));
    signal.connect(move |_: &str, _: &u32| inside_of(sends - 1, &run));
    signal.send("s", &1);
}

/// However deep a thread is in sends, it knows those that it is in, and none that it was in before.
#[test]
fn a03_a_wait_deep_inside_of_other_sends_is_refused() {
    for depth in [0, 1, 14, 15, 16, 17, 40] {
        let signal = Tick::new("tick");
        let later = Arc::new(Mutex::new(None));
        let (of, results) = (Arc::clone(&later), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&results);
        signal.connect(move |_: &str, _: &u32| kept.lock().unwrap().extend(waited(&of)));
        *later.lock().unwrap() = Some(signal.connect(|_: &str, _: &u32| ()));
        let run: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            // Sends that have ended, as deep as the one that follows.
            inside_of(3, &(Arc::new(|| ()) as Arc<dyn Fn() + Send + Sync>));
            signal.send("s", &1);
        });
        inside_of(depth, &run);
        let results = results.lock().unwrap();
        let refused = matches!(&**results, [Err(error)] if !error.is_timeout());
        assert!(refused, "{depth}: {results:?}");
    }
}

#[test]
fn a03_a_wait_for_a_receiver_that_came_during_the_send_is_granted() {
    let signal = Arc::new(Tick::new("tick"));
    let (of, results) = (Arc::downgrade(&signal), Arc::new(Mutex::new(Vec::new())));
    let kept = Arc::clone(&results);
    signal.connect(move |_: &str, _: &u32| {
        if let Some(signal) = of.upgrade() {
            let connection = signal.connect(|_: &str, _: &u32| ());
            kept.lock().unwrap().push(connection.disconnect_and_wait());
        }
    });
    signal.send("s", &1);
    assert!(matches!(results.lock().unwrap()[..], [Ok(true)]));
}

#[test]
fn a03_a_wait_in_a_send_by_another_sender_is_granted() {
    let (signal, other) = (Tick::new("tick"), Arc::new(Mutex::new(None)));
    let (of, results) = (Arc::clone(&other), Arc::new(Mutex::new(Vec::new())));
    let kept = Arc::clone(&results);
    let receiver = move |_: &str, _: &u32| kept.lock().unwrap().extend(waited(&of));
    signal.receiver(receiver).from("a").connect();
    *other.lock().unwrap() = Some(signal.receiver(|_: &str, _: &u32| ()).from("b").connect());
    signal.send("a", &1);
    assert!(matches!(results.lock().unwrap()[..], [Ok(true)]));
}

#[test]
fn a03_a_detached_receiver_that_waits_for_itself_is_refused() {
    let (signal, own) = (Ticks::new("tick"), Arc::new(Mutex::new(None)));
    let (of, results) = (Arc::clone(&own), Arc::new(Mutex::new(Vec::new())));
    let kept = Arc::clone(&results);
    let tasks = Arc::new(Mutex::new(Vec::new()));
    let spawned = Arc::clone(&tasks);
    let connection = signal
        .receiver(move |_: &str, _: &u32| {
            let result = waited(&of);
            kept.lock().unwrap().extend(result);
            let (of, kept) = (Arc::clone(&of), Arc::clone(&kept));
            async move {
                let result = waited(&of);
                kept.lock().unwrap().extend(result);
            }
        })
        .detached_on(move |task| spawned.lock().unwrap().push(task))
        .connect();
    *own.lock().unwrap() = Some(connection);
    block_on(signal.send("s", &1));
    let task = tasks.lock().unwrap().pop();
    block_on(task.expect("it was spawned"));
    let results = results.lock().unwrap();
    assert!(matches!(results[..], [Err(_), Err(_)]), "{results:?}");
}

/// Deep inside other signals, deeper than the frames of a thread that are kept in place.
#[test]
fn a03_a_wait_deep_inside_is_refused() {
    let (signal, own) = (Arc::new(Tick::new("tick")), Arc::new(Mutex::new(None)));
    let (of, results) = (Arc::clone(&own), Arc::new(Mutex::new(Vec::new())));
    let (kept, inner) = (Arc::clone(&results), Arc::downgrade(&signal));
    let connection = signal.connect(move |_: &str, depth: &u32| {
        if let (Some(signal), 1..) = (inner.upgrade(), *depth) {
            signal.send("s", &(depth - 1));
        } else {
            kept.lock().unwrap().extend(waited(&of));
        }
    });
    *own.lock().unwrap() = Some(connection);
    signal.send("s", &40);
    assert!(matches!(results.lock().unwrap()[..], [Err(_)]));
}
