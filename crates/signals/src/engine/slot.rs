//! A receiver in memory: its state, what is said about it, and its code.

use std::panic::Location;

use triomphe::Arc;

use super::call::{Call, Code};
use super::exits::Exits;
use super::frames::{Entered, Scope};
use super::sync::{AtomicU64, Ordering, Ticket};
use crate::conditions::{Conditions, Keep, Skip};
use crate::failure::drop_quietly;
use crate::info::{About, Meta, ReceiverInfo, default_name};
use crate::order::{Place, Rank};
use crate::sender::Bound;
use crate::shared::Shared;

/// Tells a slot from all others there ever were in its signal, and says where it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SlotId {
    pub(crate) sequence: u64,
    /// The hash of the sender that it is bound to.
    pub(super) sender: Option<u64>,
}

/// A receiver that has entered or left the list.
pub(crate) struct Joined {
    pub(crate) id: SlotId,
    pub(crate) receiver: ReceiverInfo,
}

/// A receiver about to be connected.
pub(crate) struct Candidate<S: ?Sized, P: ?Sized, O> {
    pub(crate) code: Code<S, P, O>,
    pub(crate) place: &'static Location<'static>,
    /// If any option was set.
    pub(crate) details: Option<Box<Details<S, P>>>,
}

/// A connected receiver. There may be many, so it has few words.
pub(crate) struct Slot<S: ?Sized, P: ?Sized, O> {
    /// The sequence number, and below it the [`state`].
    ticket: Ticket,
    pub(crate) asked: Candidate<S, P, O>,
    /// Told when the captures have been dropped.
    exits: std::sync::Arc<Exits>,
}

pub(crate) type SlotRef<S, P, O> = Arc<Slot<S, P, O>>;

/// What there is to say about a receiver for which an option was set.
pub(crate) struct Details<S: ?Sized, P: ?Sized> {
    pub(crate) meta: std::sync::Arc<Meta>,
    pub(crate) conditions: Conditions<S, P>,
    /// It takes the place of the receiver that has the same key, instead of being refused.
    pub(crate) replaces: bool,
    /// Its place among those of the same order, if it takes that of another receiver.
    pub(crate) instead_of: Option<u64>,
}

/// What becomes of a call, in the low bits of a ticket. It is 0 for a receiver that is simply called.
mod state {
    pub(super) const BITS: u32 = 14;
    pub(super) const GONE: u64 = 1;
    /// Its conditions are asked first.
    pub(super) const GUARDED: u64 = 2;
    /// How often it is held back.
    pub(super) const BLOCK: u64 = 4;
    pub(super) const ALL_BLOCKS: u64 = (1 << BITS) - BLOCK;
}

impl<S: ?Sized, P: ?Sized, O> Candidate<S, P, O> {
    /// What was asked for, if any option was set.
    pub(crate) fn meta(&self) -> Option<&Meta> {
        self.details.as_ref().map(|details| &*details.meta)
    }

    pub(crate) fn conditions(&self) -> Option<&Conditions<S, P>> {
        self.details.as_ref().map(|details| &details.conditions)
    }

    /// Whether it names others that it must run before or after.
    pub(super) fn is_constrained(&self) -> bool {
        self.meta().is_some_and(Meta::is_constrained)
    }

    /// Whether it is tied to something that may go.
    pub(crate) fn is_tied(&self) -> bool {
        self.meta().is_some_and(|meta| meta.is_tied)
    }

    pub(super) fn bound(&self) -> Option<&std::sync::Arc<dyn Bound<S>>> {
        self.conditions()?.bound.as_ref()
    }
}

impl<S: ?Sized, P: ?Sized, O> Slot<S, P, O> {
    /// Makes one that may take the place of another, which is of this rank.
    pub(super) fn new(
        mut asked: Candidate<S, P, O>,
        sequence: u64,
        exits: &std::sync::Arc<Exits>,
        replaced: Option<Rank>,
    ) -> SlotRef<S, P, O> {
        if let (Some(details), Some((_, place))) = (&mut asked.details, replaced) {
            details.instead_of = Some(place);
        }
        // A send calls no receiver that is bound to another sender, so that need not be asked again.
        let conditions = asked.conditions();
        let is_guarded = conditions.is_some_and(|it| !it.is_sender_only());
        let state = if is_guarded { state::GUARDED } else { 0 };
        Arc::new(Self {
            ticket: Ticket::from(AtomicU64::new(sequence << state::BITS | state)),
            asked,
            exits: exits.clone(),
        })
    }

