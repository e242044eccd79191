//! Waits, drops and sends in awkward places. Waits have limits, so that a deadlock is a failure.
#![allow(
    clippy::let_and_return,
    reason = "a lock is released before what it guards is handed on"
)]

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use signals::{AsyncSignal, Connection, Sender, Signal, Task, WaitError};

type Tick = Signal<str, u32, Infallible>;
type Slot = Arc<Mutex<Option<Connection>>>;
type Said = Arc<Mutex<Vec<String>>>;

const LIMIT: Duration = Duration::from_millis(300);

fn wait(slot: &Slot) -> String {
    let connection = slot.lock().unwrap().clone();
    match connection.map(|it| it.disconnect_and_wait_for(LIMIT)) {
        None => "none".into(),
        Some(Ok(was)) => format!("ok {was}"),
        Some(Err(error)) if error.is_timeout() => "hangs".into(),
        Some(Err(_)) => "inside".into(),
    }
}

/// Waits for a receiver when dropped.
struct Waits(Slot, Said);

impl Drop for Waits {
    fn drop(&mut self) {
        let said = wait(&self.0);
        self.1.lock().unwrap().push(said);
    }
}

fn pair() -> (Slot, Said) {
    (Slot::default(), Said::default())
}

/// There was one wait, for a receiver that was there, and it ended or was refused.
fn assert_waited(said: &Said) {
    let said = said.lock().unwrap();
    let has_ended = |it: &str| it == "inside" || it.starts_with("ok");
    assert!(matches!(&said[..], [one] if has_ended(one)), "{said:?}");
}

/// Connects a detached receiver, whose tasks wait for the receiver in the slot. Returns the tasks.
fn waits_in_tasks(
    signal: &AsyncSignal<str, u32, Infallible>,
    (slot, said): (&Slot, &Said),
) -> Arc<Mutex<Vec<Task>>> {
    let tasks = Arc::new(Mutex::new(Vec::new()));
    let (spawned, slot, said) = (tasks.clone(), slot.clone(), said.clone());
    signal
        .receiver(move |_: &str, _: &u32| {
            let (slot, said) = (slot.clone(), said.clone());
            async move {
                let waited = wait(&slot);
                said.lock().unwrap().push(waited);
            }
        })
        .detached_on(move |task| spawned.lock().unwrap().push(task))
        .connect();
    tasks
}

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

