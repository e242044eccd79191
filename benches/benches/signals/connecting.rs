//! Connecting one receiver more and taking it out again.

use benches::{Bus, Payload, Raw, Samples, SharedBus, connect_receiver, filled, time};

use crate::beside::beside;
use crate::candidates::{Bevy, Locked, ModEvents, Ours, Signals2, Swapped};
use crate::report::{lengths, line, title};

/// How many receivers stay connected.
const LENGTHS: [usize; 4] = [0, 8, 64, 1000];

const ROUNDS: usize = 31;

/// How many receivers come and go for one sample.
const CALLS: u32 = 200;

fn sample<B: Bus>(bus: &mut B) -> f64 {
    let mut number = 0;
    time(CALLS, || {
        number += 1;
        let connection = connect_receiver(bus, number);
        bus.disconnect(connection);
    })
}

fn sample_beside<B: SharedBus>(bus: &B, payload: &'static Payload) -> f64 {
    // Once a microsecond or more often; a sample takes tens of them at least.
    beside(bus, payload, 8, || sample(&mut &*bus))
}

pub(crate) fn in_a_quiet_process() {
    const NAMES: [&str; 7] = [
        Raw::NAME,
        <Ours as Bus>::NAME,
        <Locked as Bus>::NAME,
        <Swapped as Bus>::NAME,
        <Signals2 as Bus>::NAME,
        <ModEvents as Bus>::NAME,
        Bevy::NAME,
    ];
    let runs = LENGTHS.map(|receivers| {
        let mut raw: Raw = filled(receivers);
        let ours: Ours = filled(receivers);
        let locked: Locked = filled(receivers);
        let swapped: Swapped = filled(receivers);
        let signals2: Signals2 = filled(receivers);
        let mod_events: ModEvents = filled(receivers);
        let mut bevy: Bevy = filled(receivers);
        Samples::take(
            ROUNDS,
            &mut [
                &mut || sample(&mut raw),
                &mut || sample(&mut &ours),
                &mut || sample(&mut &locked),
                &mut || sample(&mut &swapped),
                &mut || sample(&mut &signals2),
                &mut || sample(&mut &mod_events),
                &mut || sample(&mut bevy),
            ],
        )
    });
    title("connect + disconnect, no other thread ever started: ns");
    lengths("connected", &LENGTHS);
    for (candidate, name) in NAMES.iter().enumerate() {
        line(name, &runs.each_ref().map(|run| run.median(candidate)));
    }
}

pub(crate) fn while_another_thread_sends() {
    const NAMES: [&str; 4] = [
        <Ours as Bus>::NAME,
        <Locked as Bus>::NAME,
        <Swapped as Bus>::NAME,
        <Signals2 as Bus>::NAME,
    ];
    let payload = Payload::leaked();
    let runs = LENGTHS.map(|receivers| {
        let ours: Ours = filled(receivers);
        let locked: Locked = filled(receivers);
        let swapped: Swapped = filled(receivers);
        let signals2: Signals2 = filled(receivers);
        Samples::take(
            ROUNDS,
            &mut [
                &mut || sample_beside(&ours, payload),
                &mut || sample_beside(&locked, payload),
                &mut || sample_beside(&swapped, payload),
                &mut || sample_beside(&signals2, payload),
            ],
        )
    });
    title("connect + disconnect, while another thread sends: ns");
    lengths("connected", &LENGTHS);
    for (candidate, name) in NAMES.iter().enumerate() {
        line(name, &runs.each_ref().map(|run| run.median(candidate)));
    }
}
