//! A crate that declares a signal and registers receivers, for others to use and to link.

mod deep;
mod quiet;

use signals::{Signal, receiver};

/// Sent by whoever depends on this crate.
pub static PUBLISHED: Signal<str, u32, String> = Signal::new("elsewhere::published");

#[receiver(PUBLISHED, name = "elsewhere", order = 1)]
fn elsewhere(_: &str, number: &u32) -> Option<String> {
    Some(format!("elsewhere {number}"))
}

/// A signal whose receivers, here and elsewhere, have one number.
pub static ORDERED: Signal<str, u32, &'static str> = Signal::new("elsewhere::ordered");

#[receiver(ORDERED)]
fn ordered(_: &str, _: &u32) -> Option<&'static str> {
    Some("signals_test_elsewhere::elsewhere")
}
