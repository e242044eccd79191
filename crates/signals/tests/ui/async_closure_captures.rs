//! An async closure that lends its captures to its future.

use signals::{AsyncSignal, Signal};

struct Shop;
struct Order(u32);

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static MIXED: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("mixed");

fn main() {
    let prefix = String::from("x");
    MIXED.connect(async move |_: &Shop, order: &Order| println!("{prefix}{}", order.0));
}
