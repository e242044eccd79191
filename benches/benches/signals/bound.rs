//! Receivers that are bound to a sender: a send costs what the matching ones cost.

use std::hint::black_box;

use benches::{Payload, Samples, time};
use signals::{Connection, Signal};

use crate::report::{line, title};

pub(crate) type Bound = Signal<u64, Payload, u64>;

const SENDER: u64 = 7;

pub(crate) fn connect(signal: &Bound, sender: u64) -> Connection {
    let receiver = signal.receiver(|_: &u64, payload: &Payload| payload.add(1));
    receiver.from(&sender).connect()
}

pub(crate) fn bound_to(senders: impl IntoIterator<Item = u64>) -> Bound {
    let signal = Signal::new("bench");
    for sender in senders {
        connect(&signal, sender);
    }
    signal
}

#[inline(never)]
pub(crate) fn send(signal: &Bound, sender: &u64, payload: &Payload) -> usize {
    signal.send(sender, payload).ran()
}

fn sample(signal: &Bound, payload: &Payload) -> f64 {
    time(20_000, || {
        black_box(send(black_box(signal), &SENDER, payload));
    })
}

pub(crate) fn compare() {
    let payload = Payload::leaked();
    let unbound: Bound = Signal::new("bench");
    unbound.connect(|_: &u64, payload: &Payload| payload.add(1));
    let alone = bound_to([SENDER]);
    let many = bound_to(0..10_000);
    for signal in [&unbound, &alone, &many] {
        assert_eq!(
            send(signal, &SENDER, payload),
            1,
            "one receiver is concerned"
        );
    }
    let samples = Samples::take(
        101,
        &mut [
            &mut || sample(&unbound, payload),
            &mut || sample(&alone, payload),
            &mut || sample(&many, payload),
        ],
    );
    title("receivers bound to their senders: ns a send that concerns one of them");
    line("1 receiver, bound to no sender", &[samples.median(0)]);
    line("1 receiver, bound", &[samples.median(1)]);
    line("10 000 receivers, each bound", &[samples.median(2)]);
}
