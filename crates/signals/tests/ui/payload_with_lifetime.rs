//! Payloads that borrow: a static signal has no lifetime to name, and another one wants `'static`.

use signals::Signal;

struct Order<'a> {
    name: &'a str,
}

static PLACED: Signal<(), Order> = Signal::new("placed");

fn main() {
    let name = String::from("a");
    let placed: Signal<(), Order<'_>> = Signal::new("placed");
    placed.send(&(), &Order { name: &name });
}
