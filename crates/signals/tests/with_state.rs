//! Receivers that are lent a state with each call: methods of a type.

mod support;

use std::future::ready;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};

use signals::{AsyncSignal, ConnectError, Signal, Task};
use support::{Canary, Log, block_on, poll_once, yield_now};

struct Order {
    id: u32,
}

struct Mailer {
    from: String,
    sent: Log,
}

impl Mailer {
    fn new(log: &Log) -> Arc<Self> {
        Arc::new(Self {
            from: "till".to_owned(),
            sent: log.clone(),
        })
    }

    fn on_order(&self, shop: &str, order: &Order) -> Option<u32> {
        self.sent.note(format!("{} {shop} {}", self.from, order.id));
        Some(order.id)
    }

    async fn on_order_later(&self, shop: &str, order: &Order) -> Result<Option<u32>, String> {
        let line = format!("{} {shop} {}", self.from, order.id);
        yield_now().await;
        self.sent.note(line);
        if order.id == 0 {
            return Err(format!("{} has no order 0", self.from));
        }
        yield_now().await;
        Ok(Some(order.id))
    }
}

type Plain = Signal<str, Order, u32>;
type Mixed = AsyncSignal<str, Order, u32>;

#[test]
fn a_method_receives_a_plain_signal() {
    let (signal, log) = (Plain::new("placed"), Log::default());
    signal.connect_with(Mailer::new(&log), Mailer::on_order);
    assert_eq!(signal.send("shop", &Order { id: 7 }).first(), Some(&7));
    assert_eq!(log.take(), ["till shop 7"]);
}

#[test]
fn an_async_method_borrows_state_sender_and_payload_across_awaits() {
    let (signal, log) = (Mixed::new("placed"), Log::default());
    signal.connect_with(Mailer::new(&log), Mailer::on_order_later);
    let outcomes = block_on(signal.send("shop", &Order { id: 7 }));
    assert_eq!(outcomes.first(), Some(&7));
    assert_eq!(log.take(), ["till shop 7"]);
}

#[test]
fn a_plain_method_receives_an_async_signal() {
    let (signal, log) = (Mixed::new("placed"), Log::default());
    signal.connect_with(Mailer::new(&log), Mailer::on_order);
    assert_eq!(
        block_on(signal.send("shop", &Order { id: 7 })).first(),
        Some(&7)
    );
}

#[test]
fn an_error_of_an_async_method_is_a_failure() {
    let (signal, log) = (Mixed::new("placed"), Log::default());
    signal.connect_with(Mailer::new(&log), Mailer::on_order_later);
    let outcomes = block_on(signal.send("shop", &Order { id: 0 }));
    let (_, failure) = outcomes.failures().next().unwrap();
    assert_eq!(failure.to_string(), "till has no order 0");
}

#[test]
fn a_closure_with_a_state_on_a_plain_signal_needs_no_types() {
    let signal = Plain::new("placed");
    let total = Arc::new(AtomicU32::new(0));
    signal.connect_with(total.clone(), |total, _, order| {
        total.fetch_add(order.id, Ordering::Relaxed);
    });
    signal.send("shop", &Order { id: 7 });
    assert_eq!(total.load(Ordering::Relaxed), 7);
}

#[test]
fn an_async_closure_with_a_state_may_lend_it_to_its_future() {
    let signal = Mixed::new("placed");
    let ids = Arc::new(Mutex::new(Vec::new()));
    signal.connect_with(
        ids.clone(),
        async |ids: &Mutex<Vec<u32>>, _: &str, order: &Order| {
            ready(()).await;
            ids.lock().unwrap().push(order.id);
        },
    );
    block_on(signal.send("shop", &Order { id: 7 }));
    assert_eq!(*ids.lock().unwrap(), [7]);
}

#[test]
fn a_state_may_be_a_trait_object() {
    trait Price: Send + Sync {
        fn price(&self, order: &Order) -> u32;
    }

    struct Double;

    impl Price for Double {
        fn price(&self, order: &Order) -> u32 {
            order.id * 2
        }
    }

    let signal = Plain::new("placed");
    let price: Arc<dyn Price> = Arc::new(Double);
    signal.connect_with(price, |price, _, order| Some(price.price(order)));
    assert_eq!(signal.send("shop", &Order { id: 7 }).first(), Some(&14));
}

