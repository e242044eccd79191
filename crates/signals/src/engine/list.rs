//! The receivers of a signal in order, as a send finds them: a list never changes.

use std::sync::Arc;

use super::call::Kind;
use super::slot::{Rank, SlotRef};
use super::sync;

/// Receivers in the order in which they run.
pub(crate) struct List<S: ?Sized, P: ?Sized, O> {
    slots: Vec<SlotRef<S, P, O>>,
    /// The places of the slots among those of all lists. Without them, a slot's own rank is its place.
    places: Vec<usize>,
    /// Whether every receiver is a plain function.
    pub(super) is_plain: bool,
}

pub(crate) type ListRef<S, P, O> = Arc<List<S, P, O>>;

pub(crate) fn slots<S: ?Sized, P: ?Sized, O>(
    list: &Option<ListRef<S, P, O>>,
) -> &[SlotRef<S, P, O>] {
    list.as_ref().map_or(&[], |list| list.slots())
}

/// The list that a send has found, if there is one.
pub(crate) type Target<S, P, O> = sync::Target<List<S, P, O>>;

/// What slots are sorted by: the place among all, or the rank of its own.
pub(super) type Key = (usize, Rank);

impl<S: ?Sized, P: ?Sized, O> List<S, P, O> {
    pub(super) fn new(slots: Vec<SlotRef<S, P, O>>, places: Vec<usize>) -> Self {
        let mut kinds = slots.iter().map(|slot| slot.kind());
        Self {
            is_plain: kinds.all(|kind| kind == Kind::Plain),
            slots,
            places,
        }
    }

    pub(crate) fn slots(&self) -> &[SlotRef<S, P, O>] {
        &self.slots
    }

    /// Returns the slots, each with what it is sorted by.
    pub(super) fn keyed(&self) -> impl Iterator<Item = (Key, &SlotRef<S, P, O>)> {
        let slots = self.slots.iter().enumerate();
        slots.map(|(position, slot)| match self.places.get(position) {
            Some(place) => ((*place, (0, 0)), slot),
            None => ((0, slot.rank()), slot),
        })
    }

    /// Returns one list of the slots of both, which are of one moment.
    pub(super) fn of_both(lists: (Option<Arc<Self>>, Option<Arc<Self>>)) -> Target<S, P, O> {
        Target::from(match lists {
            (Some(one), Some(other)) => Some(Arc::new(one.merged(&other))),
            (one, other) => one.or(other),
        })
    }

    fn merged(&self, other: &Self) -> Self {
        let mut all: Vec<_> = self.keyed().chain(other.keyed()).collect();
        all.sort_by_key(|(key, _)| *key);
        let slots = all.into_iter().map(|(_, slot)| Arc::clone(slot));
        Self::new(slots.collect(), Vec::new())
    }
}
