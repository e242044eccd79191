//! An async method on a plain signal.

use std::sync::Arc;

use signals::Signal;

struct Order(u32);
struct Mailer;

impl Mailer {
    async fn on_order(&self, _: &str, _: &Order) {}
}

static PLAIN: Signal<str, Order, u32> = Signal::new("plain");

fn main() {
    PLAIN.connect_with(Arc::new(Mailer), Mailer::on_order);
}
