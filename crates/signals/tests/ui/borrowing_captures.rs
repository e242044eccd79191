//! A receiver borrows from the stack.

use signals::Signal;

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

fn main() {
    let limit = 3;
    PLAIN.connect(|_: &str, n: &u32| (*n > limit).then_some(*n));
}
