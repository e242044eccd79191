//! A send whose receivers all answer, beside a bare loop that collects the outcomes.

use std::hint::black_box;

use benches::{Boxed, Payload, SENDER, Samples, Sender, time};
use signals::{Outcomes, Signal};

use crate::memory::allocations;
use crate::report::{line, title};

#[inline(never)]
fn collect(receivers: &[Boxed], payload: &Payload) -> Vec<u64> {
    let outcomes = receivers
        .iter()
        .filter_map(|receiver| receiver(&SENDER, payload));
    outcomes.collect()
}

#[inline(never)]
fn send(signal: &Signal<Sender, Payload, u64>, payload: &Payload) -> Outcomes<u64> {
    signal.send(&SENDER, payload)
}

pub(crate) fn compare() {
    const CALLS: u32 = 5_000;
    let payload = Payload::leaked();
    let signal = Signal::new("bench");
    let mut raw: Vec<Boxed> = Vec::new();
    for n in 0..8 {
        signal.connect(move |_: &Sender, _: &Payload| Some(n));
        raw.push(Box::new(move |_, _| Some(n)));
    }
    let mut collecting = || {
        black_box(collect(black_box(&raw), payload));
    };
    let mut sending = || {
        black_box(send(black_box(&signal), payload));
    };
    let counts = [allocations(&mut collecting), allocations(&mut sending)];
    let samples = Samples::take(
        101,
        &mut [&mut || time(CALLS, &mut collecting), &mut || {
            time(CALLS, &mut sending)
        }],
    );
    title("8 receivers that all answer: ns, and allocations");
    line("raw loop, collected", &[samples.median(0), counts[0]]);
    line("send", &[samples.median(1), counts[1]]);
}
