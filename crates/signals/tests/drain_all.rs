//! Waiting for the tasks of all signals: in a process of its own, because other tests have tasks too.

mod support;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use signals::{AsyncSignal, Task};
use support::block_on;

#[test]
fn a08_the_tasks_of_all_signals_are_waited_for() {
    let tasks: Arc<Mutex<Vec<Task>>> = Arc::default();
    for name in ["one", "other"] {
        let (signal, spawned) = (
            AsyncSignal::<str, u32, Infallible>::new(name),
            Arc::clone(&tasks),
        );
        signal
            .receiver(async |_: &str, _: &u32| ())
            .detached_on(move |task| spawned.lock().unwrap().push(task))
            .connect();
        block_on(signal.send("s", &1));
    }
    assert!(signals::drain_for(Duration::from_millis(1)).is_err());
    let spawned = std::mem::take(&mut *tasks.lock().unwrap());
    spawned.into_iter().for_each(block_on);
    block_on(signals::drain()).unwrap();
}
