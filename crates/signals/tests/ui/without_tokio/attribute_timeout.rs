//! Without the feature `tokio` no receiver has a time limit.

use std::time::Duration;

use signals::{AsyncSignal, receiver};

static SAVED: AsyncSignal<str, u32, ()> = AsyncSignal::new("saved");

#[receiver(SAVED, timeout = Duration::from_secs(1))]
async fn index(_: &str, _id: &u32) {}

fn main() {}
