//! A send while another thread sends the same signal.

use std::hint::black_box;
use std::thread::available_parallelism;

use benches::{Bus, Payload, Raw, Samples, Sends, filled, time};

use crate::beside::beside;
use crate::candidates::{Locked, Ours, Signals2, Swapped};
use crate::report::{Report, lengths, line, title};
use crate::sends::{LENGTHS, calls};

#[inline(never)]
fn send<B: Sends>(bus: &B, payload: &'static Payload) -> u64 {
    bus.send_shared(payload)
}

#[inline(never)]
fn sample<B: Sends>(bus: &B, payload: &'static Payload, calls: u32) -> f64 {
    time(calls, || {
        black_box(send(black_box(bus), payload));
    })
}

/// What there is to say of one candidate: alone and beside another thread, for each length.
struct Pair {
    name: &'static str,
    alone: Vec<f64>,
    beside: Vec<f64>,
    ratio: Vec<f64>,
}

pub(crate) fn compare(report: &mut Report) {
    if available_parallelism().map_or(1, usize::from) < 2 {
        title("a send, two threads: left out, there is one processor");
        return;
    }
    const ROUNDS: usize = 31;
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
                &mut || sample(&raw, mine, calls),
                &mut || beside(&raw, theirs, least, || sample(&raw, mine, calls)),
                &mut || sample(&ours, mine, calls),
                &mut || beside(&ours, theirs, least, || sample(&ours, mine, calls)),
                &mut || sample(&locked, mine, calls),
                &mut || beside(&locked, theirs, least, || sample(&locked, mine, calls)),
                &mut || sample(&swapped, mine, calls),
                &mut || beside(&swapped, theirs, least, || sample(&swapped, mine, calls)),
                &mut || sample(&signals2, mine, calls),
                &mut || beside(&signals2, theirs, least, || sample(&signals2, mine, calls)),
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
        let what = format!("two threads over one, {receivers} connected");
        report.at_most(&what, ours.ratio[column], 1.05, "x");
        report.note(format!("raw loop {:.2}", raw.ratio[column]));
    }
}
