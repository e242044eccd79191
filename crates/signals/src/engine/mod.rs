//! The list engine: how sends find their receivers without a lock, and when what they used is freed.
//!
//! This is the one place of the crate that contains `unsafe` code. Nothing in it knows what a signal
//! means; everything above it is safe Rust.
//!
//! # What is where
//!
//! A signal's [`Door`] leads to its [`Core`], and that points to a [`List`]: an array of pointers to slots,
//! in order. While nobody is connected the pointers are null, and a send does nothing. A [`Slot`] is one
//! block of memory that holds a receiver's captures behind a header of three words. The first, as in a C++
//! object, points to a static [`Table`] of the receiver's type, which begins with the *code* a send calls.
//! There are several tables of each type: with the receiver's own code, with its own behind its conditions,
//! with code that does nothing. Disconnecting and blocking exchange that one pointer, so that a live
//! receiver pays for no check.
//!
//! A send calls plain receivers on the way of [`Core::run`] and of nothing else: what is rare (the first
//! send of a thread, sends inside of receivers, async receivers, senders that receivers are bound to, muted
//! signals) is out of line, behind tests that the quick way makes anyway. The tests whether anybody
//! observes, and what is behind the door, are all that a send costs as long as nobody has been connected.
//!
//! # Who frees what, and when
//!
//! Changes happen under the core's mutex; sends take no lock. Instead each thread has a [`record`] that
//! others can read. A send writes down which list it walks, and before each call which slot it is about
//! to call; at its end it takes the list out, and with that both are over. Whoever has made a list or a slot
//! unreachable (by publishing another list, by exchanging the code) then looks at all records, and frees what
//! nobody has written down:
//!
//! | reader | writer |
//! |---|---|
//! | R1 write the hazard down | W1 make it unreachable |
//! | *light barrier* | *heavy barrier* |
//! | R2 read the pointer (again); use it | W2 read all records; free what is not written down |
//!
//! With a full barrier between the two steps on both sides, either W2 sees R1, and nothing is freed, or R2
//! sees W1: the list is loaded anew, the slot's code does nothing. The light barrier is no instruction at
//! all where the kernel offers `membarrier`, with which the heavy one makes every running thread pass a
//! full barrier; elsewhere both are fences. See [`barrier`]. A thread that finds nobody else's record taken is
//! spared that: who takes one later passes a fence, and sees what was made unreachable before.
//!
//! What lives longer than one call on one stack (an async receiver's future, a walk handed out as an
//! iterator) is not written down in a record but *pinned*, by a count in the list and in the slot.
//!
//! | what | freed when |
//! |---|---|
//! | a receiver's captures and conditions | it is disconnected, no record names the slot, no pin is on it |
//! | a list | another is published, no record names it, no pin is on it, and all older ones are freed |
//! | the last place of a list, for another receiver | its receiver is disconnected, no record names the list, no pin is on it |
//! | the memory of a slot | its captures are dropped, and no list that holds it is left; one that it was cut off from while nobody walked it does not |
//!
//! If a disconnect finds that it cannot free at once, whoever is in the way does it when it is done. A frame
//! is told by the address of the core that waits, written into it; whoever gives a pin back looks whether the
//! list has been replaced, or any receiver has left. The order of writing that and looking (again) is the same
//! as above, so nothing is forgotten. One case is left to the next change: a send may have written a list down
//! that it is about to find replaced, whose memory is by then that of another signal's list. Who waits for that
//! frame is not told, for the send is not theirs; what they hold back stays until their signal changes or goes.
//!
//! `tests/protocol.rs` tries this protocol, as a model, in every order that two threads can take, or three.
//!
//! Captures and keys of senders are dropped outside the mutex, and a panic in dropping captures is caught:
//! they are user code.
//!
//! [`List`]: list::List
//! [`Table`]: slot::Table

#![allow(unsafe_code)]

mod barrier;
mod changes;
mod core;
mod description;
mod door;
mod index;
mod list;
mod pinned;
mod record;
mod running;
mod settle;
mod sink;
mod slot;
mod unplugged;
mod way;

pub(crate) use self::core::{Core, Joined};
pub(crate) use self::description::Details;
pub(crate) use self::door::Door;
pub(crate) use self::index::Picks;
pub(crate) use self::pinned::Pinned;
pub(crate) use self::record::{Entered, is_inside};
pub(crate) use self::running::{Invoke, Running};
pub(crate) use self::slot::{Slot, SlotId};
pub(crate) use self::unplugged::Unplugged;
