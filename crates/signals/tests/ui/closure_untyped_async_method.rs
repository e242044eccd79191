//! The types of the arguments are left out, and a field is read.

use signals::AsyncSignal;

struct Order {
    total: u32,
}

static MIXED: AsyncSignal<str, Order, u32> = AsyncSignal::new("mixed");

fn main() {
    MIXED.connect(|_, order| println!("{}", order.total));
    MIXED.connect(async |_, order| println!("{}", order.total));
}
