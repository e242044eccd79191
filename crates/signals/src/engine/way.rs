//! How a list is walked: which of its receivers a send calls, and what is written down before each call.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::barrier;
use super::index::next_of;
use super::list::{List, traits};
use super::record::Entered;
use super::sink::Sink;
use super::slot::Slot;
use crate::outcomes::Outcomes;
use crate::shared::Shared;

/// Writes a slot down and calls it.
///
/// # Safety
///
/// The frame keeps a list, and this is one of its entries below the length.
#[inline(always)]
unsafe fn call<const IS_FENCED: bool, S: ?Sized, P: ?Sized, O>(
    entered: &Entered,
    entry: &AtomicPtr<Slot<S, P, O>>,
    sender: &S,
    payload: &P,
    sink: &mut Sink<'_, S, P, O>,
) {
    let slot = entry.load(Ordering::Relaxed);
    entered.call(slot);
    barrier::light::<IS_FENCED>();
    // SAFETY: the slots of a list live as long as it does. The frame keeps the list, and since before the
    // code is loaded the captures.
    unsafe {
        let slot = NonNull::new_unchecked(slot);
        (slot.as_ref().code())(slot, sender, payload, sink);
    }
}

/// Calls all receivers of the list that the sink is for.
///
/// # Safety
///
/// The frame keeps the list, all of whose receivers are plain and bound to no sender.
#[inline(always)]
pub(super) unsafe fn walk<const IS_FENCED: bool, S: ?Sized, P: ?Sized, O>(
    entered: &Entered,
    sender: &S,
    payload: &P,
    sink: &mut Sink<'_, S, P, O>,
) {
    let entries = sink.list.entries(sink.list.len());
    sink.ran = entries.len();
    for entry in entries {
        // SAFETY: see above; an entry below the length is set.
        unsafe { call::<IS_FENCED, _, _, _>(entered, entry, sender, payload, sink) };
    }
}

/// Calls the receivers of any list that the sender concerns, if all are plain.
///
/// # Safety
///
/// The frame keeps the list.
#[inline(always)]
pub(super) unsafe fn walk_any<const IS_FENCED: bool, S: ?Sized, P: ?Sized, O>(
    entered: &Entered,
    list: &List<S, P, O>,
    shared: &Shared<S, P, O>,
    sender: &S,
    payload: &P,
) -> Option<Outcomes<O>> {
    let traits = list.traits();
    if traits & traits::MUTED != 0 {
        return Some(Outcomes::new());
    }
    if traits & traits::ASYNC != 0 {
        return None;
    }
    let mut sink = Sink::new(list, shared);
    if traits & traits::BOUND != 0 {
        // SAFETY: see above.
        unsafe { walk_bound::<IS_FENCED, _, _, _>(entered, sender, payload, &mut sink) };
    } else {
        // SAFETY: see above.
        unsafe { walk::<IS_FENCED, _, _, _>(entered, sender, payload, &mut sink) };
    }
    Some(sink.finish())
}

/// Calls the receivers of the list that the sink is for, of those that are bound only this sender's.
///
/// # Safety
///
/// The frame keeps the list, all of whose receivers are plain.
#[inline(always)]
unsafe fn walk_bound<const IS_FENCED: bool, S: ?Sized, P: ?Sized, O>(
    entered: &Entered,
    sender: &S,
    payload: &P,
    sink: &mut Sink<'_, S, P, O>,
) {
    let entries = sink.list.entries(sink.list.len());
    let rows = sink.list.index().of(sender);
    if let [[], own] = rows {
        sink.ran = own.len();
        for &position in own {
            // SAFETY: see above.
            unsafe {
                call::<IS_FENCED, _, _, _>(entered, &entries[position], sender, payload, sink);
            };
        }
        return;
    }
    let mut taken = [0, 0];
    while let Some(position) = next_of(rows, &mut taken) {
        sink.ran += 1;
        // SAFETY: see above.
        unsafe { call::<IS_FENCED, _, _, _>(entered, &entries[position], sender, payload, sink) };
    }
}
