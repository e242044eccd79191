//! What it costs to catch a receiver's panic.
//!
//! Ours cannot be had without. So the price is taken at the bare loop, with and without `catch_unwind` around
//! each call; ours stands beside the loop that catches, which does the same for its receivers.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};

use benches::{Bus as _, Payload, Raw, SENDER, Samples, filled, time};

use crate::candidates::Ours;
use crate::report::{lengths, line, title};
use crate::sends::{calls, sample};

const LENGTHS: [usize; 3] = [8, 64, 1000];

#[inline(never)]
fn send_caught(raw: &Raw, payload: &'static Payload) -> u64 {
    let outcomes = raw.receivers.iter().filter_map(|receiver| {
        let call = AssertUnwindSafe(|| receiver(&SENDER, payload));
        catch_unwind(call).unwrap_or_default()
    });
    outcomes.sum()
}

pub(crate) fn compare() {
    const ROUNDS: usize = 101;
    let payload = Payload::leaked();
    let runs = LENGTHS.map(|receivers| {
        let calls = calls(receivers);
        let mut raw: Raw = filled(receivers);
        let caught: Raw = filled(receivers);
        let mut ours: Ours = filled(receivers);
        Samples::take(
            ROUNDS,
            &mut [
                &mut || sample(&mut raw, payload, calls),
                &mut || {
                    time(calls, || {
                        black_box(send_caught(black_box(&caught), payload));
                    })
                },
                &mut || sample(&mut ours, payload, calls),
            ],
        )
    });
    title("isolation of failures: ns");
    lengths("receivers", &LENGTHS);
    let names = [
        Raw::NAME,
        "raw loop, each call caught",
        <Ours as benches::Bus>::NAME,
    ];
    for (candidate, name) in names.iter().enumerate() {
        line(name, &runs.each_ref().map(|run| run.median(candidate)));
    }
    line(
        "caught over not caught",
        &runs.each_ref().map(|run| run.ratio(1, 0)),
    );
    line(
        "ours over caught",
        &runs.each_ref().map(|run| run.ratio(2, 1)),
    );
}
