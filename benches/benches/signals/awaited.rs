//! An async send, beside sends that do not wait and beside a bare loop that awaits.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;

use benches::{Bus as _, Payload, Raw, SENDER, Samples, Sender, Sends as _, filled, time};

use crate::candidates::{Ours, OursAsync, finish};
use crate::memory::allocations;
use crate::report::{Report, line, title};
use crate::sends::sample;

type Answering<'a> = Pin<Box<dyn Future<Output = Option<u64>> + Send + 'a>>;

/// A list of functions whose futures are boxed, as any list of unknown ones has to.
type Starting = Box<dyn for<'a> Fn(&'a Sender, &'a Payload) -> Answering<'a> + Send + Sync>;

/// A receiver that could wait, and does not.
async fn count(_: &Sender, payload: &Payload) -> Option<u64> {
    payload.add(1);
    None
}

fn ours(plain: usize, waiting: usize) -> OursAsync {
    let ours: OursAsync = filled(plain);
    for _ in 0..waiting {
        ours.0.connect(count);
    }
    ours
}

fn raw(waiting: usize) -> Vec<Starting> {
    let receiver = |_| -> Starting { Box::new(|sender, payload| Box::pin(count(sender, payload))) };
    (0..waiting).map(receiver).collect()
}

/// Calls the plain ones, and then awaits the others one after the other.
async fn await_each(plain: &Raw, receivers: &[Starting], payload: &'static Payload) -> u64 {
    let mut sum = plain.send_shared(payload);
    for receiver in receivers {
        sum += receiver(&SENDER, payload).await.unwrap_or(0);
    }
    sum
}

#[inline(never)]
fn send_raw(plain: &Raw, receivers: &[Starting], payload: &'static Payload) -> u64 {
    finish(await_each(plain, receivers, payload))
}

fn sample_raw(plain: &Raw, receivers: &[Starting], payload: &'static Payload, calls: u32) -> f64 {
    time(calls, || {
        black_box(send_raw(plain, black_box(receivers), payload));
    })
}

pub(crate) fn compare(report: &mut Report) {
    const ROUNDS: usize = 101;
    const CALLS: u32 = 10_000;
    const NAMES: [&str; 9] = [
        "raw loop, 8 plain",
        "send, none",
        "send, 8 plain",
        "async send, none",
        "async send, 8 plain",
        "async send, 7 plain and 1 async",
        "async send, 8 async",
        "raw async loop, 7 plain and 1 boxed future",
        "raw async loop, 8 boxed futures",
    ];
    let payload = Payload::leaked();
    let mut raw_plain: Raw = filled(8);
    let (mut none, mut plain): (Ours, Ours) = (filled(0), filled(8));
    let (mut async_none, mut async_plain) = (ours(0, 0), ours(8, 0));
    let (mut one_waits, mut all_wait) = (ours(7, 1), ours(0, 8));
    let (raw_one, raw_all) = (raw(1), raw(8));
    let (no_plain, seven_plain): (Raw, Raw) = (filled(0), filled(7));

    let counts = [
        allocations(|| raw_plain.send(payload)),
        allocations(|| none.send(payload)),
        allocations(|| plain.send(payload)),
        allocations(|| async_none.send(payload)),
        allocations(|| async_plain.send(payload)),
        allocations(|| one_waits.send(payload)),
        allocations(|| all_wait.send(payload)),
        allocations(|| send_raw(&seven_plain, &raw_one, payload)),
        allocations(|| send_raw(&no_plain, &raw_all, payload)),
    ];
    let samples = Samples::take(
        ROUNDS,
        &mut [
            &mut || sample(&mut raw_plain, payload, CALLS),
            &mut || sample(&mut none, payload, CALLS),
            &mut || sample(&mut plain, payload, CALLS),
            &mut || sample(&mut async_none, payload, CALLS),
            &mut || sample(&mut async_plain, payload, CALLS),
            &mut || sample(&mut one_waits, payload, CALLS),
            &mut || sample(&mut all_wait, payload, CALLS),
            &mut || sample_raw(&seven_plain, &raw_one, payload, CALLS),
            &mut || sample_raw(&no_plain, &raw_all, payload, CALLS),
        ],
    );

    title("an async send whose receivers do not wait, polled by hand: ns, and allocations");
    for (candidate, name) in NAMES.iter().enumerate() {
        line(name, &[samples.median(candidate), counts[candidate]]);
    }
    let what = "1 async of 8, ready at once, more than raw";
    report.at_most(what, samples.difference(5, 7), 60.0, "ns");
    let what = "8 async, ready at once, over raw";
    report.at_most(what, samples.ratio(6, 8), 1.6, "x");
}
