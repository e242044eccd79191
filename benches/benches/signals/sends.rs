//! A send, from one thread and from two at once.

use std::hint::black_box;
use std::thread::available_parallelism;

use benches::{Bus, Payload, Raw, Samples, Sends, filled, time};

use crate::beside::beside;
use crate::candidates::{Bevy, Locked, Ours, Signals2, Swapped};
use crate::report::{Report, lengths, line, title};

/// How many receivers are connected.
pub(crate) const LENGTHS: [usize; 5] = [0, 1, 8, 64, 1000];

/// Sends as if from somewhere in a program: one call, and what is inside may be inlined into it.
#[inline(never)]
fn send<B: Bus>(bus: &mut B, payload: &'static Payload) -> u64 {
    bus.send(payload)
}

/// As [`send`], where another thread may do the same.
#[inline(never)]
fn send_shared<B: Sends>(bus: &B, payload: &'static Payload) -> u64 {
    bus.send_shared(payload)
}

// Once in the program for each candidate, as `send` is: two copies of a loop may differ in speed for where
// they stand.
#[inline(never)]
pub(crate) fn sample<B: Bus>(bus: &mut B, payload: &'static Payload, calls: u32) -> f64 {
    time(calls, || {
        black_box(send(black_box(bus), payload));
    })
}

#[inline(never)]
fn sample_shared<B: Sends>(bus: &B, payload: &'static Payload, calls: u32) -> f64 {
    time(calls, || {
        black_box(send_shared(black_box(bus), payload));
    })
}

/// How often to send for one sample: for some tenths of a millisecond with the bare loop.
pub(crate) fn calls(receivers: usize) -> u32 {
    (300_000 / (receivers as u32 + 3)).max(200)
}

pub(crate) fn from_one_thread(report: &mut Report) {
    const ROUNDS: usize = 101;
    const NAMES: [&str; 6] = [
        Raw::NAME,
        <Ours as Bus>::NAME,
        <Locked as Bus>::NAME,
        <Swapped as Bus>::NAME,
        <Signals2 as Bus>::NAME,
        Bevy::NAME,
    ];
    let payload = Payload::leaked();
    let runs = LENGTHS.map(|receivers| {
        let calls = calls(receivers);
        let mut raw: Raw = filled(receivers);
        let mut ours: Ours = filled(receivers);
        let mut locked: Locked = filled(receivers);
        let mut swapped: Swapped = filled(receivers);
        let mut signals2: Signals2 = filled(receivers);
        let mut bevy: Bevy = filled(receivers);
        Samples::take(
            ROUNDS,
            &mut [
                &mut || sample(&mut raw, payload, calls),
                &mut || sample(&mut ours, payload, calls),
                &mut || sample(&mut locked, payload, calls),
                &mut || sample(&mut swapped, payload, calls),
                &mut || sample(&mut signals2, payload, calls),
                &mut || sample(&mut bevy, payload, calls),
            ],
        )
    });

    title("a send, one thread, no other thread ever started: ns");
    lengths("receivers", &LENGTHS);
    for (candidate, name) in NAMES.iter().enumerate() {
        line(name, &runs.each_ref().map(|run| run.median(candidate)));
    }
    title("the same, over the raw loop (median of the rounds' ratios)");
    lengths("receivers", &LENGTHS);
    for (candidate, name) in NAMES.iter().enumerate().skip(1) {
        line(name, &runs.each_ref().map(|run| run.ratio(candidate, 0)));
    }

    let [none, one, eight, sixty_four, thousand] = &runs;
    report.at_most("no receiver", none.median(1), 2.5, "ns");
    report.at_most("1 receiver, more than raw", one.difference(1, 0), 1.5, "ns");
    report.at_most("8 receivers, over raw", eight.ratio(1, 0), 1.10, "x");
    report.at_most("64 receivers, over raw", sixty_four.ratio(1, 0), 1.03, "x");
    report.at_most("1000 receivers, over raw", thousand.ratio(1, 0), 1.03, "x");
    let signals2 = eight.ratio(4, 1);
    report.at_least(
        "8 receivers, the signals2 crate over ours",
        signals2,
        2.5,
        "x",
    );
}

