//! Costs that do not grow with what was not asked for, counted in allocations.

mod support;

use std::convert::Infallible;
use std::task::{Context, Waker};

use allocation_counter::measure;
use signals::{AsyncSignal, Signal};

/// What connecting, sending and disconnecting one receiver of a sender allocates.
fn one_more(signal: &Signal<u32, u32, Infallible>) -> u64 {
    let all = measure(|| {
        let one = signal
            .receiver(|_: &u32, _: &u32| ())
            .from(&u32::MAX)
            .connect();
        assert_eq!(signal.send(&u32::MAX, &1).ran(), 1);
        assert!(one.disconnect());
    });
    all.bytes_total
}

#[test]
fn a06_what_a_receiver_of_one_sender_costs_does_not_depend_on_others() {
    let signal = Signal::<u32, u32, Infallible>::new("flat");
    let connect = |senders: std::ops::Range<u32>| {
        for sender in senders {
            signal
                .receiver(|_: &u32, _: &u32| ())
                .from(&sender)
                .connect();
        }
    };
    connect(0..10);
    one_more(&signal);
    let few = one_more(&signal);
    connect(10..10_000);
    one_more(&signal);
    let many = one_more(&signal);
    assert!(many <= few, "{many} bytes beside 10 000, {few} beside 10");
}

#[test]
fn a01_a_receiver_that_named_others_costs_nothing_once_it_has_gone() {
    let signal = Signal::<str, u32, Infallible>::new("flat");
    for _ in 0..100 {
        signal.connect(|_: &str, _: &u32| ());
    }
    let connect = || {
        let connected = measure(|| _ = signal.connect(|_: &str, _: &u32| ()).disconnect());
        connected.bytes_total
    };
    connect();
    let before = connect();
    let first = signal
        .receiver(|_: &str, _: &u32| ())
        .before("last")
        .connect();
    first.disconnect();
    assert_eq!(connect(), before);
}

#[test]
fn a03_a_send_that_waits_holds_one_list() {
    let signal = AsyncSignal::<str, u32, Infallible>::new("flat");
    signal.connect(async |_: &str, _: &u32| std::future::pending::<()>().await);
    for _ in 0..100 {
        signal.connect(|_: &str, _: &u32| ());
    }
    let mut send = Box::pin(signal.send("s", &1));
    let mut context = Context::from_waker(Waker::noop());
    assert!(send.as_mut().poll(&mut context).is_pending());
    let change = |times: u32| {
        let held = measure(|| {
            for _ in 0..times {
                signal.connect(|_: &str, _: &u32| ()).disconnect();
            }
        });
        held.bytes_current
    };
    change(1);
    assert_eq!(change(1_000), 0, "bytes held beside a send that waits");
}

#[test]
fn a01_a_long_chain_of_names_is_arranged_in_one_pass() {
    let signal = Signal::<str, u32, Infallible>::new("flat");
    for number in 0..400_u32 {
        let later = format!("r{}", number + 1);
        let receiver = signal.receiver(|_: &str, _: &u32| ());
        receiver.named(format!("r{number}")).before(later).connect();
    }
    let names: Vec<String> = signal
        .receivers()
        .iter()
        .map(|it| it.name().to_owned())
        .collect();
    let expected: Vec<String> = (0..400).map(|number| format!("r{number}")).collect();
    assert_eq!(names, expected);
}
