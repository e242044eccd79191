//! A plain function has nothing to wait for.

use signals::{AsyncSignal, receiver};

static MIXED: AsyncSignal<str, u32, u32> = AsyncSignal::new("mixed");

#[receiver(MIXED, timeout = std::time::Duration::from_secs(1))]
fn audit(_: &str, _: &u32) {}

fn main() {}