    pub(crate) fn id(&self) -> SlotId {
        let sequence = self.sequence();
        let sender = self.asked.bound().map(|bound| bound.hash());
        SlotId { sequence, sender }
    }

    pub(super) fn sequence(&self) -> u64 {
        self.ticket.load(Ordering::Relaxed) >> state::BITS
    }

    pub(super) fn rank(&self) -> Rank {
        let details = self.asked.details.as_ref();
        let place = details.and_then(|details| details.instead_of);
        let order = details.map_or(0, |details| details.meta.order);
        (order, place.unwrap_or_else(|| self.sequence()))
    }

    pub(super) fn place(&self) -> Place<'_> {
        let (meta, rank) = (self.asked.meta(), self.rank());
        let default = || default_name(self.code().type_name(), self.asked.place);
        Place {
            name: meta.map_or_else(default, Meta::name),
            before: meta.map_or(&[], |meta| &meta.before),
            after: meta.map_or(&[], |meta| &meta.after),
            rank,
        }
    }

    pub(crate) fn about(&self) -> About {
        match &self.asked.details {
            None => About::Plain(self.asked.place, self.code().type_name()),
            Some(details) => About::Full(details.meta.clone()),
        }
    }

    pub(crate) fn info(&self, position: usize) -> ReceiverInfo {
        ReceiverInfo::new(self.about(), position)
    }

    pub(crate) fn joined(&self, position: usize) -> Joined {
        let (id, receiver) = (self.id(), self.info(position));
        Joined { id, receiver }
    }

    #[inline(always)]
    pub(crate) fn code(&self) -> &dyn Call<S, P, O> {
        &**self.asked.code.get()
    }

    #[inline(always)]
    fn state(&self) -> u64 {
        self.ticket.load(Ordering::Acquire) & ((1 << state::BITS) - 1)
    }

    /// Whether nothing is to be asked before it is called.
    #[inline(always)]
    pub(crate) fn is_open(&self) -> bool {
        self.state() == 0
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
        let has_room = |ticket: u64| ticket & state::ALL_BLOCKS != state::ALL_BLOCKS;
        let block = |ticket: u64| has_room(ticket).then(|| ticket + state::BLOCK);
        let (set, fetch) = (Ordering::AcqRel, Ordering::Relaxed);
        self.ticket.fetch_update(set, fetch, block).is_ok()
    }

    pub(crate) fn unblock(&self) {
        self.ticket.fetch_sub(state::BLOCK, Ordering::AcqRel);
    }

    /// Notes that this thread is in the middle of a call of it, apart from a send.
    pub(crate) fn enter_alone(&self) -> Option<Entered> {
        self.exits.enter(Scope(self.sequence()))
    }

    /// Returns an error if it is not to be called.
    pub(crate) fn check(&self) -> Result<(), Skip> {
        match self.state() {
            state if state & state::GONE != 0 => Err(Skip::Disconnected),
            state if state & state::ALL_BLOCKS != 0 => Err(Skip::Blocked),
            _ => Ok(()),
        }
    }

    /// Asks whether it is to be called, and returns what is to be kept until the end of the call.
    #[inline(never)]
    pub(crate) fn admit(
        &self,
        shared: &Shared<S, P, O>,
        sender: &S,
        payload: &P,
    ) -> Result<Option<Keep>, Skip> {
        self.check()?;
        let Some(conditions) = self.asked.conditions() else {
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
impl<S: ?Sized, P: ?Sized, O> Drop for Slot<S, P, O> {
    fn drop(&mut self) {
        let _inside = self.exits.enter(Scope::SIGNAL);
        drop_quietly(self.asked.code.0.take());
        drop_quietly(self.asked.details.take());
        self.exits.has_gone(self.sequence());
    }
}
