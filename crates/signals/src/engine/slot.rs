//! A receiver in memory: what is said about it, its state, and behind these its own code and captures.

use std::panic::Location;
use std::sync::Arc;

use super::call::{Call, Release};
use super::exits::Exits;
use super::sync::{AtomicU64, Ordering, Ticket};
use crate::conditions::Conditions;
use crate::failure::drop_quietly;
use crate::info::{About, Meta};
use crate::sender::Bound;

/// Tells a slot from all others there ever were in its signal, and says where it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SlotId {
    pub(super) sequence: u64,
    /// The bucket of the sender that it is bound to.
    pub(super) bucket: Option<u64>,
}

/// A receiver. There may be many, so it is one block of memory, and has few words besides its captures.
pub(crate) struct Slot<S: ?Sized, P: ?Sized, O, C: Release + ?Sized = dyn Call<S, P, O>> {
    /// The sequence number, and below it the [`state`] bits.
    ticket: Ticket,
    place: &'static Location<'static>,
    details: Option<Box<Details<S, P>>>,
    /// Told when the captures have been dropped. `None` before it is connected.
    exits: Option<Arc<Exits>>,
    outcome: std::marker::PhantomData<fn() -> O>,
    pub(super) receiver: C,
}

pub(crate) type SlotRef<S, P, O> = Arc<Slot<S, P, O>>;

/// What there is to say about a receiver for which an option was set.
pub(crate) struct Details<S: ?Sized, P: ?Sized> {
    meta: Arc<Meta>,
    conditions: Conditions<S, P>,
    bucket: Option<u64>,
    /// Its place among those of the same order, if it takes that of another receiver.
    instead_of: Option<u64>,
}

/// What becomes of a call. No bit is set of a receiver that is simply called.
pub(super) mod state {
    pub(in crate::engine) const GONE: u64 = 1;
    pub(in crate::engine) const BLOCKED: u64 = 2;
    /// Its conditions are asked first.
    pub(in crate::engine) const GUARDED: u64 = 4;
    pub(in crate::engine) const ALL: u64 = 7;
    pub(in crate::engine) const BITS: u32 = 3;
}

/// Where a receiver stands if no other names it: lower first.
pub(super) type Rank = (i32, u64);

impl<S: ?Sized, P: ?Sized, O, C: Release> Slot<S, P, O, C> {
    pub(super) fn new(receiver: C) -> Self {
        Self {
            ticket: Ticket::from(AtomicU64::new(0)),
            place: Location::caller(),
            details: None,
            exits: None,
            outcome: std::marker::PhantomData,
            receiver,
        }
    }
}

impl<S: ?Sized, P: ?Sized> Details<S, P> {
    pub(crate) fn new(meta: Meta, conditions: Conditions<S, P>) -> Self {
        Self {
            meta: Arc::new(meta),
            conditions,
            bucket: None,
            instead_of: None,
        }
    }
}

impl<S: ?Sized, P: ?Sized, O, C: Release + ?Sized> Slot<S, P, O, C> {
    /// Says where it is connected.
    pub(super) fn set_place(&mut self, place: &'static Location<'static>) {
        self.place = place;
    }

    /// Says all about it.
    pub(super) fn set_details(&mut self, details: Box<Details<S, P>>) {
        // A send calls no receiver that is bound to another sender, so that need not be asked again.
        if !details.conditions.is_sender_only() {
            self.ticket.fetch_or(state::GUARDED, Ordering::Relaxed);
        }
        self.details = Some(details);
    }

    pub(super) fn set_bucket(&mut self, bucket: u64) {
        if let Some(details) = &mut self.details {
            details.bucket = Some(bucket);
        }
    }

    /// Gives it the place of another.
    pub(super) fn set_instead_of(&mut self, place: u64) {
        if let Some(details) = &mut self.details {
            details.instead_of = Some(place);
        }
    }

    /// Makes it one of a signal.
    pub(super) fn join(&mut self, sequence: u64, exits: &Arc<Exits>) {
        let ticket = sequence << state::BITS | self.state();
        self.ticket.store(ticket, Ordering::Relaxed);
        self.exits = Some(Arc::clone(exits));
    }

    pub(crate) fn id(&self) -> SlotId {
        SlotId {
            sequence: self.sequence(),
            bucket: self.details.as_ref().and_then(|details| details.bucket),
        }
    }

    pub(super) fn sequence(&self) -> u64 {
        self.ticket.load(Ordering::Relaxed) >> state::BITS
    }

    pub(super) fn rank(&self) -> Rank {
        match &self.details {
            None => (0, self.sequence()),
            Some(details) => {
                let place = details.instead_of.unwrap_or_else(|| self.sequence());
                (details.meta.order, place)
            }
        }
    }

    /// The bits of [`state`].
    #[inline(always)]
    pub(super) fn state(&self) -> u64 {
        self.ticket.load(Ordering::Acquire) & state::ALL
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.state() & state::GONE != 0
    }

    pub(crate) fn is_blocked(&self) -> bool {
        self.state() & state::BLOCKED != 0
    }

    /// Has it never called again.
    pub(super) fn leave(&self) {
        self.ticket.fetch_or(state::GONE, Ordering::AcqRel);
    }

    pub(crate) fn set_blocked(&self, is_blocked: bool) {
        if is_blocked {
            self.ticket.fetch_or(state::BLOCKED, Ordering::AcqRel);
        } else {
            self.ticket.fetch_and(!state::BLOCKED, Ordering::AcqRel);
        }
    }

    /// What was asked for, if any option was set.
    pub(crate) fn meta(&self) -> Option<&Meta> {
        self.details.as_ref().map(|details| &*details.meta)
    }

    pub(crate) fn conditions(&self) -> Option<&Conditions<S, P>> {
        self.details.as_ref().map(|details| &details.conditions)
    }

    pub(super) fn bound(&self) -> Option<&Arc<dyn Bound<S>>> {
        self.conditions()?.bound.as_ref()
    }
}

impl<S: ?Sized, P: ?Sized, O> Slot<S, P, O> {
    pub(crate) fn about(&self) -> About {
        match &self.details {
            None => About::Plain(self.place, self.receiver.type_name()),
            Some(details) => About::Full(Arc::clone(&details.meta)),
        }
    }

    pub(crate) fn receiver(&self) -> &dyn Call<S, P, O> {
        &self.receiver
    }
}

/// Captures and conditions are code of the user, which may panic, or use the signal. So no lock is held here, and what
/// panics is caught.
impl<S: ?Sized, P: ?Sized, O, C: Release + ?Sized> Drop for Slot<S, P, O, C> {
    fn drop(&mut self) {
        let _released = self.exits.as_ref().and_then(Exits::release);
        self.receiver.release();
        if let Some(details) = self.details.take() {
            details.conditions.release();
            drop_quietly(details.meta);
        }
        if let Some(exits) = &self.exits {
            exits.has_gone(self.ticket.load(Ordering::Relaxed) >> state::BITS);
        }
    }
}
