//! Receivers that are bound to a sender: a send costs what the matching ones cost.

use std::hint::black_box;

use benches::{Payload, Samples, time};
use signals::Signal;

use crate::report::{Report, line, title};

type Bound = Signal<u64, Payload, u64>;

const SENDER: u64 = 7;

fn bound_to(senders: impl IntoIterator<Item = u64>) -> Bound {
    let signal = Signal::new("bench");
    for sender in senders {
        let receiver = signal.receiver(|_: &u64, payload: &Payload| payload.add(1));
        receiver.from(&sender).connect();
    }
    signal
}

#[inline(never)]
fn send(signal: &Bound, payload: &Payload) -> usize {
    signal.send(&SENDER, payload).ran()
}

fn sample(signal: &Bound, payload: &Payload) -> f64 {
    time(20_000, || {
        black_box(send(black_box(signal), payload));
    })
}

pub(crate) fn compare(report: &mut Report) {
    let payload = Payload::leaked();
    let anybody: Bound = Signal::new("bench");
    anybody.connect(|_: &u64, payload: &Payload| payload.add(1));
    let alone = bound_to([SENDER]);
    let many = bound_to(0..10_000);
    for signal in [&anybody, &alone, &many] {
        assert_eq!(send(signal, payload), 1, "one receiver is concerned");
    }
    let samples = Samples::take(
        101,
        &mut [
            &mut || sample(&anybody, payload),
            &mut || sample(&alone, payload),
            &mut || sample(&many, payload),
        ],
    );
    title("receivers bound to their senders: ns a send that concerns one of them");
    line("1 receiver, bound to nobody", &[samples.median(0)]);
    line("1 receiver, bound", &[samples.median(1)]);
    line("10 000 receivers, each bound", &[samples.median(2)]);
    report.at_most(
        "10 000 bound, 1 concerned, over 1 unbound",
        samples.ratio(2, 0),
        2.0,
        "x",
    );
    report.note(format!("over 1 bound {:.2}", samples.ratio(2, 1)));
}
