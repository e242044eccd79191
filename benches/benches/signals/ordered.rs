//! Receivers that name others which they run before.

use benches::{Payload, Samples, Sender, connect_receiver};
use signals::Signal;

use crate::candidates::Ours;
use crate::long::nanoseconds;
use crate::report::{Report, line, title};

const PLAIN: usize = 4_000;
const CHAIN: usize = 400;

/// Connects plain receivers, and returns the nanoseconds of each. One that names another may have been there before.
fn connect_plain(after_a_before: bool) -> f64 {
    let mut ours = Ours::default();
    if after_a_before {
        let receiver = ours.0.receiver(|_: &Sender, _: &Payload| ());
        receiver.before("another").connect().disconnect();
    }
    let all = nanoseconds(|| {
        for number in 0..PLAIN {
            connect_receiver(&mut ours, number);
        }
    });
    all / PLAIN as f64
}

/// Connects receivers each of which runs before the one that came before it.
fn connect_chain() {
    let signal: Signal<Sender, Payload, u64> = Signal::new("bench");
    for number in 1..=CHAIN {
        let receiver = signal.receiver(|_: &Sender, _: &Payload| ());
        let receiver = receiver.named(number.to_string());
        receiver.before((number - 1).to_string()).connect();
    }
}

pub(crate) fn compare(report: &mut Report) {
    let samples = Samples::take(
        7,
        &mut [
            &mut || connect_plain(false),
            &mut || connect_plain(true),
            &mut || nanoseconds(connect_chain),
        ],
    );
    let chain = samples.median(2) / 1e6;
    title("connecting, with receivers that name others: ns each");
    line("4 000 plain", &[samples.median(0)]);
    line("4 000 plain, after one `before`", &[samples.median(1)]);
    line("a chain of 400: ms in all", &[chain]);
    let what = "4 000 connects after one `before` has gone";
    report.at_most(what, samples.ratio(1, 0), 1.2, "x");
    report.at_most("a chain of 400 `before`s", chain, 50.0, "ms");
}
