//! A send from one thread.

use std::hint::black_box;

use benches::{Bus, Payload, Raw, Samples, filled, time};

use crate::candidates::{Bevy, Locked, ModEvents, Ours, Signals2, Swapped};
use crate::report::{Report, lengths, line, title};

/// How many receivers are connected.
pub(crate) const LENGTHS: [usize; 5] = [0, 1, 8, 64, 1000];

/// Sends as if from somewhere in a program: one call, and what is inside may be inlined into it.
#[inline(never)]
fn send<B: Bus>(bus: &mut B, payload: &'static Payload) -> u64 {
    bus.send(payload)
}

// Once in the program for each candidate, as `send` is: two copies of a loop may differ in speed for where
// they stand.
#[inline(never)]
pub(crate) fn sample<B: Bus>(bus: &mut B, payload: &'static Payload, calls: u32) -> f64 {
    time(calls, || {
        black_box(send(black_box(bus), payload));
    })
}

/// How often to send for one sample: for some tenths of a millisecond with the bare loop.
pub(crate) fn calls(receivers: usize) -> u32 {
    (300_000 / (receivers as u32 + 3)).max(200)
}

pub(crate) fn compare(report: &mut Report) {
    const ROUNDS: usize = 101;
    const NAMES: [&str; 7] = [
        Raw::NAME,
        <Ours as Bus>::NAME,
        <Locked as Bus>::NAME,
        <Swapped as Bus>::NAME,
        <Signals2 as Bus>::NAME,
        <ModEvents as Bus>::NAME,
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
        let mut mod_events: ModEvents = filled(receivers);
        let mut bevy: Bevy = filled(receivers);
        Samples::take(
            ROUNDS,
            &mut [
                &mut || sample(&mut raw, payload, calls),
                &mut || sample(&mut ours, payload, calls),
                &mut || sample(&mut locked, payload, calls),
                &mut || sample(&mut swapped, payload, calls),
                &mut || sample(&mut signals2, payload, calls),
                &mut || sample(&mut mod_events, payload, calls),
                &mut || sample(&mut bevy, payload, calls),
            ],
        )
    });

    title("a send, one thread, no other thread ever started: ns");
    lengths("receivers", &LENGTHS);
    for (candidate, name) in NAMES.iter().enumerate() {
        line(name, &runs.each_ref().map(|run| run.median(candidate)));
    }
    println!(
        "signals2 is given references that live for ever: what it clones costs nothing to clone."
    );
    println!("mod-events listeners answer nothing, and are found by the type of the event.");
    println!("bevy_ecs observers answer nothing, and need the whole world for a send.");
    title("the same, over the raw loop (median of the rounds' ratios)");
    lengths("receivers", &LENGTHS);
    for (candidate, name) in NAMES.iter().enumerate().skip(1) {
        line(name, &runs.each_ref().map(|run| run.ratio(candidate, 0)));
    }

    let [none, one, eight, sixty_four, thousand] = &runs;
    report.at_most("no receiver", none.median(1), 2.5, "ns");
    let what = "1 receiver, more than a bare arc_swap list";
    report.at_most(what, one.difference(1, 3), 3.0, "ns");
    report.at_most("8 receivers, over raw", eight.ratio(1, 0), 1.4, "x");
    report.at_most("64 receivers, over raw", sixty_four.ratio(1, 0), 1.15, "x");
    report.at_most("1000 receivers, over raw", thousand.ratio(1, 0), 1.05, "x");
    for (candidate, name) in NAMES.iter().enumerate().skip(4) {
        let ratios = runs.each_ref().map(|run| run.ratio(candidate, 1));
        report.ahead_of(name, &ratios);
    }
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