// The failing candidate had the sequence number of the next receiver.
#[test]
fn a_refused_candidate_does_not_end_the_wait_for_another() {
    struct OnDrop(Box<dyn Fn() + Send + Sync>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    let signal = Arc::new(Tick::new("tick"));
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("one")
        .connect();
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("two")
        .after("one")
        .connect();
    let slot = Slot::default();
    let (running, release) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let thread = Arc::new(Mutex::new(None));
    let on_drop = {
        let (signal, slot, running, release, thread) = (
            signal.clone(),
            slot.clone(),
            running.clone(),
            release.clone(),
            thread.clone(),
        );
        OnDrop(Box::new(move || {
            let (is, until) = (running.clone(), release.clone());
            let connection = signal.connect(move |_: &str, _: &u32| {
                is.store(true, Ordering::SeqCst);
                while !until.load(Ordering::SeqCst) {
                    std::thread::yield_now();
                }
            });
            let sends = signal.clone();
            *thread.lock().unwrap() = Some(std::thread::spawn(move || {
                sends.send("s", &1);
            }));
            while !running.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            connection.disconnect();
            *slot.lock().unwrap() = Some(connection);
        }))
    };
    let circle = signal
        .receiver(move |_: &str, _: &u32| {
            let _ = &on_drop;
        })
        .named("three")
        .after("two")
        .before("one")
        .try_connect();
    assert!(circle.is_err());
    drop(circle);
    let waited = wait(&slot);
    release.store(true, Ordering::SeqCst);
    thread.lock().unwrap().take().unwrap().join().unwrap();
    assert_eq!(waited, "hangs", "it runs, so the wait must not end");
}

/// A future that is pending so many times, and has something that is dropped with it.
struct Later(u32, #[allow(dead_code)] Option<Waits>);

impl Future for Later {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.0 {
            0 => Poll::Ready(()),
            _ => {
                self.0 -= 1;
                Poll::Pending
            }
        }
    }
}

fn later(pending: u32, polls: u32) -> Vec<String> {
    let (slot, said) = pair();
    let signal = AsyncSignal::<str, u32, Infallible>::new("later");
    let (s, w) = (slot.clone(), said.clone());
    let connection =
        signal.connect(move |_: &str, _: &u32| Later(pending, Some(Waits(s.clone(), w.clone()))));
    *slot.lock().unwrap() = Some(connection);
    let mut send = Box::pin(signal.send("s", &1));
    for _ in 0..polls {
        if send.as_mut().poll(&mut cx()).is_ready() {
            break;
        }
    }
    drop(send);
    let said = said.lock().unwrap().clone();
    said
}

#[test]
fn a_future_dropped_in_the_first_poll_may_wait() {
    assert_eq!(later(0, 1), ["inside"]);
}

#[test]
fn a_future_dropped_in_a_later_poll_may_wait() {
    assert_eq!(later(2, 9), ["inside"]);
}

#[test]
fn a_future_dropped_with_its_send_may_wait() {
    assert_eq!(later(5, 1), ["inside"]);
}

fn owner(how: &str) -> Vec<String> {
    let (slot, said) = pair();
    let signal = Tick::new("owned");
    let owner = Arc::new(Waits(slot.clone(), said.clone()));
    let kept = Arc::new(Mutex::new(None));
    let k = kept.clone();
    let connection = signal
        .receiver(move |_: &str, _: &u32| drop(k.lock().unwrap().take()))
        .weak(&owner)
        .connect();
    *kept.lock().unwrap() = Some(owner);
    *slot.lock().unwrap() = Some(connection);
    match how {
        "send" => drop(signal.send("s", &1)),
        "emit" => drop(signal.emit("s", &1).collect::<Vec<_>>()),
        _ => {
            let _observing = signals::observe(|_: &signals::Event<'_>| ());
            drop(signal.send("s", &1));
        }
    }
    let said = said.lock().unwrap().clone();
    said
}

#[test]
fn an_owner_dropped_in_a_send_may_wait() {
    assert_eq!(owner("send"), ["inside"]);
}

#[test]
fn an_owner_dropped_in_an_emit_may_wait() {
    assert_eq!(owner("emit"), ["inside"]);
}

#[test]
fn an_owner_dropped_in_an_observed_send_may_wait() {
    assert_eq!(owner("observed"), ["inside"]);
}

#[test]
fn captures_may_wait_for_their_own_receiver() {
    let (slot, said) = pair();
    let signal = Tick::new("own");
    let waits = Waits(slot.clone(), said.clone());
    let connection = signal.connect(move |_: &str, _: &u32| {
        let _ = &waits;
    });
    *slot.lock().unwrap() = Some(connection.clone());
    connection.disconnect();
    assert_waited(&said);
}

#[test]
fn captures_may_wait_for_another_receiver_that_leaves_with_theirs() {
    let (slot, said) = pair();
    let signal = Tick::new("both");
    let waits = Waits(slot.clone(), said.clone());
    signal.connect(move |_: &str, _: &u32| {
        let _ = &waits;
    });
    *slot.lock().unwrap() = Some(signal.connect(|_: &str, _: &u32| ()));
    signal.disconnect_all();
    assert_waited(&said);
}

#[test]
fn captures_may_wait_for_the_receiver_before_theirs_disconnected_in_a_send() {
    // A leaves in a send, then B: the list of the send is the last to hold both.
    let (slot, said) = pair();
    let signal = Arc::new(Tick::new("both"));
    let waits = Waits(slot.clone(), said.clone());
    signal.connect(move |_: &str, _: &u32| {
        let _ = &waits;
    });
    *slot.lock().unwrap() = Some(signal.connect(|_: &str, _: &u32| ()));
    let inside = Arc::downgrade(&signal);
    signal.connect(move |_: &str, _: &u32| {
        inside.upgrade().unwrap().disconnect_all();
    });
    signal.send("s", &1);
    assert_waited(&said);
}

fn task_waits(order: &str) -> String {
    let (slot, said) = pair();
    let signal = AsyncSignal::<str, u32, Infallible>::new("tasks");
    if order == "older" {
        *slot.lock().unwrap() = Some(signal.connect(|_: &str, _: &u32| ()));
    }
    let tasks = waits_in_tasks(&signal, (&slot, &said));
    if order == "newer" {
        *slot.lock().unwrap() = Some(signal.connect(|_: &str, _: &u32| ()));
    }
    let mut send = Box::pin(signal.send("s", &1));
    assert!(send.as_mut().poll(&mut cx()).is_ready());
    drop(send);
    let mut task = tasks.lock().unwrap().pop().unwrap();
    assert!(task.as_mut().poll(&mut cx()).is_ready());
    let said = said.lock().unwrap().pop().unwrap();
    said
}

#[test]
fn a_task_may_wait_for_an_older_receiver() {
    assert_eq!(task_waits("older"), "ok true");
}

#[test]
fn a_task_may_wait_for_a_newer_receiver() {
    assert_eq!(task_waits("newer"), "ok true");
}

#[test]
fn a_wait_for_a_task_of_a_signal_that_is_gone() {
    let captured = Arc::new(());
    let signal = AsyncSignal::<str, u32, Infallible>::new("tasks");
    let tasks = Arc::new(Mutex::new(Vec::new()));
    let (t, held) = (tasks.clone(), captured.clone());
    let connection = signal
        .receiver(move |_: &str, _: &u32| {
            let held = held.clone();
            async move {
                std::future::pending::<()>().await;
                drop(held);
            }
        })
        .detached_on(move |task| t.lock().unwrap().push(task))
        .connect();
    let mut send = Box::pin(signal.send("s", &1));
    assert!(send.as_mut().poll(&mut cx()).is_ready());
    drop(send);
    drop(signal);
    assert!(Arc::strong_count(&captured) > 1);
    let waited = connection.disconnect_and_wait_for(LIMIT);
    assert!(
        waited.is_err_and(|error| error.is_timeout()),
        "the task still has the captures"
    );
}

#[test]
fn captures_go_with_disconnect_while_others_look() {
    let signal = Arc::new(Tick::new("looked at"));
    let current: Slot = Slot::default();
    let stop = Arc::new(AtomicBool::new(false));
    let looks: Vec<_> = (0..3)
        .map(|n| {
            let (signal, current, stop) = (signal.clone(), current.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let connection = current.lock().unwrap().clone();
                    if n == 0 {
                        signal.receivers();
                    } else if let Some(connection) = connection {
                        connection.is_connected();
                    }
                }
            })
        })
        .collect();
    let mut late = 0;
    for _ in 0..20_000 {
        let captured = Arc::new(());
        let held = captured.clone();
        let connection = signal.connect(move |_: &str, _: &u32| {
            let _ = &held;
        });
        *current.lock().unwrap() = Some(connection.clone());
        connection.disconnect();
        late += usize::from(Arc::strong_count(&captured) > 1);
    }
    stop.store(true, Ordering::Relaxed);
    looks.into_iter().for_each(|it| it.join().unwrap());
    assert_eq!(late, 0, "no send ran");
}

