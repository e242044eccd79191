//! A return type that says nothing to the bus.

use signals::{AsyncSignal, Signal};

struct Shop;
struct Order(u32);

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static MIXED: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("mixed");

fn receiver(_: &Shop, order: &Order) -> bool {
    order.0 > 1
}

fn main() {
    PLAIN.connect(receiver);
}
