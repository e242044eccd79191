//! What a receiver captures is shared by the threads that send.

use std::cell::Cell;

use signals::Signal;

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

fn main() {
    let count = Cell::new(0);
    PLAIN.connect(move |_: &str, n: &u32| count.set(*n));
}
