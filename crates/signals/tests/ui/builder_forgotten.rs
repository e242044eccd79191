//! A builder that is forgotten.

#![deny(unused_must_use)]

use signals::{AsyncSignal, Signal};

struct Shop;
struct Order(u32);

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static MIXED: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("mixed");

fn main() {
    PLAIN.receiver(|_: &Shop, _: &Order| ()).order(1);
}
