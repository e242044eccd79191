//! Sends to receivers that have next to nothing to do.
//!
//! The receivers of all other tables add to one counter, each to what the one before it has stored. A processor
//! that waits for these stores has time to spare, which hides what the loop around the receivers costs. Here
//! nothing hides it.

use std::hint::black_box;

use benches::{Bus, Payload, Raw, SENDER, Samples, time};

use crate::candidates::{Locked, Ours, Signals2, Swapped};
use crate::report::{lengths, line, title};
use crate::sends::{calls, sample};

const LENGTHS: [usize; 4] = [1, 8, 64, 1000];

const ROUNDS: usize = 101;

pub(crate) fn compare() {
    receivers_that_do_nothing();
    receivers_that_might_answer();
}

/// Four types in rotation, as everywhere, that look at their one captured word.
fn idle<B: Bus + Default>(receivers: usize) -> B {
    let mut bus = B::default();
    for number in 0..receivers {
        let word = black_box(number as u64);
        let _ = match number % 4 {
            0 => bus.connect(move |_, _| nothing(word)),
            1 => bus.connect(move |_, _| nothing(word | 2)),
            2 => bus.connect(move |_, _| nothing(word ^ 4)),
            _ => bus.connect(move |_, _| nothing(word & 8)),
        };
    }
    bus
}

#[inline(always)]
fn nothing(word: u64) -> Option<u64> {
    black_box(word);
    None
}

fn receivers_that_do_nothing() {
    const NAMES: [&str; 5] = [
        Raw::NAME,
        <Ours as Bus>::NAME,
        <Locked as Bus>::NAME,
        <Swapped as Bus>::NAME,
        <Signals2 as Bus>::NAME,
    ];
    let payload = Payload::leaked();
    let runs = LENGTHS.map(|receivers| {
        let calls = calls(receivers);
        let mut raw: Raw = idle(receivers);
        let mut ours: Ours = idle(receivers);
        let mut locked: Locked = idle(receivers);
        let mut swapped: Swapped = idle(receivers);
        let mut signals2: Signals2 = idle(receivers);
        Samples::take(
            ROUNDS,
            &mut [
                &mut || sample(&mut raw, payload, calls),
                &mut || sample(&mut ours, payload, calls),
                &mut || sample(&mut locked, payload, calls),
                &mut || sample(&mut swapped, payload, calls),
                &mut || sample(&mut signals2, payload, calls),
            ],
        )
    });
    title("a send to receivers that do nothing: ns");
    lengths("receivers", &LENGTHS);
    for (candidate, name) in NAMES.iter().enumerate() {
        line(name, &runs.each_ref().map(|run| run.median(candidate)));
    }
}

/// Four types in rotation that would answer if their word were another.
fn undecided<B: Bus + Default>(receivers: usize) -> B {
    let mut bus = B::default();
    for number in 0..receivers {
        // Odd, which the compiler does not know.
        let word = black_box(number as u64 | 1);
        let _ = match number % 4 {
            0 => bus.connect(move |_, _| (word == 0).then_some(word)),
            1 => bus.connect(move |_, _| (word == 2).then_some(word)),
            2 => bus.connect(move |_, _| (word == 4).then_some(word)),
            _ => bus.connect(move |_, _| (word == 6).then_some(word)),
        };
    }
    bus
}

/// The bare loop, keeping the outcomes as `signals` does instead of adding them up.
#[inline(never)]
fn collect(raw: &Raw, payload: &'static Payload) -> Vec<u64> {
    let outcomes = raw
        .receivers
        .iter()
        .filter_map(|receiver| receiver(&SENDER, payload));
    outcomes.collect()
}

/// Adding up can do without a branch; keeping outcomes cannot. Some processors predict the next call of an
/// unknown function worse for a branch that comes before it.
fn receivers_that_might_answer() {
    let payload = Payload::leaked();
    let runs = LENGTHS.map(|receivers| {
        let calls = calls(receivers);
        let mut raw: Raw = undecided(receivers);
        let collected: Raw = undecided(receivers);
        let mut ours: Ours = undecided(receivers);
        Samples::take(
            ROUNDS,
            &mut [
                &mut || sample(&mut raw, payload, calls),
                &mut || {
                    time(calls, || {
                        black_box(collect(black_box(&collected), payload));
                    })
                },
                &mut || sample(&mut ours, payload, calls),
            ],
        )
    });
    title("a send to receivers that might answer, and do not: ns");
    lengths("receivers", &LENGTHS);
    let names = [
        "raw loop, adding up",
        "raw loop, collecting",
        <Ours as Bus>::NAME,
    ];
    for (candidate, name) in names.iter().enumerate() {
        line(name, &runs.each_ref().map(|run| run.median(candidate)));
    }
}
