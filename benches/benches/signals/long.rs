//! Things that take so long that another program runs in between.

use cpu_time::ThreadTime;

/// Returns the nanoseconds that this thread had a processor for.
pub(crate) fn nanoseconds(act: impl FnOnce()) -> f64 {
    let start = ThreadTime::now();
    act();
    start.elapsed().as_secs_f64() * 1e9
}
