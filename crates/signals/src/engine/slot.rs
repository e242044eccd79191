//! A receiver in memory: what is said about it, its state, and behind these its own code and captures.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use super::call::{Call, Kind};
use super::exits::Exits;
use super::frames::{Entered, Scope};
use super::sync::{AtomicU64, Ordering, Ticket};
use crate::conditions::{Conditions, Keep, Skip};
use crate::failure::drop_quietly;
use crate::info::{About, Meta};
use crate::sender::Bound;
use crate::shared::Shared;

/// Tells a slot from all others there ever were in its signal, and says where it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SlotId {
    pub(super) sequence: u64,
    /// The hash of the sender that it is bound to.
    pub(super) sender: Option<u64>,
}

impl SlotId {
    pub(crate) const fn sequence(self) -> u64 {
        self.sequence
    }
}

/// A receiver. There may be many, so it is one block of memory, and has few words besides its captures.
pub(crate) struct Slot<S: ?Sized, P: ?Sized, O, C = dyn Call<S, P, O>>
where
    C: Call<S, P, O> + ?Sized,
{
    /// The sequence number, and below it the [`state`].
    ticket: Ticket,
    place: &'static Location<'static>,
    pub(super) details: Option<Box<Details<S, P>>>,
    /// Told when the captures have been dropped. `None` before it is connected.
    exits: Option<Arc<Exits>>,
    outcome: PhantomData<fn() -> O>,
    pub(super) receiver: C,
}

pub(crate) type SlotRef<S, P, O> = Arc<Slot<S, P, O>>;

/// What there is to say about a receiver for which an option was set.
pub(crate) struct Details<S: ?Sized, P: ?Sized> {
    pub(super) meta: Arc<Meta>,
    conditions: Conditions<S, P>,
    /// Its place among those of the same order, if it takes that of another receiver.
    pub(super) instead_of: Option<u64>,
}

/// What becomes of a call. It is 0 for a plain receiver that is simply called.
mod state {
    pub(super) const GONE: u64 = 1;
    /// Its conditions are asked first.
    pub(super) const GUARDED: u64 = 2;
    /// Its [`Kind`](super::Kind).
    pub(super) const KIND: u64 = 4 | 8;
    /// How often it is held back.
    pub(super) const BLOCK: u64 = 16;
    pub(super) const ALL_BLOCKS: u64 = ALL & !(BLOCK - 1);
    pub(super) const ALL: u64 = (1 << BITS) - 1;
    pub(super) const BITS: u32 = 16;
}

/// Where a receiver stands if no other names it: lower first.
pub(super) type Rank = (i32, u64);

impl<S: ?Sized, P: ?Sized> Details<S, P> {
    pub(crate) fn new(meta: Meta, conditions: Conditions<S, P>) -> Self {
        Self {
            meta: Arc::new(meta),
            conditions,
            instead_of: None,
        }
    }
}

impl<S: ?Sized, P: ?Sized, O, C: Call<S, P, O>> Slot<S, P, O, C> {
    pub(super) fn new(receiver: C) -> Self {
        Self {
            ticket: Ticket::from(AtomicU64::new(0)),
            place: Location::caller(),
            details: None,
            exits: None,
            outcome: PhantomData,
            receiver,
        }
    }
}

impl<S: ?Sized, P: ?Sized, O, C: Call<S, P, O> + ?Sized> Slot<S, P, O, C> {
    /// Says where it is connected, and all about it if there is more to say.
    pub(crate) fn describe(
        &mut self,
        place: &'static Location<'static>,
        details: Option<Details<S, P>>,
    ) {
        self.place = place;
        self.details = details.map(Box::new);
    }

    /// Makes it one of a signal.
    pub(super) fn join(&mut self, sequence: u64, exits: &Arc<Exits>) {
        // A send calls no receiver that is bound to another sender, so that need not be asked again.
        let conditions = self.conditions();
        let is_guarded = conditions.is_some_and(|it| !it.is_sender_only());
        let state = if is_guarded { state::GUARDED } else { 0 };
        let ticket = sequence << state::BITS | state | self.receiver.kind() as u64;
        self.ticket.store(ticket, Ordering::Relaxed);
        self.exits = Some(Arc::clone(exits));
    }