#[test]
fn a_method_is_named_by_its_path() {
    let (plain, mixed, log) = (Plain::new("a"), Mixed::new("b"), Log::default());
    plain.connect_with(Mailer::new(&log), Mailer::on_order);
    mixed.connect_with(Mailer::new(&log), Mailer::on_order_later);
    assert_eq!(plain.receivers()[0].name(), "with_state::Mailer::on_order");
    assert_eq!(
        mixed.receivers()[0].name(),
        "with_state::Mailer::on_order_later"
    );
}

#[test]
fn a_receiver_with_a_state_is_described_by_the_line_that_connects_it() {
    let (signal, log) = (Plain::new("placed"), Log::default());
    let line = line!() + 1;
    signal.connect_with(Mailer::new(&log), Mailer::on_order);
    assert_eq!(signal.receivers()[0].line(), line);
}

#[test]
fn all_options_apply_to_a_receiver_with_a_state() {
    let (signal, log) = (Plain::new("placed"), Log::default());
    signal.connect(log.writes("other"));
    signal
        .receiver_with(Mailer::new(&log), Mailer::on_order)
        .named("mailer")
        .order(-1)
        .from("shop")
        .when(|_, order| order.id > 1)
        .once()
        .connect();
    for (shop, id) in [("fair", 7), ("shop", 1), ("shop", 7), ("shop", 8)] {
        signal.send(shop, &Order { id });
    }
    let expected = ["other", "other", "till shop 7", "other", "other"];
    assert_eq!(log.take(), expected);
}

#[test]
fn the_state_is_dropped_when_the_receiver_is_disconnected() {
    let (signal, log) = (Mixed::new("placed"), Log::default());
    let state = Arc::new(Canary(log.clone(), "dropped"));
    let connection = signal.connect_with(state, async |_: &Canary, _: &str, _: &Order| ());
    assert!(log.take().is_empty());
    connection.disconnect();
    assert_eq!(log.take(), ["dropped"]);
}

#[test]
fn a_call_that_is_cancelled_releases_the_state() {
    let signal = Mixed::new("placed");
    let state = Arc::new(());
    signal.connect_with(state.clone(), async |(): &(), _: &str, _: &Order| {
        std::future::pending::<()>().await;
    });
    let order = Order { id: 7 };
    let mut send = Box::pin(signal.send("shop", &order));
    assert!(poll_once(send.as_mut()).is_pending());
    let during = Arc::strong_count(&state);
    drop(send);
    assert_eq!(Arc::strong_count(&state), during - 1);
}

#[test]
fn a_weak_method_ends_with_its_owner() {
    let (signal, log) = (Plain::new("placed"), Log::default());
    let mailer = Mailer::new(&log);
    signal.connect_weak(&mailer, Mailer::on_order);
    assert_eq!(signal.send("shop", &Order { id: 7 }).ran(), 1);
    drop(mailer);
    assert_eq!(signal.send("shop", &Order { id: 7 }).ran(), 0);
}

#[test]
fn a_weak_async_method_ends_with_its_owner() {
    let (signal, log) = (Mixed::new("placed"), Log::default());
    let mailer = Mailer::new(&log);
    signal.connect_weak(&mailer, Mailer::on_order_later);
    assert_eq!(block_on(signal.send("shop", &Order { id: 7 })).ran(), 1);
    drop(mailer);
    assert_eq!(block_on(signal.send("shop", &Order { id: 7 })).ran(), 0);
}

#[test]
fn a_weak_receiver_does_not_keep_its_owner() {
    let (signal, log) = (Mixed::new("placed"), Log::default());
    let owner = Arc::new(Canary(log.clone(), "dropped"));
    signal.connect_weak(&owner, async |_: &Canary, _: &str, _: &Order| ());
    drop(owner);
    assert_eq!(log.take(), ["dropped"]);
}

