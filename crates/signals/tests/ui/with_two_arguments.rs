//! A handler that leaves out the state.

use std::sync::Arc;

use signals::{AsyncSignal, Signal};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");
static MIXED: AsyncSignal<str, u32, u32> = AsyncSignal::new("mixed");

fn on_order(_: &str, _: &u32) {}

fn main() {
    PLAIN.connect_with(Arc::new(7), on_order);
    MIXED.connect_with(Arc::new(7), on_order);
}
