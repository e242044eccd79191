//! Scopes for tests: what one test changes of a static, no other test notices.

mod support;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::thread;

use signals::{AsyncSignal, Signal};
use support::block_on;

type Saved = Signal<str, u32, u32>;

/// A signal that all threads share, with receivers of its own.
fn shared() -> Arc<Saved> {
    let signal = Arc::new(Saved::new("saved"));
    let receiver = |name: &'static str| signal.receiver(|_: &str, id: &u32| Some(*id)).named(name);
    receiver("mail").connect();
    receiver("index").connect();
    signal
}

#[test]
fn a13_a_signal_is_recorded_without_running_its_receivers() {
    let signal = shared();
    let test = signals::test();
    let saved = test.take(&*signal).record();
    assert!(signal.send("s", &7).is_empty());
    saved.assert_sent_exactly(&[7]);
}

#[test]
fn a13_a_receiver_takes_the_place_of_all() {
    let signal = shared();
    let test = signals::test();
    test.take(&*signal).connect(|_: &str, _: &u32| Some(1));
    assert_eq!(signal.send("s", &7).into_first(), Some(1));
    assert_eq!(signal.emit("s", &7).count(), 1);
}

#[test]
fn a13_a_signal_is_muted_in_a_test() {
    let signal = shared();
    let test = signals::test();
    test.mute(&*signal);
    assert_eq!(signal.send("s", &7).ran(), 0);
}

#[test]
fn a13_one_receiver_is_held_back_in_a_test() {
    let signal = shared();
    let test = signals::test();
    test.block(&*signal, "mail");
    assert_eq!(signal.send("s", &7).ran(), 1);
}

#[test]
#[should_panic(expected = "has no receiver `male`; its receivers are [\"mail\", \"index\"]")]
fn a13_a_receiver_that_is_not_there_is_not_held_back() {
    let signal = shared();
    signals::test().block(&*signal, "male");
}

#[test]
fn a13_other_threads_are_in_no_scope() {
    let signal = shared();
    let test = signals::test();
    test.mute(&*signal);
    let sending = Arc::clone(&signal);
    let ran = thread::spawn(move || sending.send("s", &7).ran());
    assert_eq!(ran.join().unwrap(), 2);
}

#[test]
fn a13_a_thread_that_is_told_to_follows() {
    let signal = shared();
    let test = signals::test();
    test.mute(&*signal);
    let (sending, inside) = (Arc::clone(&signal), test.inside());
    let ran = thread::spawn(move || {
        let within = inside.run(|| sending.send("s", &7).ran());
        (within, sending.send("s", &7).ran())
    });
    assert_eq!(ran.join().unwrap(), (0, 2));
}

#[test]
fn a13_a_future_that_is_told_to_follows() {
    let signal = shared();
    let test = signals::test();
    test.mute(&*signal);
    let sending = Arc::clone(&signal);
    let future = test
        .inside()
        .follow(async move { sending.send("s", &7).ran() });
    let ran = thread::spawn(move || block_on(future));
    assert_eq!(ran.join().unwrap(), 0);
}

#[test]
fn a13_all_is_as_before_when_the_scope_ends() {
    let signal = shared();
    let test = signals::test();
    test.mute(&*signal);
    drop(test);
    assert_eq!(signal.send("s", &7).ran(), 2);
}

#[test]
fn a13_an_inner_scope_keeps_what_it_does_not_name() {
    let (one, other) = (shared(), shared());
    let outer = signals::test();
    outer.mute(&*one);
    outer.mute(&*other);
    {
        let inner = signals::test();
        inner.take(&*one).connect(|_: &str, _: &u32| ());
        assert_eq!((one.send("s", &7).ran(), other.send("s", &7).ran()), (1, 0));
    }
    assert_eq!((one.send("s", &7).ran(), other.send("s", &7).ran()), (0, 0));
}

#[test]
fn a13_an_async_signal_is_taken_too() {
    let signal = AsyncSignal::<str, u32, u32>::new("saved");
    signal.connect(async |_: &str, _: &u32| std::future::pending::<()>().await);
    let test = signals::test();
    let taken = test.take(&signal);
    taken.connect(async |_: &str, id: &u32| Some(*id));
    assert_eq!(block_on(signal.send("s", &7)).into_first(), Some(7));
    assert_eq!(block_on(signal.send_concurrent("s", &7)).ran(), 1);
}