static HOOK: Mutex<Option<Box<dyn FnMut() + Send>>> = Mutex::new(None);

struct Hooked(u32);
struct HookedKey(u32);
impl PartialEq for HookedKey {
    fn eq(&self, other: &Self) -> bool {
        let hook = HOOK.lock().unwrap().take();
        if let Some(mut hook) = hook {
            hook();
        }
        self.0 == other.0
    }
}
impl Eq for HookedKey {}
impl Hash for HookedKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl Sender for Hooked {
    type Key = HookedKey;
    fn key(&self) -> HookedKey {
        HookedKey(self.0)
    }
}

static HOOKS: Mutex<()> = Mutex::new(());

#[test]
fn order_by_number_while_a_constraint_comes() {
    let _only = HOOKS.lock().unwrap_or_else(PoisonError::into_inner);
    let signal: Arc<Signal<Hooked, u32, &'static str>> = Arc::new(Signal::new("mixed"));
    signal
        .receiver(|_: &Hooked, _: &u32| Some("first"))
        .order(1)
        .named("first")
        .connect();
    signal
        .receiver(|_: &Hooked, _: &u32| Some("second"))
        .order(2)
        .named("second")
        .connect();
    signal
        .receiver(|_: &Hooked, _: &u32| Some("bound"))
        .order(9)
        .from(&Hooked(1))
        .connect();
    let inside = signal.clone();
    *HOOK.lock().unwrap() = Some(Box::new(move || {
        inside
            .receiver(|_: &Hooked, _: &u32| Some("third"))
            .order(3)
            .after("first")
            .connect();
    }));
    let said: Vec<_> = signal
        .send(&Hooked(1), &1)
        .into_outcomes()
        .map(|(_, it)| it)
        .collect();
    assert_eq!(said.last(), Some(&"bound"), "{said:?}");
}

