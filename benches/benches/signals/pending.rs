//! Connecting and disconnecting while an async send pends, which holds the list that it began with.

use std::future::pending;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Waker};

use allocation_counter::measure;
use benches::{Payload, SENDER, Samples, Sender, connect_receiver, filled, time};
use signals::Outcomes;

use crate::candidates::OursAsync;
use crate::report::{Report, line, title};

const RECEIVERS: usize = 1_000;
const CHANGES: u32 = 10_000;

/// The last receiver waits without end.
fn ours() -> OursAsync {
    async fn wait(_: &Sender, _: &Payload) -> Option<u64> {
        pending().await
    }
    let ours: OursAsync = filled(RECEIVERS - 1);
    ours.0.connect(wait);
    ours
}

fn change(mut ours: &OursAsync, changes: u32) -> f64 {
    time(changes, || {
        let connection = connect_receiver(&mut ours, 0);
        benches::Bus::disconnect(&mut ours, connection);
    })
}

/// Does something while a send pends.
fn while_one_pends<T>(ours: &OursAsync, payload: &Payload, act: impl FnOnce() -> T) -> T {
    let mut send = pin!(ours.0.send(&SENDER, payload));
    let mut context = Context::from_waker(Waker::noop());
    let polled: std::task::Poll<Outcomes<u64>> = send.as_mut().poll(&mut context);
    assert!(polled.is_pending(), "the last receiver waits");
    let done = act();
    black_box(send);
    done
}

pub(crate) fn compare(report: &mut Report) {
    let payload = Payload::leaked();
    let (alone, beside) = (ours(), ours());
    let samples = Samples::take(
        9,
        &mut [&mut || change(&alone, CHANGES / 10), &mut || {
            while_one_pends(&beside, payload, || change(&beside, CHANGES / 10))
        }],
    );
    let more = while_one_pends(&beside, payload, || {
        measure(|| {
            change(&beside, CHANGES);
        })
    });
    // An entry of the list is a pointer of two words.
    let list = (RECEIVERS * size_of::<[usize; 2]>()) as f64;
    let lists = more.bytes_current as f64 / list;
    title("connect + disconnect, 1 000 connected, beside an async send: ns");
    line("no send", &[samples.median(0)]);
    line("one pends", &[samples.median(1)]);
    line(
        "KiB that are kept for it",
        &[more.bytes_current as f64 / 1024.0],
    );
    let what = "10 000 changes beside a send that pends";
    report.at_most(what, samples.ratio(1, 0), 1.2, "x");
    let what = "the same: memory kept meanwhile";
    report.at_most(what, lists, 1.2, "lists");
}
