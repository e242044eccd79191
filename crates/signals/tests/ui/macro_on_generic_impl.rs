//! A function of a generic type is many functions.

use signals::{Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");

struct Audit<T>(T);

#[receiver]
impl<T> Audit<T> {
    #[receiver(PLAIN)]
    fn audit(_: &str, _: &u32) {}
}

fn main() {}
