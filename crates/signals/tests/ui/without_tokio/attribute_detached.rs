//! Without the feature `tokio` no receiver can be detached.

use signals::{AsyncSignal, receiver};

static SAVED: AsyncSignal<str, u32, ()> = AsyncSignal::new("saved");

#[receiver(SAVED, detached)]
async fn index(_: &str, _id: &u32) {}

fn main() {}
