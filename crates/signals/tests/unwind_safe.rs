//! Handles may be used after a panic was caught: none of them is left half changed.

use std::panic::{RefUnwindSafe, UnwindSafe};

use signals::{
    AsyncSignal, Blocked, Connection, Emit, EmitAsync, Inside, Muted, Namespace, Next, Observing,
    Plain, Receiver, ReceiverInfo, Recorder, Recording, Scoped, Sends, Signal, SignalInfo, Sticky,
    TestScope,
};

/// Holds nothing that is safe after a panic, as payloads may.
type Payload = std::cell::RefCell<&'static mut u32>;

const fn assert_unwind_safe<T: UnwindSafe + RefUnwindSafe>() {}

#[test]
fn every_handle_is_unwind_safe() {
    assert_unwind_safe::<Signal<Payload, Payload, u32>>();
    assert_unwind_safe::<AsyncSignal<Payload, Payload, u32>>();
    assert_unwind_safe::<Sticky<String, String>>();
    assert_unwind_safe::<Connection>();
    assert_unwind_safe::<Scoped>();
    assert_unwind_safe::<Blocked>();
    assert_unwind_safe::<TestScope>();
    assert_unwind_safe::<Inside>();
    assert_unwind_safe::<Receiver<'_, Payload, Payload, u32, Plain<()>>>();
    assert_unwind_safe::<Muted<'_>>();
    assert_unwind_safe::<Recording<Payload>>();
    assert_unwind_safe::<Recorder>();
    assert_unwind_safe::<Observing>();
    assert_unwind_safe::<Namespace>();
    assert_unwind_safe::<Next<'_, Payload>>();
    assert_unwind_safe::<Sends<Payload>>();
    assert_unwind_safe::<ReceiverInfo>();
    assert_unwind_safe::<SignalInfo>();
}

#[test]
fn a_send_that_is_half_way_is_unwind_safe() {
    assert_unwind_safe::<Emit<'_, str, u32, u32>>();
    assert_unwind_safe::<EmitAsync<'_, str, u32, u32>>();
}
