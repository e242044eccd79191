//! What a receiver takes of memory.

use allocation_counter::{AllocationInfo, measure};
use signals::Signal;

const RECEIVERS: i64 = 1000;

fn held_by_receivers() -> AllocationInfo {
    let signal = Signal::<str, u32, u32>::new("a");
    signal.connect(|_: &str, _: &u32| ());
    measure(|| {
        for captured in 0..RECEIVERS {
            signal.connect(move |_: &str, _: &u32| assert!(captured < RECEIVERS));
        }
    })
}

#[test]
fn a_receiver_takes_64_bytes_at_most_besides_what_it_captures() {
    let held = held_by_receivers();
    let captured = size_of::<i64>() as i64;
    let bytes = held.bytes_current;
    assert!(bytes <= (64 + captured) * RECEIVERS, "{bytes} bytes");
}

#[test]
fn a_receiver_takes_one_block_and_its_captures_another() {
    let blocks = held_by_receivers().count_current;
    // What the signal itself needs does not grow with them.
    let expected = 2 * RECEIVERS..2 * RECEIVERS + 10;
    assert!(expected.contains(&blocks), "{blocks} blocks");
}

#[test]
fn keys_of_receivers_that_have_gone_take_nothing() {
    let signal = Signal::<str, u32, u32>::new("a");
    signal
        .receiver(|_: &str, _: &u32| ())
        .key("first")
        .connect();
    let left = measure(|| {
        for n in 0..RECEIVERS {
            let receiver = signal.receiver(|_: &str, _: &u32| ());
            receiver.key(n.to_string()).connect();
        }
        signal.disconnect_all();
    });
    let bytes = left.bytes_current;
    assert!(bytes < RECEIVERS, "{bytes} bytes");
}
