//! The function takes another payload.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

#[receiver(PLAIN)]
fn audit(_: &str, _: &String) {}

fn main() {}