#[test]
fn an_owner_lives_as_long_as_the_call_that_it_is_lent_to() {
    let (signal, log) = (Mixed::new("placed"), Log::default());
    let owner = Arc::new(Canary(log.clone(), "dropped"));
    let weak: Weak<Canary> = Arc::downgrade(&owner);
    signal.connect_weak(&owner, async |owner: &Canary, _: &str, _: &Order| {
        yield_now().await;
        owner.0.note("called");
    });
    let order = Order { id: 7 };
    let mut send = pin!(signal.send("shop", &order));
    assert!(poll_once(send.as_mut()).is_pending());
    drop(owner);
    assert!(weak.upgrade().is_some());
    block_on(send);
    assert_eq!(log.take(), ["called", "dropped"]);
}

#[test]
fn an_owner_that_drops_itself_in_a_call_is_dropped_after_it() {
    let (signal, log) = (Plain::new("placed"), Log::default());
    let place = Arc::new(Mutex::new(Some(Arc::new(Canary(log.clone(), "dropped")))));
    let owner = place.lock().unwrap().clone().unwrap();
    let held = place.clone();
    signal.connect_weak(&owner, move |owner, _, _| {
        held.lock().unwrap().take();
        owner.0.note("called");
    });
    drop(owner);
    signal.send("shop", &Order { id: 7 });
    assert_eq!(log.take(), ["called", "dropped"]);
}

#[test]
fn a_detached_receiver_keeps_its_owner_until_it_has_ended() {
    #[derive(Clone)]
    struct Id;

    let signal: AsyncSignal<(), Id, ()> = AsyncSignal::new("placed");
    let (log, tasks) = (Log::default(), Arc::new(Mutex::new(Vec::<Task>::new())));
    let (owner, spawned) = (Arc::new(Canary(log.clone(), "dropped")), tasks.clone());
    signal
        .receiver_weak(&owner, async |owner: &Canary, (): &(), _: &Id| {
            owner.0.note("called");
        })
        .detached_on(move |task| spawned.lock().unwrap().push(task))
        .connect();
    block_on(signal.send(&(), &Id));
    drop(owner);
    let task = tasks.lock().unwrap().pop().unwrap();
    block_on(task);
    assert_eq!(log.take(), ["called", "dropped"]);
}

#[test]
fn a_weak_receiver_cannot_have_a_second_owner() {
    let (signal, log) = (Plain::new("placed"), Log::default());
    let (one, other) = (Mailer::new(&log), Mailer::new(&log));
    let receiver = signal.receiver_weak(&one, Mailer::on_order).weak(&other);
    assert!(matches!(
        receiver.try_connect(),
        Err(ConnectError::Repeated { option: "weak", .. })
    ));
}

#[test]
fn a_panic_of_a_method_is_a_failure() {
    let signal = Plain::new("placed");
    signal.connect_weak(&Arc::new(()), |(), _, _| ());
    let owner = Arc::new(String::from("till"));
    signal.connect_weak(&owner, |owner, _, order| {
        assert!(order.id > 7, "{owner} is closed");
    });
    let outcomes = signal.send("shop", &Order { id: 7 });
    assert!(
        outcomes
            .failures()
            .next()
            .unwrap()
            .1
            .to_string()
            .contains("till is closed")
    );
}

#[test]
fn a15_a_state_and_a_handler_that_go_at_once_may_both_panic() {
    struct Bad;

    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("bad");
        }
    }

    let plain = Signal::<str, u32, u32>::new("plain");
    let captured = Bad;
    let connection = plain.connect_with(Arc::new(Bad), move |_: &Bad, _: &str, _: &u32| {
        let _ = &captured;
    });
    assert!(connection.disconnect());
    let mixed = AsyncSignal::<str, u32, u32>::new("mixed");
    let captured = Bad;
    let connection = mixed.connect_with(Arc::new(Bad), move |_: &Bad, _: &str, _: &u32| {
        let _ = &captured;
        async {}
    });
    assert!(connection.disconnect());
}
