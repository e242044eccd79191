//! Connecting and disconnecting: how one list follows another.

use std::ptr::{NonNull, null_mut};
use std::sync::atomic::Ordering;

use parking_lot::MutexGuard;

use super::core::{Core, Joined, Pointer};
use super::list::List;
use super::settle::Writer;
use super::slot::{Slot, SlotId};
use super::unplugged::Unplugged;
use crate::error::ConnectError;
use crate::info::{About, Meta, ReceiverInfo};
use crate::order::{self, Place};

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    /// Connects all or none. Hands back who came and who was replaced.
    pub(crate) fn connect(
        &self,
        mut candidates: Vec<(Unplugged<S, P, O>, bool)>,
    ) -> Result<(Vec<Joined>, Vec<Joined>), ConnectError> {
        if candidates.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let mut writer = self.writer.lock();
        for (candidate, _) in &mut candidates {
            candidate.set_sequence(writer.next_sequence());
        }
        let mut slots = self.slots(&writer);
        let mut replaced = Vec::new();
        for (candidate, replaces) in &candidates {
            if let Some(place) = replaced_by(candidate.slot(), *replaces, &slots)? {
                replaced.push((slots.remove(place), place));
            }
            slots.push(candidate.as_ptr());
        }
        let mut metas = candidates
            .iter()
            .filter_map(|(candidate, _)| candidate.slot().meta());
        let has_constraints = writer.has_constraints || metas.any(Meta::is_constrained);
        let slots = if has_constraints {
            arrange(&slots)?
        } else {
            sift(slots, candidates.len())
        };
        writer.has_constraints = has_constraints;
        // From here on they belong to the core.
        let new: Vec<_> = candidates
            .into_iter()
            .map(|(candidate, _)| candidate.into_ptr())
            .collect();
        let joined = joined(&slots, &new);
        let left = replaced
            .iter()
            .map(|(slot, place)| join(*slot, *place))
            .collect();
        self.publish(&mut writer, self.list_of(&slots));
        let replaced = replaced.into_iter().map(|(slot, _)| slot);
        self.settle_without(writer, replaced);
        Ok((joined, left))
    }

    /// Disconnects those that `leaves`, and hands them back.
    pub(crate) fn disconnect(&self, leaves: impl Fn(&Slot<S, P, O>) -> bool) -> Vec<Joined> {
        let mut writer = self.writer.lock();
        let (mut gone, mut staying, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for (position, slot) in self.slots(&writer).into_iter().enumerate() {
            // SAFETY: slots of the current list live while the mutex is held.
            if leaves(unsafe { slot.as_ref() }) {
                gone.push(slot);
                left.push(join(slot, position));
            } else {
                staying.push(slot);
            }
        }
        if gone.is_empty() {
            return Vec::new();
        }
        self.publish(&mut writer, self.list_of(&staying));
        self.settle_without(writer, gone);
        left
    }

    /// Connects one that asks for nothing that would concern others: it comes last, if that is its place
    /// and there is room. Else it is handed back, and nothing has changed.
    pub(crate) fn append(
        &self,
        mut candidate: Unplugged<S, P, O>,
    ) -> Result<Joined, Unplugged<S, P, O>> {
        let mut writer = self.writer.lock();
        let sequence = writer.next_sequence();
        candidate.set_sequence(sequence);
        let slot = candidate.slot();
        let is_simple = |meta: &Meta| meta.key.is_none() && !meta.is_constrained();
        let is_simple = slot.meta().is_none_or(is_simple) && !writer.has_constraints;
        let Some(list) = self.current(&writer).filter(|_| is_simple) else {
            return Err(candidate);
        };
        let last = list.pointers().next_back();
        // SAFETY: slots of the current list live while the mutex is held.
        let is_last = last.is_none_or(|last| unsafe { last.as_ref() }.order() <= slot.order());
        let position = list.len();
        if !is_last || !list.append(slot, candidate.as_ptr()) {
            return Err(candidate);
        }
        Ok(join(candidate.into_ptr(), position))
    }

    /// Disconnects one.
    pub(crate) fn disconnect_one(&self, id: SlotId) -> Option<Joined> {
        let mut writer = self.writer.lock();
        let list = self.current(&writer)?;
        let (position, slot) = list.find(id)?;
        let left = join(slot, position);
        // SAFETY: slots of the current list live while the mutex is held.
        if position + 1 == list.len() && list.cut(unsafe { slot.as_ref() }) {
            self.settle_cut(writer, slot);
        } else {
            let version = self.version.load(Ordering::Relaxed) + 1;
            let next = (list.len() > 1).then(|| list.without(position, version));
            self.publish(&mut writer, next);
            self.settle_without(writer, [slot]);
        }
        Some(left)
    }

    fn slots(&self, writer: &MutexGuard<'_, Writer<S, P, O>>) -> Vec<Pointer<S, P, O>> {
        let list = self.current(writer);
        list.map_or_else(Vec::new, |list| list.pointers().collect())
    }

    /// The list of these slots, to be published next.
    fn list_of(&self, slots: &[Pointer<S, P, O>]) -> Option<List<S, P, O>> {
        let version = self.version.load(Ordering::Relaxed) + 1;
        // SAFETY: a slot is freed when no list that holds it is left.
        (!slots.is_empty()).then(|| unsafe { List::of(slots, self.address(), version) })
    }

    /// Makes this the current list.
    pub(super) fn publish(
        &self,
        writer: &mut MutexGuard<'_, Writer<S, P, O>>,
        next: Option<List<S, P, O>>,
    ) {
        let next = next.map_or_else(null_mut, |list| {
            list.set_muted(self.is_muted());
            Box::into_raw(Box::new(list))
        });
        let previous = self.list.swap(next, Ordering::SeqCst);
        self.version.fetch_add(1, Ordering::SeqCst);
        writer.retired.extend(NonNull::new(previous));
    }
}

