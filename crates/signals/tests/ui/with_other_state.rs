//! A method of another type than the state.

use std::sync::Arc;

use signals::Signal;

struct Order(u32);
struct Mailer;
struct Printer;

impl Mailer {
    fn on_order(&self, _: &str, _: &Order) {}
}

static PLAIN: Signal<str, Order, u32> = Signal::new("plain");

fn main() {
    PLAIN.connect_with(Arc::new(Printer), Mailer::on_order);
    PLAIN.connect_weak(&Arc::new(Printer), Mailer::on_order);
}
