//! The error may not be one that has to stay on its thread.

use std::error::Error;

use signals::{AsyncSignal, Signal};

struct Shop;
struct Order;

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static ASYNC: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("async");

fn receiver(_: &Shop, _: &Order) -> Result<(), Box<dyn Error>> {
    Ok(())
}

async fn waits(_: &Shop, _: &Order) -> Result<Option<u32>, Box<dyn Error>> {
    Ok(None)
}

fn main() {
    PLAIN.connect(receiver);
    ASYNC.connect(waits);
}
