//! What a send costs, against a bare loop over boxed closures in the same run.
//!
//! `cargo bench -p benches --bench signals`. Every figure is the median of samples that alternate between
//! all candidates, so that what else the machine does falls on each alike. Receivers are four closure types
//! in rotation, each with one captured word; they count through the payload, with a relaxed load and store.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

use signals::{AsyncSignal, Connection, Signal};

struct Sender;

#[derive(Default)]
struct Payload {
    count: AtomicU64,
}

impl Payload {
    fn add(&self, n: u64) {
        let count = self.count.load(Ordering::Relaxed);
        self.count.store(count + n, Ordering::Relaxed);
    }
}

type Boxed = Box<dyn Fn(&Sender, &Payload) -> Option<u64> + Send + Sync>;

/// Calls `$connect` with one of four closures of different types.
macro_rules! rotate {
    ($round:expr, $connect:expr) => {{
        let word = black_box($round as u64 | 1);
        match $round % 4 {
            0 => $connect(move |_: &Sender, payload: &Payload| {
                payload.add(word);
                None::<u64>
            }),
            1 => $connect(move |_: &Sender, payload: &Payload| {
                payload.add(word | 2);
                None::<u64>
            }),
            2 => $connect(move |_: &Sender, payload: &Payload| {
                payload.add(word ^ 4);
                None::<u64>
            }),
            _ => $connect(move |_: &Sender, payload: &Payload| {
                payload.add(word & 8);
                None::<u64>
            }),
        }
    }};
}

fn boxed(f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static) -> Boxed {
    Box::new(f)
}

fn raw(receivers: usize) -> Vec<Boxed> {
    (0..receivers).map(|round| rotate!(round, boxed)).collect()
}

fn signal(receivers: usize) -> Signal<Sender, Payload, u64> {
    let signal = Signal::new("bench");
    for round in 0..receivers {
        let _: Connection = rotate!(round, |f| connect(&signal, f));
    }
    signal
}

fn connect(
    signal: &Signal<Sender, Payload, u64>,
    f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
) -> Connection {
    signal.connect(f)
}

fn async_signal(receivers: usize) -> AsyncSignal<Sender, Payload, u64> {
    let signal = AsyncSignal::new("bench");
    for _ in 0..receivers {
        signal.connect(|_: &Sender, payload: &Payload| payload.add(1));
    }
    signal
}

#[inline(never)]
fn run_raw(receivers: &[Boxed], sender: &Sender, payload: &Payload) -> u64 {
    let outcomes = receivers
        .iter()
        .filter_map(|receiver| receiver(sender, payload));
    outcomes.sum()
}

#[inline(never)]
fn send(signal: &Signal<Sender, Payload, u64>, payload: &Payload) -> bool {
    signal.send(&Sender, payload).is_empty()
}

#[inline(never)]
fn send_async(signal: &AsyncSignal<Sender, Payload, u64>, payload: &Payload) -> bool {
    let future = pin!(signal.send(&Sender, payload));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcomes) => outcomes.is_empty(),
        Poll::Pending => false,
    }
}

/// Ends an expression whose value nobody wants, and which the compiler must not leave out.
fn keep<T>(value: T) {
    drop(black_box(value));
}

