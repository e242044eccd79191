//! Signals that are made, used and dropped: nothing of them stays.

use allocation_counter::measure;
use benches::{Payload, Sends as _, filled};

use crate::candidates::Ours;
use crate::report::Report;

const SIGNALS: usize = 200_000;

fn make_and_drop(signals: usize, payload: &'static Payload) {
    for _ in 0..signals {
        let ours: Ours = filled(1);
        ours.send_shared(payload);
    }
}

pub(crate) fn measure_what_stays(report: &mut Report) {
    let payload = Payload::leaked();
    // What the first of all signals needs.
    make_and_drop(1, payload);
    let stays = measure(|| make_and_drop(SIGNALS, payload));
    let what = "200 000 signals made and dropped: what stays";
    report.at_most(what, stays.bytes_current as f64, 0.0, "bytes");
}
