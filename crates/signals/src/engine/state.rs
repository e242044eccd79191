//! The receivers of a signal at one moment, in order: a state never changes.
//!
//! Those that are bound to a sender are in lists of their own, found by the hash of the sender's key in a persistent
//! map. The next state shares the lists and most of the map with the one before, so that what the receivers of one
//! sender cost does not depend on those of others.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use rpds::HashTrieMapSync;

use super::slot::{SlotId, SlotRef};
use crate::error::ConnectError;
use crate::order;
use crate::sender::Probe;

/// Receivers in the order in which they run.
pub(crate) type List<S, P, O> = Arc<[SlotRef<S, P, O>]>;
pub(crate) type Slots<'s, S, P, O> = &'s [SlotRef<S, P, O>];

/// All receivers of a signal.
pub(crate) struct State<S: ?Sized, P: ?Sized, O> {
    /// Those of every sender.
    pub(super) every: List<S, P, O>,
    /// Those of one sender, by the hash of its key.
    bound: Buckets<S, P, O>,
    /// Shows keys of senders, if any receiver is bound to one.
    pub(super) probe: Option<Probe<S>>,
    /// The places of all, by sequence number, if some name others that they run before or after. Else the place of each
    /// is its rank.
    places: Option<HashMap<u64, usize, RandomState>>,
    /// How many are not plain functions.
    pub(super) asyncs: usize,
    /// How many are tied to something that may go.
    pub(crate) tied: usize,
}

/// How many branches a node of the map has. A change copies some nodes: the fewer branches, the less.
const DEGREE: u8 = 16;

type Buckets<S, P, O> = HashTrieMapSync<u64, List<S, P, O>, RandomState>;

impl<S: ?Sized, P: ?Sized, O> State<S, P, O> {
    pub(super) fn empty() -> Self {
        Self {
            every: List::default(),
            bound: Buckets::new_with_hasher_and_degree_and_ptr_kind(RandomState::default(), DEGREE),
            probe: None,
            places: None,
            asyncs: 0,
            tied: 0,
        }
    }

    /// Puts receivers in order. Those of equal rank stay as they come.
    pub(super) fn of(mut slots: Vec<SlotRef<S, P, O>>) -> Result<Self, ConnectError> {
        let mut state = Self::empty();
        if slots.iter().any(|slot| slot.asked.is_constrained()) {
            let places: Vec<_> = slots.iter().map(|slot| slot.place()).collect();
            let order = order::arrange(&places).map_err(|names| ConnectError::Cycle { names })?;
            slots = order.into_iter().map(|at| slots[at].clone()).collect();
            let places = slots.iter().enumerate();
            state.places = Some(places.map(|(at, slot)| (slot.sequence(), at)).collect());
        } else {
            slots.sort_by_key(|slot| slot.rank());
        }
        let mut by_sender: HashMap<_, Vec<_>, RandomState> = HashMap::default();
        for slot in slots {
            state.count(&slot, 1);
            by_sender.entry(slot.id().sender).or_default().push(slot);
        }
        for (sender, slots) in by_sender {
            state.set(sender, slots);
        }
        Ok(state)
    }

    /// Returns what follows when one receiver comes, or goes.
    pub(super) fn changed(
        &self,
        slot: &SlotRef<S, P, O>,
        comes: bool,
    ) -> Result<Self, ConnectError> {
        let sender = slot.id().sender;
        let is_arranged = self.places.is_some() || slot.asked.is_constrained();
        let mut slots = match is_arranged {
            true => self.all(),
            false => self.home(sender).to_vec(),
        };
        if comes {
            // Anywhere, if the receivers are arranged anew.
            let at = slots.partition_point(|other| other.rank() <= slot.rank());
            slots.insert(at, slot.clone());
        } else {
            slots.retain(|other| other.sequence() != slot.sequence());
        }
        if is_arranged {
            return Self::of(slots);
        }
        let mut next = Self {
            every: self.every.clone(),
            bound: self.bound.clone(),
            places: None,
            ..*self
        };
        next.count(slot, if comes { 1 } else { -1 });
        next.set(sender, slots);
        Ok(next)
    }

    fn count(&mut self, slot: &SlotRef<S, P, O>, change: isize) {
        let (is_async, is_tied) = (!slot.code().is_plain(), slot.asked.is_tied());
        let one_if = |counts: bool| if counts { change } else { 0 };
        self.asyncs = self.asyncs.strict_add_signed(one_if(is_async));
        self.tied = self.tied.strict_add_signed(one_if(is_tied));
    }

    /// Sets the receivers of one sender, or of every one.
    fn set(&mut self, sender: Option<u64>, slots: Vec<SlotRef<S, P, O>>) {
        let bound = slots.first().and_then(|slot| slot.asked.bound());
        self.probe = self.probe.or(bound.map(|bound| bound.probe()));
        match sender {
            None => self.every = slots.into(),
            Some(hash) if slots.is_empty() => drop(self.bound.remove_mut(&hash)),
            Some(hash) => self.bound.insert_mut(hash, slots.into()),
        }
        if self.bound.is_empty() {
            self.probe = None;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.every.is_empty() && self.bound.is_empty()
    }

    fn home(&self, sender: Option<u64>) -> &[SlotRef<S, P, O>] {
        match sender {
            None => &self.every,
            Some(hash) => self.bound.get(&hash).map_or(&[], |list| list),
        }
    }

    /// Finds a receiver, with its position in its list.
    pub(crate) fn find(&self, id: SlotId) -> Option<(usize, &SlotRef<S, P, O>)> {
        let home = self.home(id.sender);
        // From the end: what came last often leaves first.
        let is_it = |slot: &SlotRef<S, P, O>| slot.sequence() == id.sequence;
        let position = home.iter().rposition(is_it)?;
        Some((position, &home[position]))
    }

    /// Returns the receivers that a send by this sender calls.
    pub(super) fn of_sender(&self, sender: &S) -> List<S, P, O> {
        let mut list = self.every.clone();
        let Some(probe) = self.probe else {
            return list;
        };
        probe(sender, &mut |hash: u64, key: &dyn Any| {
            let Some(bucket) = self.bound.get(&hash) else {
                return;
            };
            let is_ours = |slot: &&SlotRef<S, P, O>| {
                slot.asked.bound().is_some_and(|bound| bound.is_key(key))
            };
            if self.every.is_empty() && bucket.iter().all(|slot| is_ours(&slot)) {
                list = bucket.clone();
            } else {
                let ours = bucket.iter().filter(is_ours);
                list = self.in_order(self.every.iter().chain(ours)).collect();
            }
        });
        list
    }

    /// Returns all receivers, in order.
    pub(crate) fn all(&self) -> Vec<SlotRef<S, P, O>> {
        self.in_order(self.iter()).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &SlotRef<S, P, O>> {
        let bound = self.bound.values().flat_map(|list| list.iter());
        self.every.iter().chain(bound)
    }

    fn in_order<'a>(
        &'a self,
        slots: impl Iterator<Item = &'a SlotRef<S, P, O>>,
    ) -> impl Iterator<Item = SlotRef<S, P, O>> {
        let place = |slot: &SlotRef<S, P, O>| match &self.places {
            Some(places) => (places[&slot.sequence()], (0, 0)),
            None => (0, slot.rank()),
        };
        let mut all: Vec<_> = slots.map(|slot| (place(slot), slot.clone())).collect();
        all.sort_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, slot)| slot)
    }
}
