//! The sender is left out.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

#[receiver(PLAIN)]
fn audit(_: &u32) {}

fn main() {}
