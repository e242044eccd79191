//! A future that cannot cross threads.

use signals::{AsyncSignal, Signal};

struct Shop;
struct Order(u32);

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static MIXED: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("mixed");

async fn receiver(_: &Shop, order: &Order) {
    let count = std::rc::Rc::new(order.0);
    std::future::ready(()).await;
    drop(count);
}

fn main() {
    MIXED.connect(receiver);
}
