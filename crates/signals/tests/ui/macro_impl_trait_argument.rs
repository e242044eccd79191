//! A function that takes an `impl Trait` is many functions.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

#[receiver(PLAIN)]
fn audit(_: &impl std::fmt::Debug, _: &u32) {}

fn main() {}