#[test]
fn a13_a_detached_receiver_is_in_the_scope_of_its_send() {
    let (inner, outer) = (
        shared(),
        Arc::new(AsyncSignal::<str, u32, Infallible>::new("o")),
    );
    let (sending, ran) = (Arc::clone(&inner), Arc::new(Mutex::new(None)));
    let (noted, tasks) = (Arc::clone(&ran), Arc::new(Mutex::new(Vec::new())));
    let spawned = Arc::clone(&tasks);
    let receiver = move |_: &str, _: &u32| {
        let (sending, noted) = (Arc::clone(&sending), Arc::clone(&noted));
        async move { *noted.lock().unwrap() = Some(sending.send("s", &1).ran()) }
    };
    let receiver = outer.receiver(receiver);
    let receiver = receiver.detached_on(move |task| spawned.lock().unwrap().push(task));
    receiver.connect();
    let test = signals::test();
    test.mute(&*inner);
    block_on(outer.send("s", &1));
    let task = tasks.lock().unwrap().pop().unwrap();
    thread::spawn(move || block_on(task)).join().unwrap();
    assert_eq!(*ran.lock().unwrap(), Some(0));
}

#[test]
fn a13_what_a_test_connected_goes_with_its_scope() {
    let (signal, held) = (shared(), Arc::new(()));
    let captured = Arc::clone(&held);
    let test = signals::test();
    test.take(&*signal)
        .connect(move |_: &str, _: &u32| drop(captured.clone()));
    assert_eq!(Arc::strong_count(&held), 2);
    drop(test);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a13_scopes_end_in_any_order() {
    let (one, other) = (shared(), shared());
    let first = signals::test();
    first.mute(&*one);
    let second = signals::test();
    second.mute(&*other);
    drop(first);
    assert_eq!(other.send("s", &7).ran(), 0);
    drop(second);
    // Only if anybody watches does a send look at what its thread is in.
    let _watching = signals::observe(|_: &signals::Event<'_>| ());
    assert_eq!((one.send("s", &7).ran(), other.send("s", &7).ran()), (2, 2));
}

#[test]
fn a13_a_scope_that_ends_inside_another_has_ended() {
    let signal = shared();
    let other = signals::test().inside();
    let test = signals::test();
    test.mute(&*signal);
    other.run(|| drop(test));
    let _watching = signals::observe(|_: &signals::Event<'_>| ());
    assert_eq!(signal.send("s", &7).ran(), 2);
}

#[test]
fn a13_a_thread_that_follows_is_in_the_scope_to_its_end() {
    let signal = shared();
    let test = signals::test();
    test.mute(&*signal);
    let inside = test.inside();
    drop(test);
    let follows = thread::spawn(move || inside.run(|| signal.send("s", &7).ran()));
    assert_eq!(follows.join().unwrap(), 0);
}

#[test]
fn a13_a_future_that_follows_is_dropped_in_the_scope() {
    struct Sends(Arc<Saved>, Arc<Mutex<Option<usize>>>);

    impl Drop for Sends {
        fn drop(&mut self) {
            *self.1.lock().unwrap() = Some(self.0.send("s", &7).ran());
        }
    }

    let (signal, ran) = (shared(), Arc::default());
    let test = signals::test();
    test.mute(&*signal);
    let sends = Sends(Arc::clone(&signal), Arc::clone(&ran));
    let future = test.inside().follow(async move { drop(sends) });
    thread::spawn(move || drop(future)).join().unwrap();
    assert_eq!(*ran.lock().unwrap(), Some(0));
}

#[test]
fn a13_an_inner_scope_that_holds_a_receiver_back_runs_no_others() {
    let signal = shared();
    let outer = signals::test();
    outer.mute(&*signal);
    let inner = signals::test();
    inner.block(&*signal, "mail");
    assert_eq!(signal.send("s", &7).ran(), 0);
}
