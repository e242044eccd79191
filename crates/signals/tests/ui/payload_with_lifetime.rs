//! A payload that borrows: the types of a signal are `'static`.

use signals::Signal;

struct Order<'a> {
    name: &'a str,
}

static PLACED: Signal<(), Order<'_>> = Signal::new("placed");

fn main() {
    let name = String::from("a");
    PLACED.send(&(), &Order { name: &name });
}
