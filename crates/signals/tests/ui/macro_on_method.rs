//! A method has no object.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

struct Audit;

impl Audit {
    #[receiver(PLAIN)]
    fn audit(&self, _: &str, _: &u32) {}
}

fn main() {}