/// The medians of each candidate, in nanoseconds a call.
fn compare(candidates: &mut [&mut dyn FnMut()], calls: u32) -> Vec<f64> {
    const SAMPLES: usize = 31;
    let mut samples = vec![Vec::with_capacity(SAMPLES); candidates.len()];
    for round in 0..=SAMPLES {
        for (candidate, samples) in candidates.iter_mut().zip(&mut samples) {
            let start = Instant::now();
            for _ in 0..calls {
                candidate();
            }
            // The first round warms up.
            if round > 0 {
                samples.push(start.elapsed().as_nanos() as f64 / f64::from(calls));
            }
        }
    }
    samples.into_iter().map(median).collect()
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn line(what: &str, ours: f64, bar: f64, note: &str) {
    let verdict = if ours <= bar { "ok" } else { "OVER" };
    println!("{what:<44} {ours:>9.2} ns   bar {bar:>9.2}   {verdict:<4} {note}");
}

fn sends() {
    for receivers in [0, 1, 8, 64, 1000] {
        let (raw, signal, mixed) = (raw(receivers), signal(receivers), async_signal(receivers));
        let (one, two, three) = (Payload::default(), Payload::default(), Payload::default());
        let calls = (400_000 / (receivers as u32 + 4)).max(200);
        let medians = compare(
            &mut [
                &mut || keep(run_raw(black_box(&raw), &Sender, &one)),
                &mut || keep(send(black_box(&signal), &two)),
                &mut || keep(send_async(black_box(&mixed), &three)),
            ],
            calls,
        );
        let [raw, ours, mixed] = medians[..] else {
            unreachable!()
        };
        let bar = match receivers {
            0 => 2.5,
            1 => raw + 1.5,
            8 => raw * 1.10,
            _ => raw * 1.03,
        };
        let note = format!("raw {raw:.2}, x {:.2}", ours / raw);
        line(&format!("send, {receivers} receivers"), ours, bar, &note);
        line(
            &format!("async send, {receivers} plain receivers"),
            mixed,
            ours + 3.0,
            "",
        );
    }
}

fn two_threads() {
    for receivers in [1, 8] {
        let signal = signal(receivers);
        let payload = Payload::default();
        let alone = compare(&mut [&mut || keep(send(&signal, &payload))], 100_000)[0];
        let start = Barrier::new(2);
        let each = || {
            let payload = Payload::default();
            start.wait();
            compare(&mut [&mut || keep(send(&signal, &payload))], 100_000)[0]
        };
        let together = thread::scope(|scope| {
            let other = scope.spawn(each);
            each().min(other.join().expect("no panic"))
        });
        line(
            &format!("send, {receivers} receivers, two threads"),
            together,
            alone * 1.05,
            &format!("alone {alone:.2}"),
        );
    }
}

fn connecting() {
    for receivers in [0, 8, 64, 1000] {
        let signal = signal(receivers);
        let mut round = 0;
        let cost = compare(
            &mut [&mut || {
                round += 1;
                let connection = rotate!(round, |f| connect(&signal, f));
                connection.disconnect();
            }],
            2_000,
        )[0];
        line(
            &format!("connect + disconnect, {receivers} connected"),
            cost,
            400.0,
            "",
        );
    }
}

fn outcomes() {
    let signal: Signal<Sender, Payload, u64> = Signal::new("bench");
    let mut raw: Vec<Boxed> = Vec::new();
    for n in 0..8 {
        signal.connect(move |_: &Sender, _: &Payload| Some(n));
        raw.push(Box::new(move |_, _| Some(n)));
    }
    let payload = Payload::default();
    let medians = compare(
        &mut [
            &mut || {
                let outcomes = raw
                    .iter()
                    .filter_map(|receiver| receiver(&Sender, &payload));
                keep(outcomes.collect::<Vec<_>>());
            },
            &mut || keep(signal.send(&Sender, &payload)),
        ],
        20_000,
    );
    println!(
        "send, 8 receivers that all answer: {:.2} ns; raw, collected: {:.2} ns",
        medians[1], medians[0]
    );
}

fn bound() {
    let one: Signal<u64, Payload, u64> = Signal::new("bench");
    one.connect(|_: &u64, payload: &Payload| payload.add(1));
    let many: Signal<u64, Payload, u64> = Signal::new("bench");
    for sender in 0..10_000_u64 {
        many.receiver(|_: &u64, payload: &Payload| payload.add(1))
            .from(&sender)
            .connect();
    }
    let payload = Payload::default();
    let medians = compare(
        &mut [&mut || keep(one.send(&7, &payload).ran()), &mut || {
            keep(many.send(&7, &payload).ran());
        }],
        20_000,
    );
    line(
        "10 000 bound receivers, 1 matching",
        medians[1],
        medians[0] * 2.0,
        "",
    );
}

fn main() {
    sends();
    two_threads();
    connecting();
    bound();
    outcomes();
}
