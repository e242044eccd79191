//! The ordered list of receivers that one send walks, and the index of those bound to a sender.

use std::collections::HashMap;
use std::sync::Arc;

use crate::order::{self, Place};
use crate::slot::Slot;

/// An immutable snapshot: connecting and disconnecting make a new one.
pub(crate) struct List<S: ?Sized, P: ?Sized, O> {
    pub(crate) slots: Vec<Arc<Slot<S, P, O>>>,
    index: Option<Index>,
}

/// Which positions a given sender concerns.
struct Index {
    /// Receivers of every sender.
    general: Vec<usize>,
    /// Receivers of one sender, for each hash of a sender's key.
    groups: Vec<Vec<usize>>,
    group_of: HashMap<u64, usize>,
}

impl<S: ?Sized, P: ?Sized, O> List<S, P, O> {
    pub(crate) const EMPTY: Self = Self {
        slots: Vec::new(),
        index: None,
    };

    /// Puts the receivers in order, or returns the names of a circle.
    pub(crate) fn arrange(slots: &[Arc<Slot<S, P, O>>]) -> Result<Self, Vec<String>> {
        let places: Vec<Place<'_>> = slots
            .iter()
            .map(|slot| Place {
                meta: &slot.meta,
                sequence: slot.sequence,
            })
            .collect();
        let order = order::arrange(&places)?;
        Ok(Self::in_order(
            order
                .into_iter()
                .map(|index| Arc::clone(&slots[index]))
                .collect(),
        ))
    }

    /// What is left when some receivers are taken out: the others keep their order.
    pub(crate) fn in_order(slots: Vec<Arc<Slot<S, P, O>>>) -> Self {
        let index = slots
            .iter()
            .any(|slot| slot.bound.is_some())
            .then(|| Index::new(slots.iter().map(|slot| slot.bound)));
        Self { slots, index }
    }

    /// Whether the sender's hash narrows the walk.
    pub(crate) const fn is_indexed(&self) -> bool {
        self.index.is_some()
    }

    /// Walks the receivers that a sender of this hash concerns; all of them without a hash.
    pub(crate) fn picks(&self, hash: Option<u64>) -> Picks {
        match (&self.index, hash) {
            (Some(index), Some(hash)) => Picks::Narrow {
                general: 0,
                group: index.group_of.get(&hash).copied(),
                bound: 0,
            },
            _ => Picks::All(0),
        }
    }
}

impl Index {
    fn new(bounds: impl Iterator<Item = Option<u64>>) -> Self {
        let mut index = Self {
            general: Vec::new(),
            groups: Vec::new(),
            group_of: HashMap::new(),
        };
        for (position, bound) in bounds.enumerate() {
            let Some(hash) = bound else {
                index.general.push(position);
                continue;
            };
            let group = *index.group_of.entry(hash).or_insert(index.groups.len());
            if group == index.groups.len() {
                index.groups.push(Vec::new());
            }
            index.groups[group].push(position);
        }
        index
    }
}

/// A walk over the positions of a list.
pub(crate) enum Picks {
    All(usize),
    Narrow {
        general: usize,
        group: Option<usize>,
        bound: usize,
    },
}

impl Picks {
    /// The next position. The list must be the one that this walk was made from.
    pub(crate) fn next<S: ?Sized, P: ?Sized, O>(&mut self, list: &List<S, P, O>) -> Option<usize> {
        match (self, &list.index) {
            (Self::All(next), _) => {
                let position = *next;
                *next += 1;
                (position < list.slots.len()).then_some(position)
            }
            (
                Self::Narrow {
                    general,
                    group,
                    bound,
                },
                Some(index),
            ) => {
                let first = index.general.get(*general);
                let second = group.and_then(|group| index.groups[group].get(*bound));
                match (first, second) {
                    (Some(first), Some(second)) if second < first => {
                        *bound += 1;
                        Some(*second)
                    }
                    (Some(first), _) => {
                        *general += 1;
                        Some(*first)
                    }
                    (None, Some(second)) => {
                        *bound += 1;
                        Some(*second)
                    }
                    (None, None) => None,
                }
            }
            (Self::Narrow { .. }, None) => None,
        }
    }
}
