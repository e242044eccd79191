//! An async method that holds a value that must stay on its thread, and a payload that may not be shared.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use signals::AsyncSignal;

struct Mailer;

impl Mailer {
    async fn on_order(&self, _: &str, order: &u32) {
        let count = Rc::new(*order);
        std::future::ready(()).await;
        drop(count);
    }

    async fn on_cell(&self, _: &str, _: &Cell<u32>) {}
}

static MIXED: AsyncSignal<str, u32, u32> = AsyncSignal::new("mixed");
static CELLS: AsyncSignal<str, Cell<u32>, u32> = AsyncSignal::new("cells");

fn main() {
    MIXED.connect_with(Arc::new(Mailer), Mailer::on_order);
    CELLS.connect_with(Arc::new(Mailer), Mailer::on_cell);
}
