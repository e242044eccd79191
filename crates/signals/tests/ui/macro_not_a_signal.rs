//! The path is not of a signal.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

static NUMBER: u32 = 3;

#[receiver(NUMBER)]
fn audit(_: &str, _: &u32) {}

static _USED: &Signal<str, u32, u32> = &PLAIN;

fn main() {}
