//! Which receivers of a list a given sender concerns.

use super::list::List;
use crate::sender::{Bound, BySender};

/// The positions in a list, by the sender they are bound to.
pub(super) struct Index<S: ?Sized> {
    /// Receivers of every sender.
    general: Vec<usize>,
    /// Receivers of one sender.
    groups: Vec<Vec<usize>>,
    /// Finds the group of a sender.
    by_sender: Option<Box<dyn BySender<S>>>,
}

impl<S: ?Sized> Index<S> {
    pub(super) fn new<'a>(bounds: impl Iterator<Item = Option<&'a dyn Bound<S>>>) -> Self
    where
        S: 'a,
    {
        let mut index = Self {
            general: Vec::new(),
            groups: Vec::new(),
            by_sender: None,
        };
        for (position, bound) in bounds.enumerate() {
            let Some(bound) = bound else {
                index.general.push(position);
                continue;
            };
            let by_sender = index.by_sender.get_or_insert_with(|| bound.by_sender());
            let group = bound.group_in(&mut **by_sender, index.groups.len());
            if group == index.groups.len() {
                index.groups.push(Vec::new());
            }
            index.groups[group].push(position);
        }
        index
    }

    /// The positions of the receivers of every sender, and of those of this one, each in order.
    #[inline(always)]
    pub(super) fn of(&self, sender: &S) -> [&[usize]; 2] {
        [&self.general, self.group(self.group_of(sender))]
    }

    /// Walks the receivers that this sender concerns.
    pub(super) fn picks(&self, sender: &S) -> Picks {
        Picks::Narrow {
            group: self.group_of(sender),
            taken: [0, 0],
        }
    }

    fn group_of(&self, sender: &S) -> Option<usize> {
        self.by_sender.as_deref()?.find(sender)
    }

    fn group(&self, group: Option<usize>) -> &[usize] {
        group.map_or(&[], |group| &self.groups[group])
    }
}

/// The next of two ascending rows, of which so many are taken already.
#[inline(always)]
pub(super) fn next_of(rows: [&[usize]; 2], taken: &mut [usize; 2]) -> Option<usize> {
    let (first, second) = (rows[0].get(taken[0]), rows[1].get(taken[1]));
    if let Some(first) = first
        && second.is_none_or(|second| first < second)
    {
        taken[0] += 1;
        return Some(*first);
    }
    taken[1] += 1;
    second.copied()
}

/// A walk over the positions of a list, which is kept apart from it.
pub(crate) enum Picks {
    All {
        next: usize,
    },
    Narrow {
        group: Option<usize>,
        /// Of the receivers of every sender, and of those of this one.
        taken: [usize; 2],
    },
}

impl Picks {
    /// Walks all receivers.
    pub(crate) const ALL: Self = Self::All { next: 0 };

    /// The next position, below `len`. The list must be the one that this walk was made for.
    pub(super) fn next<S: ?Sized, P: ?Sized, O>(
        &mut self,
        len: usize,
        list: &List<S, P, O>,
    ) -> Option<usize> {
        match self {
            Self::All { next } => {
                let position = *next;
                *next += 1;
                (position < len).then_some(position)
            }
            Self::Narrow { group, taken } => {
                let index = list.index();
                next_of([&index.general, index.group(*group)], taken)
            }
        }
    }
}