#[test]
fn a_signal_with_only_gone_owners_has_no_receivers() {
    let signal = Tick::new("gone");
    let owner = Arc::new(());
    signal
        .receiver(|_: &str, _: &u32| ())
        .weak(&owner)
        .connect();
    drop(owner);
    assert!(!signal.has_receivers(), "has_receivers");
    assert!(!signal.has_receivers_for("s"));
}

#[test]
fn wakers_of_dropped_waits_do_not_stay() {
    struct Count;
    impl std::task::Wake for Count {
        fn wake(self: Arc<Self>) {}
    }
    let signal = AsyncSignal::<str, u32, Infallible>::new("stuck");
    let connection = signal.connect(async |_: &str, _: &u32| std::future::pending::<()>().await);
    let mut send = Box::pin(signal.send("s", &1));
    assert!(send.as_mut().poll(&mut cx()).is_pending());
    let counts: Vec<_> = (0..100).map(|_| Arc::new(Count)).collect();
    for count in &counts {
        let waker = Waker::from(count.clone());
        let mut wait = Box::pin(connection.disconnect_and_wait_async());
        assert!(
            wait.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    let kept = counts
        .iter()
        .filter(|count| Arc::strong_count(count) > 1)
        .count();
    assert_eq!(kept, 0);
}

struct Bad;
impl Drop for Bad {
    fn drop(&mut self) {
        panic!("bad");
    }
}

#[test]
fn a_task_whose_future_panics_when_dropped_is_dropped() {
    let signal = AsyncSignal::<str, u32, Infallible>::new("tasks");
    let tasks = Arc::new(Mutex::new(Vec::new()));
    let t = tasks.clone();
    let connection = signal
        .receiver(|_: &str, _: &u32| async {
            let _bad = Bad;
            std::future::pending::<()>().await;
        })
        .detached_on(move |task| t.lock().unwrap().push(task))
        .connect();
    let mut send = Box::pin(signal.send("s", &1));
    assert!(send.as_mut().poll(&mut cx()).is_ready());
    drop(send);
    let mut task = tasks.lock().unwrap().pop().unwrap();
    assert!(task.as_mut().poll(&mut cx()).is_pending());
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || drop(task)));
    assert!(connection.disconnect_and_wait_for(LIMIT).is_ok());
    assert!(
        dropped.is_ok(),
        "a future whose destructor panics: the panic is caught"
    );
}

#[test]
fn errors_that_panic_when_dropped() {
    #[derive(Debug)]
    struct Error(#[allow(dead_code)] u32);
    impl Drop for Error {
        fn drop(&mut self) {
            panic!("bad error");
        }
    }
    impl std::fmt::Display for Error {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("error")
        }
    }
    impl std::error::Error for Error {}
    let signal = Tick::new("errors");
    signal.connect(|_: &str, _: &u32| Err::<(), _>(Error(1)));
    let sent = std::panic::catch_unwind(|| drop(signal.send("s", &1)));
    assert!(
        sent.is_ok(),
        "the panic of an error's drop reaches the sender"
    );
}

#[test]
fn a_wait_in_a_task_that_is_dropped_half_way() {
    let (slot, said) = pair();
    let signal = AsyncSignal::<str, u32, Infallible>::new("tasks");
    let tasks = Arc::new(Mutex::new(Vec::new()));
    let (t, s, w) = (tasks.clone(), slot.clone(), said.clone());
    let connection = signal
        .receiver(move |_: &str, _: &u32| Later(9, Some(Waits(s.clone(), w.clone()))))
        .detached_on(move |task| t.lock().unwrap().push(task))
        .connect();
    *slot.lock().unwrap() = Some(connection);
    let mut send = Box::pin(signal.send("s", &1));
    assert!(send.as_mut().poll(&mut cx()).is_ready());
    drop(send);
    let mut task = tasks.lock().unwrap().pop().unwrap();
    assert!(task.as_mut().poll(&mut cx()).is_pending());
    drop(task);
    assert_eq!(*said.lock().unwrap(), ["inside"]);
}

