//! The engine: how a signal keeps its receivers, and how a send finds and calls them.
//!
//! Nothing here is `unsafe`. A send reads a shared pointer to a [`state`] that never changes, and calls the receivers in
//! it one after the other. A change makes the next state, and exchanges the pointer. So a send calls the receivers that
//! were connected when it began; whether each of them still is says its [`slot`].
//!
//! The captures of a receiver are dropped with its slot, and the slot with the last state that has it, which a send
//! may hold. [`exits`] tells those who wait for that. [`frames`] note the signals that a thread is in the middle of: there
//! a wait might never end, so it is refused. The frames limit recursion too.
//!
//! Captures, conditions, keys of senders and wakers are code of the user. None of it runs while a lock is held.

mod call;
mod core;
mod exits;
mod frames;
mod slot;
mod state;
#[cfg_attr(signals_loom, path = "sync_loom.rs")]
mod sync;

pub(crate) use self::call::{Code, Launch, Start, future, plain};
pub(crate) use self::core::{Core, Target};
pub(crate) use self::exits::Exits;
pub(crate) use self::frames::{Entered, Scope, is_in_task};
pub(crate) use self::slot::{Candidate, Details, Joined, Slot, SlotId, SlotRef};
pub(crate) use self::state::{List, Slots, State};
