//! Connecting beside a receiver that is tied to an owner, which a signal looks after.

use std::sync::Arc;

use benches::{Bus, Payload, Samples, Sender, connect_receiver, filled, time};

use crate::candidates::Ours;
use crate::report::{Report, line, title};

const RECEIVERS: usize = 10_000;

fn change(mut ours: &Ours) -> f64 {
    time(100, || {
        let connection = connect_receiver(&mut ours, 0);
        Bus::disconnect(&mut ours, connection);
    })
}

pub(crate) fn compare(report: &mut Report) {
    let owner = Arc::new(());
    let (plain, tied): (Ours, Ours) = (filled(RECEIVERS), filled(RECEIVERS - 1));
    let receiver = tied
        .0
        .receiver(|_: &Sender, payload: &Payload| payload.add(1));
    receiver.weak(&owner).connect();
    let samples = Samples::take(15, &mut [&mut || change(&plain), &mut || change(&tied)]);
    title("connect + disconnect, 10 000 connected: ns");
    line("all plain", &[samples.median(0)]);
    line("one of them `weak`", &[samples.median(1)]);
    let what = "connect beside 10 000, one of them `weak`";
    report.at_most(what, samples.ratio(1, 0), 1.2, "x");
}
