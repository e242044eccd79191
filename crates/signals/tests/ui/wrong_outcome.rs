//! An outcome of another type.

use signals::{AsyncSignal, Signal};

struct Shop;
struct Order(u32);

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static MIXED: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("mixed");

fn receiver(_: &Shop, _: &Order) -> Option<String> {
    None
}

fn main() {
    PLAIN.connect(receiver);
}