#[test]
fn first_poll_and_later_poll_agree() {
    for late in [false, true] {
        let signal = AsyncSignal::<str, u32, u32>::new("agree");
        if late {
            signal
                .receiver(|_: &str, _: &u32| Later(1, None))
                .order(-100)
                .connect();
        }
        signal.connect(|_: &str, _: &u32| Some(1));
        signal
            .receiver(async |_: &str, _: &u32| Some(2))
            .once()
            .connect();
        signal
            .receiver(async |_: &str, _: &u32| Some(3))
            .when(|_, _| panic!("when"))
            .connect();
        signal
            .receiver(async |_: &str, _: &u32| Some(4))
            .when(|_, _| false)
            .connect();
        signal.connect(|_: &str, _: &u32| {
            if true {
                panic!("start");
            }
            std::future::ready(Some(5))
        });
        signal.connect(async |_: &str, _: &u32| -> Option<u32> { panic!("poll") });
        signal.connect(|_: &str, _: &u32| {
            let bad = Bad;
            poll_fn(move |_| {
                let _ = &bad;
                Poll::Ready(Some(6))
            })
        });
        let blocked = signal.connect(async |_: &str, _: &u32| Some(7));
        let _blocked = blocked.block();
        signal.connect(|_: &str, _: &u32| -> Option<u32> { panic!("plain") });
        signal.connect(async |_: &str, _: &u32| Err::<Option<u32>, _>("err"));
        for round in 0..2 {
            let mut send = Box::pin(signal.send("s", &1));
            let outcomes = loop {
                if let Poll::Ready(it) = send.as_mut().poll(&mut cx()) {
                    break it;
                }
            };
            let base = usize::from(late);
            let said: Vec<_> = outcomes
                .answers()
                .iter()
                .map(|it| {
                    format!(
                        "{} {:?} {:?}",
                        it.receiver().position() - base,
                        it.outcome(),
                        it.failure().map(ToString::to_string)
                    )
                })
                .collect();
            println!("{late} {round} ran {} {said:#?}", outcomes.ran() - base);
            assert_eq!(outcomes.ran() - base, if round == 0 { 8 } else { 7 });
        }
    }
}

#[test]
fn the_recursion_limit_is_exact() {
    for limit in [0_u32, 1, 2, 15, 16, 17, 18, 33] {
        for way in 0..2 {
            let signal = Arc::new(Tick::new("deep").recursion_limit(limit));
            let ran = Arc::new(AtomicUsize::new(0));
            let (inside, r) = (Arc::downgrade(&signal), ran.clone());
            signal.connect(move |_: &str, n: &u32| {
                r.fetch_add(1, Ordering::Relaxed);
                let signal = inside.upgrade().unwrap();
                if way == 0 {
                    signal.send("s", &(n + 1));
                } else {
                    signal.emit("s", &(n + 1)).for_each(drop);
                }
            });
            signal.send("s", &0);
            assert_eq!(ran.load(Ordering::Relaxed), limit as usize);
            ran.store(0, Ordering::Relaxed);
            signal.emit("s", &0).for_each(drop);
            assert_eq!(ran.load(Ordering::Relaxed), limit as usize);
        }
    }
}

