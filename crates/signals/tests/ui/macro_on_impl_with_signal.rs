//! The signal stands on the function, not on the block around it.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

struct Audit;

#[receiver(PLAIN)]
impl Audit {
    #[receiver(PLAIN)]
    fn audit(_: &str, _: &u32) {}
}

fn main() {}
