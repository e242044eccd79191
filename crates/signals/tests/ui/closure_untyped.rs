//! The types of the arguments are left out.

use signals::Signal;

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

fn main() {
    PLAIN.connect(|_, n| println!("{n}"));
}
