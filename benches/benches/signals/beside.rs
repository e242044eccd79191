//! Measuring while another thread sends.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use benches::{Payload, Sends};

/// A value with cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Apart<T>(T);

/// Takes a sample while another thread sends without pause; not a number if that never came about.
///
/// A sample counts only if the other thread was running meanwhile, and not waiting for a processor: it has to
/// have sent `least` times.
pub(crate) fn beside<B: Sends>(
    bus: &B,
    payload: &'static Payload,
    least: u32,
    mut sample: impl FnMut() -> f64,
) -> f64 {
    const TRIES: usize = 20;
    let is_over = Apart(AtomicBool::new(false));
    let sent = Apart(AtomicU32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut count = 0_u32;
            while !is_over.0.load(Ordering::Relaxed) {
                black_box(black_box(bus).send_shared(payload));
                count = count.wrapping_add(1);
                sent.0.store(count, Ordering::Relaxed);
            }
        });
        while sent.0.load(Ordering::Relaxed) == 0 {
            spin_loop();
        }
        let mut tries = (0..TRIES).map(|_| {
            let before = sent.0.load(Ordering::Relaxed);
            let figure = sample();
            let meanwhile = sent.0.load(Ordering::Relaxed).wrapping_sub(before);
            (figure, meanwhile)
        });
        let found = tries.find(|&(_, meanwhile)| meanwhile >= least);
        is_over.0.store(true, Ordering::Relaxed);
        found.map_or(f64::NAN, |(figure, _)| figure)
    })
}