/// Prints a send in the form of the programs in other languages: candidate, receivers and nanoseconds.
pub(crate) fn print_lines() {
    let payload = Payload::leaked();
    for receivers in LENGTHS {
        let calls = calls(receivers);
        let mut raw: Raw = filled(receivers);
        let mut ours: Ours = filled(receivers);
        let samples = Samples::take(
            31,
            &mut [&mut || sample(&mut raw, payload, calls), &mut || {
                sample(&mut ours, payload, calls)
            }],
        );
        println!("Rust raw loop\t{receivers}\t{:.3}", samples.median(0));
        println!("signals\t{receivers}\t{:.3}", samples.median(1));
    }
}

/// What there is to say of one candidate: alone and beside another thread, for each length.
struct Pair {
    name: &'static str,
    alone: Vec<f64>,
    beside: Vec<f64>,
    ratio: Vec<f64>,
}

pub(crate) fn from_two_threads(report: &mut Report) {
    if available_parallelism().map_or(1, usize::from) < 2 {
        title("a send, two threads: left out, there is one processor");
        return;
    }
    const ROUNDS: usize = 51;
    let mut pairs: Vec<Pair> = [
        Raw::NAME,
        <Ours as Bus>::NAME,
        <Locked as Bus>::NAME,
        <Swapped as Bus>::NAME,
        <Signals2 as Bus>::NAME,
    ]
    .map(|name| Pair {
        name,
        alone: Vec::new(),
        beside: Vec::new(),
        ratio: Vec::new(),
    })
    .into();
    let (mine, theirs) = (Payload::leaked(), Payload::leaked());
    for receivers in LENGTHS {
        // Short, so that both threads may have their processors for so long on a busy machine too.
        let calls = (calls(receivers) / 4).max(50);
        let least = calls / 4;
        let raw: Raw = filled(receivers);
        let ours: Ours = filled(receivers);
        let locked: Locked = filled(receivers);
        let swapped: Swapped = filled(receivers);
        let signals2: Signals2 = filled(receivers);
        let samples = Samples::take(
            ROUNDS,
            &mut [
                &mut || sample_shared(&raw, mine, calls),
                &mut || beside(&raw, theirs, least, || sample_shared(&raw, mine, calls)),
                &mut || sample_shared(&ours, mine, calls),
                &mut || beside(&ours, theirs, least, || sample_shared(&ours, mine, calls)),
                &mut || sample_shared(&locked, mine, calls),
                &mut || {
                    beside(&locked, theirs, least, || {
                        sample_shared(&locked, mine, calls)
                    })
                },
                &mut || sample_shared(&swapped, mine, calls),
                &mut || {
                    beside(&swapped, theirs, least, || {
                        sample_shared(&swapped, mine, calls)
                    })
                },
                &mut || sample_shared(&signals2, mine, calls),
                &mut || {
                    beside(&signals2, theirs, least, || {
                        sample_shared(&signals2, mine, calls)
                    })
                },
            ],
        );
        for (candidate, pair) in pairs.iter_mut().enumerate() {
            pair.alone.push(samples.median(2 * candidate));
            pair.beside.push(samples.median(2 * candidate + 1));
            pair.ratio
                .push(samples.ratio(2 * candidate + 1, 2 * candidate));
        }
    }

    title("a send while another thread sends the same signal: ns");
    lengths("receivers", &LENGTHS);
    for pair in &pairs {
        line(pair.name, &pair.beside);
        line("    the other thread gone", &pair.alone);
        line("    ratio", &pair.ratio);
    }
    let (raw, ours) = (&pairs[0], &pairs[1]);
    for (column, receivers) in LENGTHS.iter().enumerate().skip(1) {
        let what = format!("{receivers} receivers, two threads over one");
        report.at_most(&what, ours.ratio[column], 1.05, "x");
        report.note(format!("raw loop {:.2}", raw.ratio[column]));
    }
}
