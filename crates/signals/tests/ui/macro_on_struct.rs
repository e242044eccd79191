//! A struct is no receiver.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

#[receiver(PLAIN)]
struct Audit;

fn main() {}
