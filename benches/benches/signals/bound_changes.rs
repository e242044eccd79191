//! Connecting receivers that are bound to as many senders, and changing one beside many.

use benches::{Payload, Samples, time};

use crate::bound::{Bound, bound_to, connect, send};
use crate::long::nanoseconds;
use crate::report::{Report, line, title};

/// Returns the nanoseconds of each.
fn connect_all(receivers: u64) -> f64 {
    let mut signal = None;
    let all = nanoseconds(|| signal = Some(bound_to(0..receivers)));
    drop(signal);
    all / receivers as f64
}

/// Connects one more, sends, disconnects it and sends.
fn change(signal: &Bound, payload: &Payload) -> f64 {
    const SENDER: u64 = u64::MAX;
    time(500, || {
        let connection = connect(signal, SENDER);
        send(signal, &SENDER, payload);
        connection.disconnect();
        send(signal, &SENDER, payload);
    })
}

pub(crate) fn compare(report: &mut Report) {
    let payload = Payload::leaked();
    let many = bound_to(0..10_000);
    let samples = Samples::take(
        15,
        &mut [
            &mut || connect_all(10_000),
            &mut || connect_all(30_000),
            &mut || change(&many, payload),
        ],
    );
    let each = [samples.median(0), samples.median(1)];
    let change = samples.median(2);
    title("receivers bound to as many senders: ns");
    line("connecting 10 000, each", &each[..1]);
    line("connecting 30 000, each", &each[1..]);
    line("a change and two sends beside 10 000", &[change]);
    let what = "10 000 and 30 000 bound: connecting each";
    report.at_most(what, each[0].max(each[1]) / 1e3, 2.0, "us");
    let what = "the same: 30 000 over 10 000, each";
    report.at_most(what, samples.ratio(1, 0), 1.3, "x");
    let what = "a change and two sends beside 10 000 bound";
    report.at_most(what, change / 1e3, 5.0, "us");
}
