//! Random histories while somebody observes: they agree with the model as they do unobserved.
//!
//! In a program of its own, because observers see, and slow down, every signal of the process.

mod model;
mod support;

use model::{Way, agrees_with_the_model};
use signals::Event;

#[test]
fn an_observed_send_agrees_with_the_model() {
    let _watching = signals::observe(|_: &Event<'_>| {});
    agrees_with_the_model(Way::Send);
}
