//! Random histories, sent in each way: all agree with the model.

mod model;
mod support;

use model::{Way, agrees_with_the_model};

#[test]
fn a_send_agrees_with_the_model() {
    agrees_with_the_model(Way::Send);
}

#[test]
fn an_emit_agrees_with_the_model() {
    agrees_with_the_model(Way::Emit);
}

#[test]
fn an_async_send_agrees_with_the_model() {
    agrees_with_the_model(Way::AsyncSend);
}

#[test]
fn a_concurrent_send_agrees_with_the_model() {
    agrees_with_the_model(Way::Concurrent);
}
