//! Without the feature `tokio` the builder offers neither of the two.

use std::time::Duration;

use signals::AsyncSignal;

static SAVED: AsyncSignal<str, u32, ()> = AsyncSignal::new("saved");

async fn index(_: &str, _id: &u32) {}

fn main() {
    SAVED.receiver(index).detached().connect();
    SAVED.receiver(index).timeout(Duration::from_secs(1)).connect();
}