#[test]
fn replace_across_homes_keeps_the_place() {
    let signal: Signal<str, u32, &'static str> = Signal::new("replace");
    let said = |signal: &Signal<str, u32, &'static str>, who: &str| {
        signal
            .send(who, &1)
            .into_outcomes()
            .map(|(_, it)| it)
            .collect::<Vec<_>>()
    };
    signal
        .receiver(|_: &str, _: &u32| Some("k"))
        .key("k")
        .connect();
    signal.connect(|_: &str, _: &u32| Some("z"));
    signal
        .receiver(|_: &str, _: &u32| Some("kb"))
        .key("k")
        .from("a")
        .replace()
        .connect();
    assert_eq!(said(&signal, "a"), ["kb", "z"]);
    assert_eq!(said(&signal, "b"), ["z"]);
    signal
        .receiver(|_: &str, _: &u32| Some("kc"))
        .key("k")
        .from("b")
        .replace()
        .connect();
    assert_eq!(said(&signal, "a"), ["z"]);
    assert_eq!(said(&signal, "b"), ["kc", "z"]);
    let c = signal
        .receiver(|_: &str, _: &u32| Some("c"))
        .named("c")
        .after("z2")
        .before("q")
        .connect();
    signal
        .receiver(|_: &str, _: &u32| Some("z2"))
        .named("z2")
        .from("b")
        .connect();
    assert_eq!(said(&signal, "b"), ["kc", "z", "z2", "c"]);
    signal
        .receiver(|_: &str, _: &u32| Some("kd"))
        .key("k")
        .replace()
        .connect();
    assert_eq!(said(&signal, "b"), ["kd", "z", "z2", "c"]);
    c.disconnect();
    assert_eq!(said(&signal, "b"), ["kd", "z", "z2"]);
    assert_eq!(signal.receivers().len(), 3);
    assert!(signal.disconnect_key("k"));
    assert!(!signal.disconnect_key("k"));
}

#[test]
fn panicking_captures_conditions_and_owners() {
    let signal = Tick::new("bad");
    for _ in 0..3 {
        let (one, two) = (Bad, Bad);
        signal
            .receiver(move |_: &str, _: &u32| {
                let _ = &one;
            })
            .when(move |_, _| {
                let _ = &two;
                true
            })
            .connect();
    }
    assert_eq!(signal.disconnect_all(), 3);
    let _: Result<(), WaitError> = Ok(());
}

#[test]
fn a_task_may_wait_for_an_older_receiver_that_another_send_calls() {
    let (slot, said) = pair();
    let signal = AsyncSignal::<str, u32, Infallible>::new("tasks");
    let older = signal
        .receiver(async |_: &str, _: &u32| std::future::pending::<()>().await)
        .when(|_, n| *n == 2)
        .connect();
    *slot.lock().unwrap() = Some(older);
    let tasks = waits_in_tasks(&signal, (&slot, &said));
    let mut send = Box::pin(signal.send("s", &1));
    assert!(send.as_mut().poll(&mut cx()).is_ready());
    drop(send);
    // Another send, of which the task is no part. It could be on another thread, and end.
    let mut other = Box::pin(signal.send("s", &2));
    assert!(other.as_mut().poll(&mut cx()).is_pending());
    let mut task = tasks.lock().unwrap().pop().unwrap();
    assert!(task.as_mut().poll(&mut cx()).is_ready());
    assert_eq!(
        *said.lock().unwrap(),
        ["hangs"],
        "no error but that of the limit"
    );
}

#[test]
fn one_poll_of_a_send_polls_its_receiver_once() {
    let polls = Arc::new(AtomicUsize::new(0));
    let count = polls.clone();
    let signal = AsyncSignal::<str, u32, Infallible>::new("polls");
    signal.connect(move |_: &str, _: &u32| {
        let count = count.clone();
        poll_fn(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Poll::<()>::Pending
        })
    });
    let mut send = Box::pin(signal.send("s", &1));
    assert!(send.as_mut().poll(&mut cx()).is_pending());
    assert_eq!(polls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_wait_by_an_observer_of_a_send() {
    let (slot, said) = pair();
    let signal = Arc::new(AsyncSignal::<str, u32, Infallible>::new("f19"));
    *slot.lock().unwrap() = Some(signal.connect(async |_: &str, _: &u32| Err::<(), _>("fails")));
    let (s, w) = (slot.clone(), said.clone());
    let observing = signals::observe(move |event: &signals::Event<'_>| {
        if let signals::Event::Answered { signal: "f19", .. } = event {
            let said = wait(&s);
            w.lock().unwrap().push(said);
        }
    });
    let mut send = Box::pin(signal.send("s", &1));
    assert!(send.as_mut().poll(&mut cx()).is_ready());
    drop(observing);
    assert_eq!(*said.lock().unwrap(), ["inside"]);
}

