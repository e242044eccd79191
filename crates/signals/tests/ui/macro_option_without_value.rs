//! An option lacks its value.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

#[receiver(PLAIN, order)]
fn audit(_: &str, _: &u32) {}

fn main() {}