    pub(crate) fn id(&self) -> SlotId {
        SlotId {
            sequence: self.sequence(),
            sender: self.bound().map(|bound| bound.hash()),
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

    #[inline(always)]
    fn state(&self) -> u64 {
        self.ticket.load(Ordering::Acquire) & state::ALL
    }

    /// Whether nothing is to be asked before it is called.
    #[inline(always)]
    pub(crate) fn is_open(&self) -> bool {
        self.state() & !state::KIND == 0
    }

    #[inline(always)]
    pub(crate) fn kind(&self) -> Kind {
        match self.state() & state::KIND {
            0 => Kind::Plain,
            4 => Kind::Async,
            _ => Kind::Detached,
        }
    }

    pub(crate) fn is_blocked(&self) -> bool {
        self.state() & state::ALL_BLOCKS != 0
    }

    /// Has it never called again.
    pub(super) fn leave(&self) {
        self.ticket.fetch_or(state::GONE, Ordering::AcqRel);
    }

    /// Holds it back until it is [unblocked](Self::unblock) as often. Returns `false` if it is held back too often to
    /// count.
    pub(crate) fn block(&self) -> bool {
        let block = |ticket: u64| {
            let is_full = ticket & state::ALL_BLOCKS == state::ALL_BLOCKS;
            (!is_full).then(|| ticket + state::BLOCK)
        };
        let blocked = self
            .ticket
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, block);
        blocked.is_ok()
    }

    pub(crate) fn unblock(&self) {
        self.ticket.fetch_sub(state::BLOCK, Ordering::AcqRel);
    }

    /// What was asked for, if any option was set.
    pub(crate) fn meta(&self) -> Option<&Meta> {
        self.details.as_ref().map(|details| &*details.meta)
    }

    /// Whether it is tied to something that may go.
    pub(super) fn is_tied(&self) -> bool {
        self.meta().is_some_and(|meta| meta.is_tied)
    }

    pub(crate) fn conditions(&self) -> Option<&Conditions<S, P>> {
        self.details.as_ref().map(|details| &details.conditions)
    }

    pub(super) fn bound(&self) -> Option<&Arc<dyn Bound<S>>> {
        self.conditions()?.bound.as_ref()
    }

    /// Notes that this thread is in the middle of something of its signal.
    fn enter(&self, scope: Scope) -> Option<Entered> {
        self.exits.as_ref()?.enter(scope)
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

    /// Notes that this thread is in the middle of a call of it, apart from a send.
    pub(crate) fn enter_alone(&self) -> Option<Entered> {
        self.enter(Scope::Receiver(self.sequence()))
    }

    /// Returns an error if it is not to be called.
    pub(crate) fn check(&self) -> Result<(), Skip> {
        let state = self.state();
        if state & state::GONE != 0 {
            Err(Skip::Disconnected)
        } else if state & state::ALL_BLOCKS != 0 {
            Err(Skip::Blocked)
        } else {
            Ok(())
        }
    }

    /// Asks whether it is to be called, and returns what is to be kept until the end of the call.
    pub(crate) fn admit(
        &self,
        shared: &Shared<S, P, O>,
        sender: &S,
        payload: &P,
    ) -> Result<Option<Keep>, Skip> {
        self.check()?;
        let Some(conditions) = self.conditions() else {
            return Ok(None);
        };
        let admitted = conditions.admit(sender, payload);
        // Before the call, so that a receiver connected `once` may send its own signal.
        if matches!(&admitted, Err(Skip::OwnerGone))
            || admitted.as_ref().is_ok_and(|admitted| admitted.is_last)
        {
            shared.disconnect_one(self.id());
        }
        Ok(admitted?.keep)
    }
}

/// Captures and conditions are code of the user, which may panic, or use the signal. So no lock is held here, and what
/// panics is caught.
impl<S: ?Sized, P: ?Sized, O, C: Call<S, P, O> + ?Sized> Drop for Slot<S, P, O, C> {
    fn drop(&mut self) {
        let _inside = self.enter(Scope::Signal);
        self.receiver.release();
        if let Some(details) = self.details.take() {
            details.conditions.release();
            drop_quietly(details.meta);
        }
        if let Some(exits) = &self.exits {
            exits.has_gone(self.sequence());
        }
    }
}
