//! What costs no memory: sends whose receivers have nothing to say.

mod support;

use allocation_counter::measure;
use signals::{AsyncSignal, Signal};
use support::block_on;

fn allocations(run: impl Fn()) -> u64 {
    // The first send of a thread makes its record.
    run();
    measure(run).count_total
}

#[test]
fn a_send_to_silent_receivers_allocates_nothing() {
    let signal = Signal::<str, u32, u32>::new("a");
    assert_eq!(allocations(|| drop(signal.send("s", &1))), 0);
    for _ in 0..100 {
        signal.connect(|_: &str, _: &u32| ());
        signal
            .receiver(|_: &str, _: &u32| ())
            .when(|_, n| *n > 0)
            .connect();
    }
    assert_eq!(allocations(|| drop(signal.send("s", &1))), 0);
}

#[test]
fn an_async_send_to_plain_receivers_allocates_no_more_than_a_plain_one() {
    let signal = AsyncSignal::<str, u32, u32>::new("a");
    for _ in 0..100 {
        signal.connect(|_: &str, _: &u32| ());
    }
    let idle = allocations(|| block_on(async {}));
    assert_eq!(allocations(|| drop(block_on(signal.send("s", &1)))), idle);
}
