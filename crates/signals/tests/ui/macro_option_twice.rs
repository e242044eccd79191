//! An option is set twice: each of those that can be set once.

use signals::{AsyncSignal, Signal, receiver};

static PLAIN: Signal<str, u32, u32> = Signal::new("plain");
static ASYNC: AsyncSignal<str, u32, u32> = AsyncSignal::new("async");

#[receiver(PLAIN, order = 3, order = 4)]
fn order(_: &str, _: &u32) {}

#[receiver(PLAIN, name = "a", order = 1, name = "b")]
fn name(_: &str, _: &u32) {}

#[receiver(PLAIN, from = "a", from = "b")]
fn from(_: &str, _: &u32) {}

#[receiver(PLAIN, times = 3, times = 4)]
fn times(_: &str, _: &u32) {}

#[receiver(PLAIN, once, times = 4)]
fn once(_: &str, _: &u32) {}

#[receiver(PLAIN, key = "a", key = "b")]
fn key(_: &str, _: &u32) {}

#[receiver(PLAIN, crate = signals, crate = signals)]
fn krate(_: &str, _: &u32) {}

#[receiver(ASYNC, timeout = limit(), timeout = limit())]
async fn timeout(_: &str, _: &u32) {}

#[receiver(ASYNC, detached, detached)]
async fn detached(_: &str, _: &u32) {}

fn main() {}
