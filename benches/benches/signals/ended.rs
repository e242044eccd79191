//! Threads that have sent once and ended: connecting costs what it did before they came.

use std::io;
use std::sync::RwLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder};

use benches::{Bus as _, Payload, Sends as _, connect_receiver, filled, median, time};

use crate::candidates::Ours;
use crate::report::{Report, lengths, line, title};

const THREADS: [usize; 3] = [100, 1_000, 4_000];

fn connect_and_disconnect(mut ours: &Ours) -> f64 {
    let samples = (0..31).map(|_| {
        time(500, || {
            let connection = connect_receiver(&mut ours, 0);
            ours.disconnect(connection);
        })
    });
    median(&samples.collect::<Vec<_>>())
}

/// One after the other.
fn come_and_go(threads: usize, ours: &Ours, payload: &'static Payload) {
    for _ in 0..threads {
        thread::scope(|scope| {
            scope.spawn(|| ours.send_shared(payload));
        });
    }
}

/// All of them live at the same time.
fn come_and_go_at_once(
    threads: usize,
    ours: &Ours,
    payload: &'static Payload,
) -> Result<(), io::Error> {
    const STACK: usize = 128 * 1024;
    let (sent, end) = (AtomicUsize::new(0), RwLock::new(()));
    thread::scope(|scope| {
        let may_not_end = end.write();
        for _ in 0..threads {
            Builder::new().stack_size(STACK).spawn_scoped(scope, || {
                ours.send_shared(payload);
                sent.fetch_add(1, Ordering::Relaxed);
                drop(end.read());
            })?;
        }
        while sent.load(Ordering::Relaxed) < threads {
            thread::yield_now();
        }
        drop(may_not_end);
        Ok(())
    })
}

pub(crate) fn compare(report: &mut Report) {
    let payload = Payload::leaked();
    let ours: Ours = filled(8);
    // A process that has ever had two threads allocates more slowly.
    come_and_go(1, &ours, payload);
    let before = connect_and_disconnect(&ours);
    let after = THREADS.map(|threads| {
        come_and_go(threads, &ours, payload);
        connect_and_disconnect(&ours)
    });
    let after_at_once = THREADS.map(
        |threads| match come_and_go_at_once(threads, &ours, payload) {
            Ok(()) => connect_and_disconnect(&ours),
            Err(_) => f64::NAN,
        },
    );
    title("connect + disconnect, 8 connected, after threads have sent once and ended: ns");
    lengths("threads", &THREADS);
    line("before they came", &[before; THREADS.len()]);
    line("they came one after the other", &after);
    line("they all lived at the same time", &after_at_once);
    let worst = |after: [f64; THREADS.len()]| after.into_iter().fold(0.0, f64::max) / before;
    let what = "100 to 4 000 threads that have ended: connect";
    report.at_most(what, worst(after), 1.2, "x");
    let what = "the same, if all lived at the same time";
    report.at_most(what, worst(after_at_once), 1.2, "x");
}
