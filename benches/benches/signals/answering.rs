//! Receivers that may answer, beside such as return nothing; and receivers that all do, beside a bare loop that
//! collects the outcomes.

use std::hint::black_box;

use benches::{Boxed, Bus as _, Payload, Raw, SENDER, Samples, Sender, time};
use signals::{IntoAnswer, Outcomes, Signal};

use crate::memory::allocations;
use crate::report::{Report, line, title};

const RECEIVERS: u64 = 64;
const CALLS: u32 = 2_000;
const ROUNDS: usize = 101;

type Answered = Signal<Sender, Payload, u64>;

/// What a receiver returns, made of its word: an odd number, which the compiler does not know.
trait Answer<R>: Fn(u64) -> R + Copy + Send + Sync + 'static {}

impl<R, A: Fn(u64) -> R + Copy + Send + Sync + 'static> Answer<R> for A {}

/// Four types in rotation that count as everywhere, and then answer.
fn ours<R: IntoAnswer<u64> + 'static>(answer: impl Answer<R>) -> Answered {
    let signal = Signal::new("bench");
    for number in 0..RECEIVERS {
        let word = black_box(number | 1);
        match number % 4 {
            0 => signal.connect(move |_: &Sender, payload: &Payload| {
                payload.add(word);
                answer(word)
            }),
            1 => signal.connect(move |_: &Sender, payload: &Payload| {
                payload.add(word | 2);
                answer(word ^ 2)
            }),
            2 => signal.connect(move |_: &Sender, payload: &Payload| {
                payload.add(word ^ 4);
                answer(word ^ 4)
            }),
            _ => signal.connect(move |_: &Sender, payload: &Payload| {
                payload.add(word & 8);
                answer(word ^ 8)
            }),
        };
    }
    signal
}

type BoxedTo<R> = Box<dyn Fn(&Sender, &Payload) -> R + Send + Sync>;

/// The same receivers, each in a box.
fn ours_boxed<R: IntoAnswer<u64> + 'static>(answer: impl Answer<R>) -> Answered {
    let signal = Signal::new("bench");
    for number in 0..RECEIVERS {
        let word = black_box(number | 1);
        let receiver: BoxedTo<R> = match number % 4 {
            0 => Box::new(move |_, payload| {
                payload.add(word);
                answer(word)
            }),
            1 => Box::new(move |_, payload| {
                payload.add(word | 2);
                answer(word ^ 2)
            }),
            2 => Box::new(move |_, payload| {
                payload.add(word ^ 4);
                answer(word ^ 4)
            }),
            _ => Box::new(move |_, payload| {
                payload.add(word & 8);
                answer(word ^ 8)
            }),
        };
        signal.connect(receiver);
    }
    signal
}

/// The bare loop over receivers that all answer.
fn raw() -> Vec<Boxed> {
    let mut raw = Raw::default();
    for number in 0..RECEIVERS {
        let word = black_box(number | 1);
        match number % 4 {
            0 => raw.connect(move |_, payload| {
                payload.add(word);
                Some(word)
            }),
            1 => raw.connect(move |_, payload| {
                payload.add(word | 2);
                Some(word ^ 2)
            }),
            2 => raw.connect(move |_, payload| {
                payload.add(word ^ 4);
                Some(word ^ 4)
            }),
            _ => raw.connect(move |_, payload| {
                payload.add(word & 8);
                Some(word ^ 8)
            }),
        }
    }
    raw.receivers
}

#[inline(never)]
fn collect(receivers: &[Boxed], payload: &Payload) -> Vec<u64> {
    let outcomes = receivers
        .iter()
        .filter_map(|receiver| receiver(&SENDER, payload));
    outcomes.collect()
}

#[inline(never)]
fn send(signal: &Answered, payload: &Payload) -> Outcomes<u64> {
    signal.send(&SENDER, payload)
}

pub(crate) fn compare(report: &mut Report) {
    const NAMES: [&str; 7] = [
        "return ()",
        "return Result<(), E>, all Ok",
        "return Option, all None",
        "in a box, return ()",
        "in a box, return Option, all None",
        "all answer Some",
        "raw loop, all answer Some, collected",
    ];
    let payload = Payload::leaked();
    let signals = [
        ours(|_| ()),
        ours(|word| if word == 0 { Err("failed") } else { Ok(()) }),
        ours(|word| (word == 0).then_some(word)),
        ours_boxed(|_| ()),
        ours_boxed(|word| (word == 0).then_some(word)),
        ours(Some),
    ];
    let raw = raw();
    let count = |signal: &Answered| allocations(|| send(signal, payload));
    let mut counts = signals.each_ref().map(count).to_vec();
    counts.push(allocations(|| collect(&raw, payload)));
    let sample = |signal: &Answered| {
        time(CALLS, || {
            black_box(send(black_box(signal), payload));
        })
    };
    let [nothing, ok, none, boxed, boxed_none, some] = &signals;
    let samples = Samples::take(
        ROUNDS,
        &mut [
            &mut || sample(nothing),
            &mut || sample(ok),
            &mut || sample(none),
            &mut || sample(boxed),
            &mut || sample(boxed_none),
            &mut || sample(some),
            &mut || {
                time(CALLS, || {
                    black_box(collect(black_box(&raw), payload));
                })
            },
        ],
    );
    title("a send to 64 receivers that answer: ns, and allocations");
    for (candidate, (name, count)) in NAMES.iter().zip(counts).enumerate() {
        line(name, &[samples.median(candidate), count]);
    }
    let what = "64 that return Result<(), E>, over ()";
    report.at_most(what, samples.ratio(1, 0), 1.6, "x");
    report.note(format!("Option, all None {:.2}", samples.ratio(2, 0)));
    let what = "64 in a box that return Option, over ()";
    report.at_most(what, samples.ratio(4, 3), 1.6, "x");
    report.note(format!("over () without a box {:.2}", samples.ratio(4, 0)));
    let what = "64 that all answer, over a loop that collects";
    report.at_most(what, samples.ratio(5, 6), 2.0, "x");
}
