//! A send to receivers that have next to nothing to do.
//!
//! The receivers of all other tables add to one counter, each to what the one before it has stored. A processor
//! that waits for these stores has time to spare, which hides what the loop around the receivers costs. Here
//! nothing hides it.

use std::hint::black_box;

use benches::{Bus, Payload, Raw, Samples};

use crate::candidates::{Locked, Ours, Signals2, Swapped};
use crate::report::{lengths, line, title};
use crate::sends::{calls, sample};

const LENGTHS: [usize; 4] = [1, 8, 64, 1000];

/// A candidate whose receivers look at their one captured word and answer nothing: four types in rotation.
fn filled<B: Bus + Default>(receivers: usize) -> B {
    let mut bus = B::default();
    for number in 0..receivers {
        // Odd, which the compiler does not know.
        let word = black_box(number as u64 | 1);
        match number % 4 {
            0 => bus.connect(move |_, _| (word == 0).then_some(word)),
            1 => bus.connect(move |_, _| (word == 2).then_some(word)),
            2 => bus.connect(move |_, _| (word == 4).then_some(word)),
            _ => bus.connect(move |_, _| (word == 6).then_some(word)),
        };
    }
    bus
}

pub(crate) fn compare() {
    const ROUNDS: usize = 101;
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
        let mut raw: Raw = filled(receivers);
        let mut ours: Ours = filled(receivers);
        let mut locked: Locked = filled(receivers);
        let mut swapped: Swapped = filled(receivers);
        let mut signals2: Signals2 = filled(receivers);
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