#[test]
fn an_abandoned_task_whose_spawn_panics_after_it_ran() {
    let signal = AsyncSignal::<str, u32, Infallible>::new("tasks");
    let captured = Arc::new(());
    let held = captured.clone();
    let connection = signal
        .receiver(move |_: &str, _: &u32| {
            let held = held.clone();
            async move { drop(held) }
        })
        .detached_on(move |mut task| {
            let _ = task.as_mut().poll(&mut cx());
            panic!("spawn");
        })
        .connect();
    let mut send = Box::pin(signal.send("s", &1));
    let Poll::Ready(outcomes) = send.as_mut().poll(&mut cx()) else {
        panic!()
    };
    assert_eq!(outcomes.failures().count(), 1);
    drop(outcomes);
    drop(send);
    assert!(connection.disconnect_and_wait_for(LIMIT).unwrap());
    assert_eq!(Arc::strong_count(&captured), 1);
}

#[test]
fn once_is_called_once_by_many() {
    let signal = Arc::new(Tick::new("once"));
    for _ in 0..500 {
        let ran = Arc::new(AtomicUsize::new(0));
        let r = ran.clone();
        let connection = signal
            .receiver(move |_: &str, _: &u32| {
                r.fetch_add(1, Ordering::Relaxed);
            })
            .once()
            .connect();
        let sends: Vec<_> = (0..3)
            .map(|_| {
                let signal = signal.clone();
                std::thread::spawn(move || drop(signal.send("s", &1)))
            })
            .collect();
        connection.disconnect_and_wait().unwrap();
        let then = ran.load(Ordering::Relaxed);
        sends.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(ran.load(Ordering::Relaxed), then);
        assert!(then <= 1);
    }
}

#[test]
fn bound_senders_come_and_go_under_sends() {
    let signal = Arc::new(Signal::<u32, u32, u32>::new("shuffle"));
    let stop = Arc::new(AtomicBool::new(false));
    let sends: Vec<_> = (0..2)
        .map(|_| {
            let (signal, stop) = (signal.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    for n in 0..8 {
                        let outcomes = signal.send(&n, &0);
                        assert!(outcomes.outcomes().all(|(_, of)| *of == n || *of == 99));
                    }
                }
            })
        })
        .collect();
    for round in 0..4000_u32 {
        let n = round % 8;
        let gone = Arc::new(AtomicBool::new(false));
        let g = gone.clone();
        let one = signal
            .receiver(move |_: &u32, _: &u32| {
                assert!(!g.load(Ordering::SeqCst), "called after its end");
                Some(n)
            })
            .from(&n)
            .key("k")
            .replace()
            .connect();
        if round % 3 == 0 {
            signal
                .receiver(|_: &u32, _: &u32| Some(99))
                .key("k")
                .replace()
                .connect();
        }
        one.disconnect_and_wait().unwrap();
        gone.store(true, Ordering::SeqCst);
    }
    stop.store(true, Ordering::Relaxed);
    sends.into_iter().for_each(|it| it.join().unwrap());
}

#[test]
fn a_snapshot_is_of_one_moment() {
    let _only = HOOKS.lock().unwrap_or_else(PoisonError::into_inner);
    let signal: Arc<Signal<Hooked, u32, &'static str>> = Arc::new(Signal::new("moment"));
    signal
        .receiver(|_: &Hooked, _: &u32| Some("bound"))
        .from(&Hooked(1))
        .connect();
    let inside = signal.clone();
    *HOOK.lock().unwrap() = Some(Box::new(move || {
        inside
            .receiver(|_: &Hooked, _: &u32| Some("x"))
            .from(&Hooked(1))
            .connect();
        inside.connect(|_: &Hooked, _: &u32| Some("y"));
    }));
    let said: Vec<_> = signal
        .send(&Hooked(1), &1)
        .into_outcomes()
        .map(|(_, it)| it)
        .collect();
    assert!(said == ["bound"] || said == ["bound", "x", "y"], "{said:?}");
}

#[test]
fn none_of_two_is_called_if_one_replaces_the_other_in_the_middle_of_a_send() {
    let _only = HOOKS.lock().unwrap_or_else(PoisonError::into_inner);
    let signal: Arc<Signal<Hooked, u32, &'static str>> = Arc::new(Signal::new("replaced"));
    signal
        .receiver(|_: &Hooked, _: &u32| Some("bound"))
        .from(&Hooked(1))
        .connect();
    signal
        .receiver(|_: &Hooked, _: &u32| Some("old"))
        .key("k")
        .connect();
    let inside = signal.clone();
    *HOOK.lock().unwrap() = Some(Box::new(move || {
        inside
            .receiver(|_: &Hooked, _: &u32| Some("new"))
            .key("k")
            .from(&Hooked(1))
            .replace()
            .connect();
    }));
    let said: Vec<_> = signal
        .send(&Hooked(1), &1)
        .into_outcomes()
        .map(|(_, it)| it)
        .collect();
    assert_eq!(said, ["bound"], "keys are compared when the send has begun");
}

