//! The types of the arguments are left out, on a signal that takes async receivers too.

use signals::AsyncSignal;

static MIXED: AsyncSignal<str, u32, u32> = AsyncSignal::new("mixed");

fn main() {
    MIXED.connect(|_, n| println!("{n}"));
    MIXED.connect(|_, n| Some(n + 1));
    MIXED.connect(async |_, n| println!("{n}"));
}
