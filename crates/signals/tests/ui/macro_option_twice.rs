//! An option is set twice.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

#[receiver(PLAIN, order = 3, order = 4)]
fn audit(_: &str, _: &u32) {}

fn main() {}
