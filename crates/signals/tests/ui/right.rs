//! What the other cases get wrong, done right: it compiles.

use signals::{AsyncSignal, Sender, Signal, receiver};

#[derive(Clone)]
struct Shop;
#[derive(Clone)]
struct Order(u32);

static PLAIN: Signal<Shop, Order, u32> = Signal::new("plain");
static MIXED: AsyncSignal<Shop, Order, u32> = AsyncSignal::new("mixed");

impl Sender for Shop {
    type Key = ();

    fn key(&self) {}
}

#[derive(Debug)]
struct AnError;

impl std::fmt::Display for AnError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an error")
    }
}

impl std::error::Error for AnError {}

fn right_payload(_: &Shop, _: &Order) {}

async fn async_on_mixed(_: &Shop, _: &Order) {}

fn right_return(_: &Shop, order: &Order) -> Option<u32> {
    (order.0 > 1).then_some(1)
}

fn right_error(_: &Shop, _: &Order) -> Result<(), AnError> {
    Err(AnError)
}

async fn future_send(_: &Shop, order: &Order) {
    let count = std::sync::Arc::new(order.0);
    std::future::ready(()).await;
    drop(count);
}

#[receiver(PLAIN, order = 3, name = "audit", before = "a", before = "b", once)]
fn registered(_: &Shop, _: &Order) {}

#[receiver(MIXED)]
async fn registered_async(_: &Shop, _: &Order) -> Option<u32> {
    None
}

struct Audit;

#[receiver]
impl Audit {
    #[receiver(PLAIN, name = "associated")]
    fn placed(_: &Shop, _: &Order) {}

    #[receiver(MIXED)]
    async fn placed_async(_: &Shop, _: &Order) {}

    fn limit() -> u32 {
        9
    }
}

trait Receives {
    fn received(shop: &Shop, order: &Order);
}

#[receiver]
impl Receives for Audit {
    #[receiver(PLAIN)]
    fn received(_: &Shop, _: &Order) {}
}

fn lifetimes<'a, 'b>(_: &'a Shop, order: &'b Order) -> Option<u32> {
    Some(order.0)
}

fn main() {
    PLAIN.connect(lifetimes);
    let count = std::sync::atomic::AtomicU32::new(Audit::limit());
    PLAIN.connect(move |_: &Shop, order: &Order| {
        count.store(order.0, std::sync::atomic::Ordering::Relaxed);
    });
    PLAIN.connect(|_, order| (order.0 > 1).then_some(order.0));
    PLAIN.connect(|_, order| println!("{}", order.0));
    PLAIN.receiver(|_, order| drop(order.clone())).once().connect();
    let limit = 3;
    PLAIN.connect(move |_: &Shop, order: &Order| (order.0 > limit).then_some(order.0));
    PLAIN.connect(right_payload);
    MIXED.connect(async_on_mixed);
    PLAIN.connect(right_return);
    PLAIN.connect(right_error);
    MIXED.connect(future_send);
    let prefix = String::from("x");
    MIXED.connect(move |_: &Shop, order: &Order| {
        let (prefix, n) = (prefix.clone(), order.0);
        async move { println!("{prefix}{n}") }
    });
    PLAIN.receiver(|_: &Shop, _: &Order| ()).from(&Shop).connect();
    PLAIN.receiver(|_: &Shop, _: &Order| ()).order(1).connect();
    MIXED.receiver(async_on_mixed).detached_on(drop).connect();
}
