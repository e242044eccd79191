//! A function with a constant parameter is many functions.

use signals::{Signal, receiver};

static PLAIN: Signal<str, [u32; 3], u32> = Signal::new("plain");

#[receiver(PLAIN)]
fn audit<const N: usize>(_: &str, _: &[u32; N]) {}

fn main() {}
