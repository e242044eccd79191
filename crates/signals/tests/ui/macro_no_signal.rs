//! No signal is named.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

#[receiver]
fn audit(_: &str, _: &u32) {}

fn main() {}
