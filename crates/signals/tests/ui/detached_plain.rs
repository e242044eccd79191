//! A plain function has nothing to wait for.

use signals::AsyncSignal;

static MIXED: AsyncSignal<str, u32, u32> = AsyncSignal::new("mixed");

fn plain(_: &str, _: &u32) {}

fn main() {
    MIXED.receiver(plain).detached_on(drop).connect();
}
