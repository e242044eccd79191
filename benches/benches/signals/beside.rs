//! Measuring while another thread sends.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use benches::{Payload, Sends, Waits};

/// A value with cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Apart<T>(T);

/// Takes a sample while another thread sends without pause; not a number if that never came about.
///
/// A sample counts only if the other thread was running all the while: it must not have waited for a
/// processor, and must have sent `least` times.
pub(crate) fn beside<B: Sends>(
    bus: &B,
    payload: &'static Payload,
    least: u32,
    mut sample: impl FnMut() -> f64,
) -> f64 {
    const TRIES: usize = 8;
    let is_over = Apart(AtomicBool::new(false));
    let sent = Apart(AtomicU32::new(0));
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let waits = Waits::of_this_thread();
            tell.send(waits).expect("the other thread listens");
            let mut count = 0_u32;
            while !is_over.0.load(Ordering::Relaxed) {
                black_box(black_box(bus).send_shared(payload));
                count = count.wrapping_add(1);
                sent.0.store(count, Ordering::Relaxed);
            }
        });
        let waits = told.recv().expect("the thread has begun");
        while sent.0.load(Ordering::Relaxed) == 0 {
            spin_loop();
        }
        let mut tries = (0..TRIES).map(|_| {
            let waited = waits.so_far();
            let before = sent.0.load(Ordering::Relaxed);
            let figure = sample();
            let meanwhile = sent.0.load(Ordering::Relaxed).wrapping_sub(before);
            let was_running = waits.so_far() == waited && meanwhile >= least;
            if !was_running {
                // Both may have been put on one processor. Who has slept is put on a free one.
                thread::sleep(Duration::from_millis(1));
            }
            was_running.then_some(figure)
        });
        let figure = tries.find_map(|figure| figure);
        is_over.0.store(true, Ordering::Relaxed);
        figure.unwrap_or(f64::NAN)
    })
}
