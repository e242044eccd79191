//! A method of the right type that takes another payload.

use std::sync::Arc;

use signals::{AsyncSignal, Signal};

struct Shop;
struct Order(u32);
struct Mailer;

impl Mailer {
    fn on_order(&self, _: &Shop, _: &String) {}
    async fn on_order_later(&self, _: &Shop, _: &String) {}
}

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static MIXED: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("mixed");

fn main() {
    PLAIN.connect_with(Arc::new(Mailer), Mailer::on_order);
    MIXED.connect_with(Arc::new(Mailer), Mailer::on_order_later);
}
