//! A function of a type: the block around it must be told.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

struct Audit;

impl Audit {
    #[receiver(PLAIN)]
    fn audit(_: &str, _: &u32) {}
}

fn main() {}
