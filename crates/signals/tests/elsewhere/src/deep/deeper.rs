//! A function of a type that nobody names, for a signal that nobody else uses.

use signals::{Signal, receiver};

static UNHEARD: Signal<str, u32, ()> = Signal::new("elsewhere::unheard");

struct Deeper;

#[receiver]
impl Deeper {
    #[receiver(UNHEARD)]
    fn hears(_: &str, _: &u32) {}
}
