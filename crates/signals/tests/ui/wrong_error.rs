//! An error that is no error.

use signals::{AsyncSignal, Signal};

struct Shop;
struct Order(u32);

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static MIXED: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("mixed");

struct NotAnError;

fn receiver(_: &Shop, _: &Order) -> Result<(), NotAnError> {
    Err(NotAnError)
}

fn main() {
    PLAIN.connect(receiver);
}
