//! An option that does not exist.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

#[receiver(PLAIN, priority = 3)]
fn audit(_: &str, _: &u32) {}

fn main() {}