/// The position of the slot that a candidate takes the place of.
fn replaced_by<S: ?Sized, P: ?Sized, O>(
    candidate: &Slot<S, P, O>,
    replaces: bool,
    slots: &[Pointer<S, P, O>],
) -> Result<Option<usize>, ConnectError> {
    let Some(key) = candidate.meta().and_then(|meta| meta.key.as_ref()) else {
        return Ok(None);
    };
    let has_key = |slot: &Pointer<S, P, O>| {
        // SAFETY: the caller keeps the slots.
        let meta = unsafe { slot.as_ref() }.meta();
        meta.and_then(|meta| meta.key.as_ref()) == Some(key)
    };
    match slots.iter().position(has_key) {
        Some(position) if !replaces => Err(ConnectError::DuplicateKey {
            key: key.to_string(),
            existing: join(slots[position], position).receiver,
        }),
        found => Ok(found),
    }
}

/// Sorts by `before` and `after`.
fn arrange<S: ?Sized, P: ?Sized, O>(
    slots: &[Pointer<S, P, O>],
) -> Result<Vec<Pointer<S, P, O>>, ConnectError> {
    // SAFETY: the caller keeps the slots.
    let slots_of_all = || slots.iter().map(|slot| unsafe { slot.as_ref() });
    let abouts: Vec<About> = slots_of_all().map(Slot::about).collect();
    let places: Vec<Place<'_>> = abouts
        .iter()
        .zip(slots_of_all().map(Slot::sequence))
        .map(|(about, sequence)| Place::new(about, sequence))
        .collect();
    let order = order::arrange(&places).map_err(|names| ConnectError::Cycle { names })?;
    Ok(order.into_iter().map(|index| slots[index]).collect())
}

/// Moves the last `new` slots, which are the youngest, to where their order puts them.
fn sift<S: ?Sized, P: ?Sized, O>(
    mut slots: Vec<Pointer<S, P, O>>,
    new: usize,
) -> Vec<Pointer<S, P, O>> {
    // SAFETY: the caller keeps the slots.
    let order = |slot: &Pointer<S, P, O>| unsafe { slot.as_ref() }.order();
    for index in slots.len() - new..slots.len() {
        let slot = slots[index];
        let place = slots[..index].partition_point(|other| order(other) <= order(&slot));
        slots[place..=index].rotate_right(1);
    }
    slots
}

fn join<S: ?Sized, P: ?Sized, O>(slot: Pointer<S, P, O>, position: usize) -> Joined {
    // SAFETY: the caller keeps the slot.
    let slot = unsafe { slot.as_ref() };
    Joined {
        id: slot.id(),
        receiver: ReceiverInfo::new(slot.about(), position),
    }
}

/// Some of the slots, with their positions among all.
fn joined<S: ?Sized, P: ?Sized, O>(
    all: &[Pointer<S, P, O>],
    some: &[Pointer<S, P, O>],
) -> Vec<Joined> {
    let of = |slot: &Pointer<S, P, O>| {
        let position = all.iter().rposition(|other| other == slot);
        join(*slot, position.unwrap_or_default())
    };
    some.iter().map(of).collect()
}
