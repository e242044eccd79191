//! An async send, beside sends that do not wait and beside a bare loop that awaits.

use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use benches::{Bus as _, Payload, Raw, SENDER, Samples, Sender, boxed, time};
use signals::{AsyncSignal, Signal};

use crate::memory::allocations;
use crate::report::{Report, line, title};

type Starting = Box<
    dyn for<'a> Fn(
            &'a Sender,
            &'a Payload,
        ) -> Pin<Box<dyn Future<Output = Option<u64>> + Send + 'a>>
        + Send
        + Sync,
>;

/// A receiver that could wait, and does not.
async fn count(_: &Sender, payload: &Payload) -> Option<u64> {
    payload.add(1);
    None
}

fn work(word: u64) -> impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static {
    move |_, payload| {
        payload.add(word);
        None
    }
}

fn plain(receivers: u64) -> Signal<Sender, Payload, u64> {
    let signal = Signal::new("bench");
    for word in 0..receivers {
        signal.connect(work(black_box(word)));
    }
    signal
}

fn mixed(plain: u64, asynchronous: u64) -> AsyncSignal<Sender, Payload, u64> {
    let signal = AsyncSignal::new("bench");
    for word in 0..plain {
        signal.connect(work(black_box(word)));
    }
    for _ in 0..asynchronous {
        signal.connect(count);
    }
    signal
}

fn raw_async(receivers: u64) -> Vec<Starting> {
    let receiver = |_| -> Starting { Box::new(|sender, payload| Box::pin(count(sender, payload))) };
    (0..receivers).map(receiver).collect()
}

async fn await_each(receivers: &[Starting], payload: &Payload) -> u64 {
    let mut sum = 0;
    for receiver in receivers {
        sum += receiver(&SENDER, payload).await.unwrap_or(0);
    }
    sum
}

/// Runs a future whose receivers never wait to its end.
fn finish<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("no receiver waits"),
    }
}

#[inline(never)]
fn send(signal: &Signal<Sender, Payload, u64>, payload: &Payload) -> bool {
    signal.send(&SENDER, payload).is_empty()
}

#[inline(never)]
fn send_async(signal: &AsyncSignal<Sender, Payload, u64>, payload: &Payload) -> bool {
    finish(signal.send(&SENDER, payload)).is_empty()
}

#[inline(never)]
fn send_raw(receivers: &mut Raw, payload: &'static Payload) -> u64 {
    receivers.send(payload)
}

#[inline(never)]
fn send_raw_async(receivers: &[Starting], payload: &Payload) -> u64 {
    finish(await_each(receivers, payload))
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
        "raw async loop, 1 boxed future",
        "raw async loop, 8 boxed futures",
    ];
    let payload = Payload::leaked();
    let mut raw = Raw {
        receivers: (0..8).map(|word| boxed(work(black_box(word)))).collect(),
    };
    let signals = [plain(0), plain(8)];
    let asyncs = [mixed(0, 0), mixed(8, 0), mixed(7, 1), mixed(0, 8)];
    let raw_asyncs = [raw_async(1), raw_async(8)];

    let mut sends: Vec<Box<dyn FnMut(u32) -> f64 + '_>> = Vec::new();
    sends.push(Box::new(|calls| {
        time(calls, || {
            black_box(send_raw(black_box(&mut raw), payload));
        })
    }));
    for signal in &signals {
        sends.push(Box::new(move |calls| {
            time(calls, || {
                black_box(send(black_box(signal), payload));
            })
        }));
    }
    for signal in &asyncs {
        sends.push(Box::new(move |calls| {
            time(calls, || {
                black_box(send_async(black_box(signal), payload));
            })
        }));
    }
    for receivers in &raw_asyncs {
        sends.push(Box::new(move |calls| {
            time(calls, || {
                black_box(send_raw_async(black_box(receivers), payload));
            })
        }));
    }

    let counts: Vec<f64> = sends
        .iter_mut()
        .map(|send| allocations(|| send(1)))
        .collect();
    let mut timed: Vec<_> = sends.iter_mut().map(|send| || send(CALLS)).collect();
    let mut candidates: Vec<&mut dyn FnMut() -> f64> = Vec::new();
    for send in &mut timed {
        candidates.push(send);
    }
    let samples = Samples::take(ROUNDS, &mut candidates);

    title("an async send whose receivers do not wait, polled by hand: ns, and allocations");
    for (candidate, name) in NAMES.iter().enumerate() {
        line(name, &[samples.median(candidate), counts[candidate]]);
    }
    let more = "async send, all plain, more than send";
    report.at_most(
        &format!("{more}: none"),
        samples.difference(3, 1),
        3.0,
        "ns",
    );
    report.at_most(&format!("{more}: 8"), samples.difference(4, 2), 3.0, "ns");
    report.at_most("async send, 8 plain: allocations", counts[4], 0.0, "");
}
