//! Waiting for the tasks of detached receivers, at shutdown.

mod support;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Waker};
use std::time::Duration;

use signals::{AsyncSignal, Task, WaitError};
use support::block_on;

type Saved = AsyncSignal<str, u32, Infallible>;
type Tasks = Arc<Mutex<Vec<Task>>>;

/// A signal with one detached receiver, and where its tasks are kept instead of being run.
fn saved<F, R>(receiver: F) -> (Saved, Tasks)
where
    F: Fn() -> R + Clone + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let (signal, tasks) = (Saved::new("saved"), Tasks::default());
    let spawned = Arc::clone(&tasks);
    signal
        .receiver(move |_: &str, _: &u32| receiver())
        .detached_on(move |task| spawned.lock().unwrap().push(task))
        .connect();
    (signal, tasks)
}

#[test]
fn a08_without_tasks_a_drain_is_over_at_once() {
    let (signal, _) = saved(|| async {});
    block_on(signal.drain()).unwrap();
    signal.drain_for(Duration::ZERO).unwrap();
}

#[test]
fn a08_a_drain_ends_with_the_last_task() {
    let (signal, tasks) = saved(|| async {});
    block_on(signal.send("s", &1));
    block_on(signal.send("s", &2));
    let mut drain = Box::pin(signal.drain());
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..2 {
        assert!(drain.as_mut().poll(&mut context).is_pending());
        let task = tasks.lock().unwrap().pop();
        block_on(task.unwrap());
    }
    block_on(drain).unwrap();
}

#[test]
fn a08_a_drain_ends_when_tasks_are_dropped() {
    let (signal, tasks) = saved(std::future::pending);
    block_on(signal.send("s", &1));
    tasks.lock().unwrap().clear();
    block_on(signal.drain()).unwrap();
}

#[test]
fn a08_a_drain_ends_at_its_deadline() {
    let (signal, tasks) = saved(std::future::pending);
    block_on(signal.send("s", &1));
    let error = signal.drain_for(Duration::from_millis(1)).unwrap_err();
    assert!(error.is_timeout());
    let expected = "1 tasks of `saved` have not ended within 1ms";
    assert_eq!(error.to_string(), expected);
    drop(tasks);
}

#[test]
fn a08_a_task_that_drains_its_own_signal_is_refused() {
    let results: Arc<Mutex<Vec<Result<(), WaitError>>>> = Arc::default();
    let own: Arc<Mutex<Option<Arc<Saved>>>> = Arc::default();
    let (kept, of) = (Arc::clone(&results), Arc::clone(&own));
    let (signal, tasks) = saved(move || {
        let (kept, of) = (Arc::clone(&kept), of.lock().unwrap().clone());
        async move {
            let drained = of.unwrap().drain().await;
            let of_all = signals::drain().await;
            kept.lock().unwrap().extend([drained, of_all]);
        }
    });
    let signal = Arc::new(signal);
    *own.lock().unwrap() = Some(Arc::clone(&signal));
    block_on(signal.send("s", &1));
    let task = tasks.lock().unwrap().pop();
    block_on(task.unwrap());
    *own.lock().unwrap() = None;
    let results = results.lock().unwrap();
    assert!(matches!(results[..], [Err(_), Err(_)]), "{results:?}");
}

#[test]
fn a08_a_task_feels_no_panic_in_the_destructors_of_both_of_its_clones() {
    struct Payload(bool);

    impl Clone for Payload {
        fn clone(&self) -> Self {
            Self(true)
        }
    }

    impl Drop for Payload {
        fn drop(&mut self) {
            assert!(!self.0, "the drop of a clone");
        }
    }

    let signal = AsyncSignal::<Payload, Payload>::new("saved");
    let tasks = Tasks::default();
    let spawned = Arc::clone(&tasks);
    let receiver = signal.receiver(async |_: &Payload, _: &Payload| ());
    let receiver = receiver.detached_on(move |task| spawned.lock().unwrap().push(task));
    receiver.connect();
    for _ in 0..2 {
        block_on(signal.send(&Payload(false), &Payload(false)));
    }
    let mut tasks = std::mem::take(&mut *tasks.lock().unwrap());
    block_on(tasks.pop().unwrap());
    // Without being run.
    drop(tasks);
}

/// Drains the signal when it is dropped.
struct Drains(Weak<Saved>, Arc<Mutex<Vec<Result<(), WaitError>>>>);

impl Drop for Drains {
    fn drop(&mut self) {
        let limit = Duration::from_millis(50);
        let drained = self.0.upgrade().unwrap().drain_for(limit);
        self.1.lock().unwrap().push(drained);
    }
}

#[test]
fn a08_captures_that_go_with_a_task_and_drain_it_are_refused() {
    for is_run in [true, false] {
        let (signal, tasks) = (Arc::new(Saved::new("saved")), Tasks::default());
        let results = Arc::default();
        let captured = Drains(Arc::downgrade(&signal), Arc::clone(&results));
        let spawned = Arc::clone(&tasks);
        let receiver = signal.receiver(move |_: &str, _: &u32| {
            let _ = &captured;
            async {}
        });
        let receiver = receiver.detached_on(move |task| spawned.lock().unwrap().push(task));
        let connection = receiver.connect();
        block_on(signal.send("s", &1));
        connection.disconnect();
        let task = tasks.lock().unwrap().pop().unwrap();
        match is_run {
            true => block_on(task),
            false => drop(task),
        }
        let results = results.lock().unwrap();
        let [Err(refused)] = &results[..] else {
            panic!("{results:?}");
        };
        assert!(!refused.is_timeout(), "{refused}");
        drop(results);
    }
}
