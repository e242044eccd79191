//! A typed, named, in-process signal bus.
//!
//! A signal is something that happens in a program. Code that wants to react connects a receiver. Code that
//! makes it happen sends the signal, and reads the answers of the receivers.
//!
//! ```
//! use signals::{Signal, receiver};
//!
//! struct Shop { name: String }
//! struct Order { total: u32 }
//!
//! /// Sent after an order is placed. A receiver may refuse it.
//! static ORDER_PLACED: Signal<Shop, Order, &'static str> = Signal::new("order_placed");
//!
//! #[receiver(ORDER_PLACED, order = -10, name = "audit")]
//! fn audit(shop: &Shop, order: &Order) {
//!     println!("{}: {}", shop.name, order.total);
//! }
//!
//! # fn main() {
//! ORDER_PLACED.connect(|_, order| (order.total > 9_000).then_some("too large"));
//!
//! let shop = Shop { name: "corner shop".into() };
//! let outcomes = ORDER_PLACED.send(&shop, &Order { total: 10_000 });
//! assert_eq!(outcomes.first(), Some(&"too large"));
//! # }
//! ```
//!
//! - **Typed.** A signal has a sender `S`, a payload `P` and an outcome `O`. Receivers borrow the first
//!   two and may return the third. The compiler refuses a function that a signal cannot run. A signal without a
//!   sender or an outcome is a `Signal<(), P>`.
//! - **Ordered.** Receivers run by number, then in the order in which they were connected. A receiver can
//!   also ask to run `before` or `after` others by name.
//! - **Plain and async.** [`Signal`] runs functions; [`AsyncSignal`] runs functions and async functions
//!   in one ordered list. A method of a type receives a signal with [`connect_with`](Signal::connect_with), and
//!   with [`connect_weak`](Signal::connect_weak) for as long as its owner lives.
//! - **Awaited.** Code that waits for a signal awaits its [`next`](Signal::next) send, or reads a
//!   [`stream`](Signal::stream) of sends. A [`Sticky`] signal keeps the last value for receivers that connect late.
//! - **Robust.** If a receiver fails or panics, the others still run, and the sender gets a [`Failure`], apart
//!   from the outcomes. A failure that the sender does not read is reported, on standard error unless
//!   [`on_unread_failure`] says otherwise. Receivers may connect, disconnect and send.
//! - **Visible.** Every receiver has a name and a source line. A [`Recorder`] or an [`Observer`] sees which
//!   receivers ran, in what order, for how long, and with what outcome. [`lint()`] checks the whole program for names
//!   that match no receiver and for other mistakes that go unnoticed.
//!
//! The [`guide`]: what a signal [promises](guide::semantics), with an example for each point; how to
//! [test](guide::testing) code that sends and receives; what other libraries [call](guide::comparison) these things, and
//! what this crate leaves out on purpose.
//!
//! # Features
//!
//! | Name | Description | Default |
//! |---|---|---|
//! | `inventory` | `#[receiver(SIGNAL)]`: receivers registered at their function | yes |
//! | `stream` | `futures_core::Stream` for [`Sends`] | no |
//! | `tokio` | time limits for receivers, and receivers detached on tokio's runtime | no |
//! | `tracing` | `ToTracing`, an observer that writes to `tracing`; a failure that no sender reads is a warning, and not a line on standard error | no |
//!
//! # Platforms
//!
//! The crate runs on every platform with the standard library and 64-bit atomics. It needs no runtime and no threads, and
//! asks the operating system for nothing.
//!
//! On `wasm32-unknown-unknown`:
//!
//! - Every duration is zero, because the platform has no clock.
//! - A wait for a running call ([`Connection::disconnect_and_wait`]) cannot end in a program of one thread, and
//!   panics.
//! - Receivers registered with `#[receiver]` are found after the constructors of the module have run. If no
//!   tool runs them, call `__wasm_call_ctors` first.

mod answer;
mod async_signal;
#[cfg_attr(
    all(target_family = "wasm", target_os = "unknown"),
    path = "no_clock.rs"
)]
mod clock;
#[cfg_attr(not(feature = "inventory"), path = "collect_nothing.rs")]
mod collect;
mod common;
mod concurrent;
mod conditions;
mod connection;
mod detach;
mod drafts;
mod engine;
mod error;
mod event;
mod failure;
mod hub;
mod in_use;
mod info;
mod lint;
mod map;
mod mute;
mod namespace;
mod next;
mod observe;
mod order;
mod outcomes;
mod receive;
mod receiver;
mod recorder;
mod recording;
mod sender;
mod sends;
mod shared;
mod shown;
mod signal;
#[cfg_attr(not(feature = "tracing"), path = "no_spans.rs")]
mod spans;
mod sticky;
mod tasks;
mod test_scope;
#[cfg(feature = "tracing")]
mod to_tracing;
mod turns;
mod unread;
mod walk;
mod with_state;

pub use crate::answer::{Answer, IntoAnswer};
pub use crate::async_signal::{AsyncSignal, EmitAsync};
#[cfg(feature = "inventory")]
pub use crate::collect::{Collected, collected};
pub use crate::conditions::Skip;
pub use crate::connection::{Blocked, Connection, Scoped};
pub use crate::detach::Task;
pub use crate::error::{ConnectError, NameTaken, WaitError};
pub use crate::event::{Event, Said, SendId};
pub use crate::failure::Failure;
pub use crate::in_use::{SignalInfo, all};
pub use crate::info::ReceiverInfo;
pub use crate::lint::{Finding, lint};
pub use crate::map::{Map, map};
pub use crate::mute::Muted;
pub use crate::namespace::{Namespace, named, named_async, process};
pub use crate::next::Next;
pub use crate::observe::{Observer, Observing, observe};
pub use crate::outcomes::Outcomes;
pub use crate::receive::{Async, AsyncCall, Plain, PlainKind, Receive, ReceiveAsync};
pub use crate::receiver::Receiver;
pub use crate::recorder::{CallRecord, Ran, Recorder, SendRecord};
pub use crate::recording::Recording;
pub use crate::sender::{Address, Sender};
pub use crate::sends::Sends;
pub use crate::shown::Shown;
pub use crate::signal::{Emit, Signal};
pub use crate::sticky::Sticky;
pub use crate::tasks::{drain, drain_for};
pub use crate::test_scope::{Inside, TestScope, Testable, test};
#[cfg(feature = "tracing")]
pub use crate::to_tracing::ToTracing;
pub use crate::unread::{UnreadFailure, on_unread_failure};
pub use crate::with_state::{AsyncCallWith, ReceiveAsyncWith, ReceiveWith};
#[cfg(feature = "inventory")]
pub use signals_macros::receiver;

/// What to read after the front page.
pub mod guide {
    #[doc = include_str!("docs/semantics.md")]
    pub mod semantics {}

    #[doc = include_str!("docs/testing.md")]
    pub mod testing {}

    #[doc = include_str!("docs/comparison.md")]
    pub mod comparison {}
}

/// The items that the code written by `#[receiver]` names. Not part of the public interface.
#[cfg(feature = "inventory")]
#[doc(hidden)]
pub mod __private {
    pub use crate::collect::{Registration, Target};
    pub use inventory;
}

#[cfg(all(doctest, feature = "inventory"))]
#[doc = include_str!("../README.md")]
struct Readme;
