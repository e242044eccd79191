//! The receivers of a signal in order, as a send finds them: a list never changes.

use std::sync::Arc;

use super::call::Kind;
use super::slot::{Rank, SlotRef};

/// Receivers in the order in which they run.
pub(crate) struct List<S: ?Sized, P: ?Sized, O> {
    slots: Vec<SlotRef<S, P, O>>,
    /// The places of the slots among those of all lists. Without them, a slot's own rank is its place.
    places: Vec<usize>,
    /// Grows with each list of the signal.
    pub(super) version: u64,
    /// Whether every receiver is a plain function.
    pub(super) is_plain: bool,
    /// Whether some receiver runs in the background.
    pub(super) has_detached: bool,
}

pub(crate) type ListRef<S, P, O> = Arc<List<S, P, O>>;

/// What slots are sorted by: the place among all, or the rank of its own.
type Key = (usize, Rank);

impl<S: ?Sized, P: ?Sized, O> List<S, P, O> {
    pub(super) fn new(slots: Vec<SlotRef<S, P, O>>, places: Vec<usize>, version: u64) -> Self {
        let mut kinds = slots.iter().map(|slot| slot.receiver().kind());
        let (mut is_plain, mut has_detached) = (true, false);
        kinds.by_ref().for_each(|kind| {
            is_plain &= kind == Kind::Plain;
            has_detached |= kind == Kind::Detached;
        });
        Self {
            is_plain,
            has_detached,
            slots,
            places,
            version,
        }
    }

    pub(crate) fn slots(&self) -> &[SlotRef<S, P, O>] {
        &self.slots
    }

    /// Returns the slots, each with what it is sorted by: its place, or its rank.
    pub(super) fn keyed(&self) -> impl Iterator<Item = (Key, &SlotRef<S, P, O>)> {
        let slots = self.slots.iter().enumerate();
        slots.map(|(position, slot)| match self.places.get(position) {
            Some(place) => ((*place, (0, 0)), slot),
            None => ((0, slot.rank()), slot),
        })
    }
}

/// Returns the slots of several lists in order.
pub(super) fn merged<'l, S: ?Sized + 'l, P: ?Sized + 'l, O: 'l>(
    lists: impl IntoIterator<Item = &'l List<S, P, O>>,
) -> Vec<SlotRef<S, P, O>> {
    let mut all: Vec<_> = lists.into_iter().flat_map(List::keyed).collect();
    all.sort_by_key(|(key, _)| *key);
    all.into_iter().map(|(_, slot)| Arc::clone(slot)).collect()
}
