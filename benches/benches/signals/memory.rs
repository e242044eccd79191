//! What is asked of the allocator: for a connected receiver, and for a send.
//!
//! For this every allocation of the program is counted, which makes each of them some nanoseconds slower, for
//! all candidates alike.

use allocation_counter::measure;
use benches::{Bus, Payload, Raw, connect_receiver, filled};

use crate::candidates::{Bevy, Locked, ModEvents, Ours, Signals2, Swapped};
use crate::report::{Report, title};

/// How often it allocates.
pub(crate) fn allocations<T>(mut call: impl FnMut() -> T) -> f64 {
    // What is only made once has been made then.
    drop(call());
    measure(|| drop(call())).count_total as f64
}

/// The bytes and blocks that a receiver with one captured word adds to what is allocated.
///
/// From the 1025th to the 2048th, so that what a list has to spare counts in full, and no more than that.
fn receiver<B: Bus + Default>() -> [f64; 2] {
    const RECEIVERS: usize = 1024;
    let mut bus: B = filled(RECEIVERS);
    let mut connections = Vec::with_capacity(RECEIVERS);
    let before = connections.capacity();
    let added = measure(|| {
        for number in 0..RECEIVERS {
            connections.push(connect_receiver(&mut bus, number));
        }
    });
    assert_eq!(connections.capacity(), before, "not ours to count");
    // A handle that is kept may keep something; a caller need not keep it.
    let dropped = measure(|| drop(connections));
    // The vector itself was allocated outside.
    let vector = (before * size_of::<B::Connection>()) as i64;
    let blocks = added.count_current + dropped.count_current + i64::from(vector > 0);
    let bytes = added.bytes_current + dropped.bytes_current + vector;
    [bytes, blocks].map(|figure| figure as f64 / RECEIVERS as f64)
}

fn line<B: Bus + Default>() -> [f64; 2] {
    let payload = Payload::leaked();
    let [bytes, blocks] = receiver::<B>();
    let mut bus: B = filled(8);
    let of_a_send = allocations(|| bus.send(payload));
    let name = B::NAME;
    println!("{name:<36} {bytes:>10.1} {blocks:>10.2} {of_a_send:>10}");
    [bytes, blocks]
}

pub(crate) fn compare(report: &mut Report) {
    title("memory of a receiver with one captured word; allocations of a send to 8");
    println!(
        "{:<36} {:>10} {:>10} {:>10}",
        "", "bytes", "blocks", "a send"
    );
    line::<Raw>();
    let [bytes, blocks] = line::<Ours>();
    line::<Locked>();
    line::<Swapped>();
    line::<Signals2>();
    line::<ModEvents>();
    line::<Bevy>();
    let captured = size_of::<u64>() as f64;
    let what = "memory of a receiver besides its captures";
    report.at_most(what, bytes - captured, 64.0, "bytes");
    report.note(format!("in {blocks:.2} blocks"));
}
