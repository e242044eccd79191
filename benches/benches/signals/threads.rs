//! A send while another thread sends the same signal.

use std::hint::black_box;
use std::thread::available_parallelism;

use benches::{Bus, Payload, Raw, Samples, Sends, filled, time};

use crate::beside::beside;
use crate::candidates::{Locked, ModEvents, Ours, Signals2, Swapped};
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
    /// Beside another thread, over ours.
    over_ours: Vec<f64>,
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
        <ModEvents as Bus>::NAME,
    ]
    .map(|name| Pair {
        name,
        alone: Vec::new(),
        beside: Vec::new(),
        ratio: Vec::new(),
        over_ours: Vec::new(),
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
        let mod_events: ModEvents = filled(receivers);
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
                &mut || sample(&mod_events, mine, calls),
                &mut || {
                    beside(&mod_events, theirs, least, || {
                        sample(&mod_events, mine, calls)
                    })
                },
            ],
        );
        for (candidate, pair) in pairs.iter_mut().enumerate() {
            pair.alone.push(samples.median(2 * candidate));
            pair.beside.push(samples.median(2 * candidate + 1));
            pair.ratio
                .push(samples.ratio(2 * candidate + 1, 2 * candidate));
            pair.over_ours.push(samples.ratio(2 * candidate + 1, 3));
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
    let most = |pair: &Pair| pair.ratio[1..].iter().copied().fold(0.0, f64::max);
    let what = "two threads that send, over one: the most";
    report.at_most(what, most(ours), 1.05, "x");
    report.note(format!("raw loop {:.2}", most(raw)));
    for pair in pairs
        .iter()
        .filter(|pair| pair.name != <Swapped as Bus>::NAME)
        .skip(2)
    {
        report.ahead_of(&format!("two threads: {}", pair.name), &pair.over_ours);
    }
}
