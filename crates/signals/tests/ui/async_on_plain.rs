//! An async function on a plain signal.

use signals::{AsyncSignal, Signal};

struct Shop;
struct Order(u32);

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static MIXED: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("mixed");

async fn receiver(_: &Shop, _: &Order) {}

fn main() {
    PLAIN.connect(receiver);
}