#[test]
fn sends_in_destructors_of_thread_locals() {
    static SIGNAL: Signal<str, u32, Infallible> = Signal::new("tls");
    static RAN: AtomicUsize = AtomicUsize::new(0);
    struct Sends;
    impl Drop for Sends {
        fn drop(&mut self) {
            SIGNAL.send("s", &20);
            SIGNAL.emit("s", &20).for_each(drop);
            let connection = SIGNAL.connect(|_: &str, _: &u32| ());
            connection.disconnect_and_wait().unwrap();
        }
    }
    thread_local!(static SENDS: Sends = const { Sends });
    let owner = Arc::new(());
    SIGNAL
        .receiver(|_: &str, n: &u32| {
            RAN.fetch_add(1, Ordering::Relaxed);
            if *n > 0 {
                SIGNAL.send("s", &(n - 1));
            }
        })
        .weak(&owner)
        .connect();
    SIGNAL.receiver(|_: &str, _: &u32| ()).from("s").connect();
    for _ in 0..20 {
        std::thread::spawn(|| {
            SENDS.with(|_| ());
            SIGNAL.send("s", &0);
        })
        .join()
        .unwrap();
        std::thread::spawn(|| SENDS.with(|_| ())).join().unwrap();
    }
    assert_eq!(RAN.load(Ordering::Relaxed), 20 + 40 * 42);
}

/// Waits for the receiver in the slot when a clone of it is dropped.
struct Lent(#[allow(dead_code)] Option<Waits>, Slot, Said);

impl Clone for Lent {
    fn clone(&self) -> Self {
        let waits = Waits(self.1.clone(), self.2.clone());
        Self(Some(waits), self.1.clone(), self.2.clone())
    }
}

#[test]
fn what_a_task_was_lent_may_wait_for_the_receiver() {
    for (polls, pending) in [(1, 0), (0, 0), (1, 9)] {
        let (slot, said) = pair();
        let signal = AsyncSignal::<Lent, Lent, Infallible>::new("tasks");
        let tasks = Arc::new(Mutex::new(Vec::new()));
        let t = tasks.clone();
        let connection = signal
            .receiver(move |_: &Lent, _: &Lent| Later(pending, None))
            .detached_on(move |task| t.lock().unwrap().push(task))
            .connect();
        *slot.lock().unwrap() = Some(connection);
        let lent = Lent(None, slot, said.clone());
        let mut send = Box::pin(signal.send(&lent, &lent));
        assert!(send.as_mut().poll(&mut cx()).is_ready());
        drop(send);
        let mut task: Task = tasks.lock().unwrap().pop().unwrap();
        for _ in 0..polls {
            _ = task.as_mut().poll(&mut cx());
        }
        drop(task);
        let said = said.lock().unwrap();
        assert_eq!(*said, ["inside", "inside"], "{polls} {pending}");
        drop(said);
    }
}

#[test]
fn a_condition_that_drops_an_owner_that_panics() {
    for panics in [false, true] {
        let signal = Tick::new("owned");
        let (owner, kept) = (Arc::new(Bad), Arc::new(Mutex::new(None)));
        let k = kept.clone();
        let condition = move |_: &str, _: &u32| {
            drop(k.lock().unwrap().take());
            assert!(!panics, "the condition");
            false
        };
        signal
            .receiver(|_: &str, _: &u32| ())
            .weak(&owner)
            .when(condition)
            .connect();
        *kept.lock().unwrap() = Some(owner);
        let outcomes = signal.send("s", &1);
        let failures = outcomes.failures().map(|(_, failure)| failure.to_string());
        let failures: Vec<_> = failures.collect();
        match panics {
            true => assert_eq!(failures, ["panicked: the condition"]),
            false => assert_eq!((failures.len(), outcomes.ran()), (0, 0)),
        }
    }
}
