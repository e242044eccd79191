//! A signal whose outcome is `Infallible` takes no answer.

use std::convert::Infallible;

use signals::Signal;

struct Shop;
struct Order;

static PLAIN: Signal<Shop, Order, Infallible> = Signal::new("plain");

fn receiver(_: &Shop, _: &Order) -> Option<u32> {
    Some(7)
}

fn main() {
    PLAIN.connect(receiver);
}
