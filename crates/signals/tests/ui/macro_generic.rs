//! A generic function is many functions.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

#[receiver(PLAIN)]
fn audit<T: std::fmt::Debug>(_: &T, _: &u32) {}

fn main() {}
