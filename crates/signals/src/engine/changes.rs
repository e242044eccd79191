//! Connecting and disconnecting: how one list follows another.
//!
//! A change makes new lists under the writer's mutex, and drops what it takes the place of after that: captures are
//! code of the user. So are the keys of senders, which are compared before.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::core::{Core, concerned};
use super::list::{List, ListRef};
use super::senders::{Bucket, Group, GroupRef, Senders};
use super::slot::{Slot, SlotId, SlotRef};
use super::sync::{Locked, Ordering, Pointer};
use crate::error::ConnectError;
use crate::info::{About, Meta, ReceiverInfo};
use crate::order::{self, Place};
use crate::sender::Bound;

/// What only those who change the receivers of a signal know.
#[derive(Default)]
pub(super) struct Writer {
    /// The last number that a slot was given.
    sequence: u64,
    /// How many receivers name others that they must run before or after.
    constrained: usize,
    keys: HashMap<Cow<'static, str>, SlotId>,
}

/// A receiver that has entered or left the list.
pub(crate) struct Joined {
    pub(crate) id: SlotId,
    pub(crate) receiver: ReceiverInfo,
}

/// Where a slot is: in the list of a sender, or else in that of every sender.
pub(super) type Home<S, P, O> = Option<GroupRef<S, P, O>>;

/// A connected slot, with its home and its position there.
type Found<S, P, O> = (Home<S, P, O>, usize, SlotRef<S, P, O>);

/// A slot that is to be connected, if any is.
type Newcomer<S, P, O> = Option<(Home<S, P, O>, SlotRef<S, P, O>)>;

/// A slot, and the index of its home.
type Housed<S, P, O> = (usize, SlotRef<S, P, O>);

/// All homes, and all slots in the order in which they run.
pub(super) struct All<S: ?Sized, P: ?Sized, O> {
    homes: Vec<Home<S, P, O>>,
    pub(super) slots: Vec<Housed<S, P, O>>,
}

/// The slots of a home, as they are to be, with their places among all if these are not their ranks.
type Draft<S, P, O> = (Home<S, P, O>, Vec<SlotRef<S, P, O>>, Vec<usize>);

/// What a change takes the place of, to be dropped without the mutex.
struct Replaced<S: ?Sized, P: ?Sized, O> {
    left: Vec<Found<S, P, O>>,
    _lists: Vec<Option<ListRef<S, P, O>>>,
    _buckets: Vec<Option<Bucket<S, P, O>>>,
}

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    pub(crate) fn is_empty(&self) -> bool {
        self.unbound.read().is_none() && self.senders.get().is_none_or(|it| it.is_empty())
    }

    /// Finds the receiver that was connected with this key.
    pub(crate) fn with_key(&self, key: &str) -> Option<SlotId> {
        self.writer.lock().keys.get(key).copied()
    }

    /// Connects one. Also hands back the one that it takes the place of.
    pub(crate) fn connect(
        &self,
        mut slot: SlotRef<S, P, O>,
        replaces: bool,
    ) -> Result<(Joined, Option<Joined>), ConnectError> {
        let (home, mut writer) = self.lock(slot.bound());
        let key = slot.meta().and_then(|meta| meta.key.clone());
        let existing = key.as_ref().and_then(|key| writer.keys.get(key)).copied();
        let existing = existing.and_then(|id| self.find_slot(id));
        if let (Some((_, position, slot)), Some(key), false) = (&existing, &key, replaces) {
            let existing = ReceiverInfo::new(slot.about(), *position);
            let key = key.to_string();
            return Err(ConnectError::DuplicateKey { key, existing });
        }
        // Used up also if the receiver is refused: no other is to have its number.
        writer.sequence += 1;
        let joining = Arc::get_mut(&mut slot).expect("only a list shares a slot");
        joining.join(writer.sequence, &self.exits);
        if let (Some(details), Some((_, _, existing))) = (&mut joining.details, &existing) {
            details.instead_of = Some(existing.rank().1);
        }
        let new = (home.clone(), Arc::clone(&slot));
        let replaced = self.change(&mut writer, Some(new), Vec::from_iter(existing));
        let position = {
            let list = self.pointer(&home).read();
            let mut slots = list.as_deref().map_or(&[][..], List::slots).iter();
            slots.rposition(|it| Arc::ptr_eq(it, &slot))
        };
        drop(writer);
        let left = replaced?.left.first().map(joined);
        Ok((joined(&(home, position.unwrap_or_default(), slot)), left))
    }

    /// Disconnects one.
    pub(crate) fn disconnect_one(&self, id: SlotId) -> Option<Joined> {
        let mut writer = self.writer.lock();
        let found = self.find_slot(id)?;
        let replaced = self.part(&mut writer, vec![found]);
        drop(writer);
        replaced.left.first().map(joined)
    }

    /// Disconnects those that `leaves`, and hands them back.
    pub(crate) fn disconnect(&self, leaves: impl Fn(&Slot<S, P, O>) -> bool) -> Vec<Joined> {
        let mut writer = self.writer.lock();
        let All { homes, slots } = self.all();
        let slots = slots.into_iter().enumerate();
        let left = slots
            .filter(|(_, (_, slot))| leaves(slot))
            .map(|(position, (home, slot))| (homes[home].clone(), position, slot));
        let left: Vec<_> = left.collect();
        if left.is_empty() {
            return Vec::new();
        }
        let replaced = self.part(&mut writer, left);
        drop(writer);
        replaced.left.iter().map(joined).collect()
    }

    /// Has sends call nobody, until it is told as often that they may again.
    pub(crate) fn set_muted(&self, is_muted: bool) {
        let _writer = self.writer.lock();
        if is_muted {
            self.muted.fetch_add(1, Ordering::Relaxed);
        } else {
            self.muted.fetch_sub(1, Ordering::Relaxed);
        }
        self.update_concerned();
    }

    /// Looks at a slot, if it is connected.
    pub(crate) fn with_slot<T>(
        &self,
        id: SlotId,
        look: impl FnOnce(&Slot<S, P, O>) -> T,
    ) -> Option<T> {
        let writer = self.writer.lock();
        let (_, _, slot) = self.find_slot(id)?;
        let looked = look(&slot);
        // Under the mutex, where the list has it too: its captures are not for us to drop.
        drop(slot);
        drop(writer);
        Some(looked)
    }

    /// Finds the home of a receiver with this sender, and has it stay until the mutex is unlocked. The keys of senders
    /// are compared without the mutex.
    fn lock(&self, bound: Option<&Arc<dyn Bound<S>>>) -> (Home<S, P, O>, Locked<'_, Writer>) {
        let Some(bound) = bound else {
            return (None, self.writer.lock());
        };
        let make = || Box::new(Senders::new(bound.probe()));
        let senders = self.senders.get_or_init(make);
        loop {
            let place = senders.place(bound.hash(), bound.key());
            let writer = self.writer.lock();
            if senders.is_current(&place) {
                let group = place.group;
                let group = group.unwrap_or_else(|| Arc::new(Group::new(bound)));
                return (Some(group), writer);
            }
        }
    }

    /// [`change`](Self::change) without a new one.
    fn part(&self, writer: &mut Writer, left: Vec<Found<S, P, O>>) -> Replaced<S, P, O> {
        let replaced = self.change(writer, None, left);
        replaced.expect("to take away makes no circle")
    }

    fn change(
        &self,
        writer: &mut Writer,
        new: Newcomer<S, P, O>,
        left: Vec<Found<S, P, O>>,
    ) -> Result<Replaced<S, P, O>, ConnectError> {
        let constrains = |slot: &Slot<S, P, O>| slot.meta().is_some_and(Meta::is_constrained);
        let were_constrained = writer.constrained;
        let come = new.iter().filter(|(_, slot)| constrains(slot)).count();
        let go = left.iter().filter(|(_, _, slot)| constrains(slot)).count();
        let constrained = were_constrained + come - go;
        let come = new.iter().filter(|(_, slot)| slot.is_tied()).count();
        let go = left.iter().filter(|(_, _, slot)| slot.is_tied()).count();
        let tied = self.tied() + come - go;
        let id_and_key = |slot: &Slot<S, P, O>| Some((slot.id(), slot.meta()?.key.clone()?));
        let new_key = new.as_ref().and_then(|(_, slot)| id_and_key(slot));
        let is_simple = were_constrained + constrained == 0;
        let drafts = match is_simple.then(|| self.draft_one(&new, &left)).flatten() {
            Some(draft) => vec![draft],
            None => self.draft_all(new, &left, constrained > 0)?,
        };
        writer.constrained = constrained;
        self.tied.store(tied, Ordering::Relaxed);
        for (_, _, slot) in &left {
            if let Some((_, key)) = id_and_key(slot) {
                writer.keys.remove(&key);
            }
            // Sends that have begun do not call it.
            self.exits.leaves(slot.sequence());
            slot.leave();
        }
        writer.keys.extend(new_key.map(|(id, key)| (key, id)));
        let (mut _lists, mut _buckets) = (Vec::new(), Vec::new());
        self.published.fetch_add(1, Ordering::AcqRel);
        for (home, slots, places) in drafts {
            let list = (!slots.is_empty()).then(|| Arc::new(List::new(slots, places)));
            if let (Some(group), Some(senders)) = (&home, self.senders.get()) {
                _buckets.push(senders.set(group, list.is_some()));
            }
            _lists.push(self.pointer(&home).replace(list));
        }
        self.published.fetch_add(1, Ordering::AcqRel);
        self.update_concerned();
        Ok(Replaced {
            left,
            _lists,
            _buckets,
        })
    }

    /// Returns the only home that changes, if no receiver names others.
    fn draft_one(
        &self,
        new: &Newcomer<S, P, O>,
        left: &[Found<S, P, O>],
    ) -> Option<Draft<S, P, O>> {
        let homes = new.iter().map(|(home, _)| home);
        let mut homes = homes.chain(left.iter().map(|(home, ..)| home));
        let home = homes.next()?;
        if homes.any(|other| address(other) != address(home)) {
            return None;
        }
        let list = self.pointer(home).read();
        let slots = list.as_deref().map_or(&[][..], List::slots);
        let mut next = Vec::with_capacity(slots.len() + 1);
        let mut stays = staying(left);
        next.extend(slots.iter().filter(|slot| stays(slot)).cloned());
        if let Some((_, slot)) = new {
            let at = next.partition_point(|other| other.rank() <= slot.rank());
            next.insert(at, Arc::clone(slot));
        }
        Some((home.clone(), next, Vec::new()))
    }

    /// Returns all homes: the places of all may change.
    fn draft_all(
        &self,
        new: Newcomer<S, P, O>,
        left: &[Found<S, P, O>],
        are_constrained: bool,
    ) -> Result<Vec<Draft<S, P, O>>, ConnectError> {
        let All {
            mut homes,
            slots: mut all,
        } = self.all();
        let mut stays = staying(left);
        all.retain(|(_, slot)| stays(slot));
        if let Some((home, slot)) = new {
            let mut known = homes.iter();
            let known = known.position(|it| address(it) == address(&home));
            all.push((known.unwrap_or(homes.len()), slot));
            if known.is_none() {
                homes.push(home);
            }
        }
        if are_constrained {
            all = arranged(&all)?;
        } else {
            all.sort_by_key(|(_, slot)| slot.rank());
        }
        let homes = homes.into_iter();
        let mut drafts: Vec<_> = homes.map(|home| (home, Vec::new(), Vec::new())).collect();
        for (place, (home, slot)) in all.into_iter().enumerate() {
            drafts[home].1.push(slot);
            drafts[home].2.extend(are_constrained.then_some(place));
        }
        Ok(drafts)
    }

    pub(super) fn pointer<'c>(&'c self, home: &'c Home<S, P, O>) -> &'c Pointer<List<S, P, O>> {
        home.as_ref().map_or(&self.unbound, |group| &group.list)
    }

    /// Tells sends whom they concern.
    fn update_concerned(&self) {
        let is_bound = self.senders.get().is_some_and(|it| !it.is_empty());
        let concerned = match (self.is_empty() || self.is_muted(), is_bound) {
            (true, _) => concerned::NOBODY,
            (false, false) => concerned::EVERY_SENDER,
            (false, true) => concerned::SOME_SENDER,
        };
        self.concerned.store(concerned, Ordering::Relaxed);
    }

    /// Finds a connected slot. Under the mutex.
    fn find_slot(&self, id: SlotId) -> Option<Found<S, P, O>> {
        let homes = match id.sender {
            None => vec![None],
            Some(hash) => {
                let bucket = self.senders.get()?.bucket(hash)?;
                bucket.iter().cloned().map(Some).collect()
            }
        };
        homes.into_iter().find_map(|home| {
            let list = self.pointer(&home).read().hold()?;
            // From the end: what came last often leaves first.
            let mut slots = list.slots().iter();
            let position = slots.rposition(|slot| slot.sequence() == id.sequence)?;
            Some((home, position, Arc::clone(&list.slots()[position])))
        })
    }

    pub(super) fn homes(&self) -> Vec<Home<S, P, O>> {
        let mut homes = vec![None];
        if let Some(senders) = self.senders.get() {
            homes.extend(senders.all().into_iter().map(Some));
        }
        homes
    }

    /// Returns all of them. Under the mutex.
    pub(super) fn all(&self) -> All<S, P, O> {
        let homes = self.homes();
        let lists: Vec<_> = homes.iter().map(|home| self.pointer(home).read()).collect();
        let lists = lists.iter().enumerate();
        let mut all: Vec<_> = lists
            .filter_map(|(home, list)| Some((home, list.as_deref()?)))
            .flat_map(|(home, list)| list.keyed().map(move |(key, slot)| (key, home, slot)))
            .collect();
        all.sort_by_key(|(key, ..)| *key);
        let all = all.into_iter();
        let slots = all.map(|(_, home, slot)| (home, Arc::clone(slot)));
        All {
            slots: slots.collect(),
            homes,
        }
    }
}

/// Tells homes apart.
fn address<S: ?Sized, P: ?Sized, O>(home: &Home<S, P, O>) -> Option<*const Group<S, P, O>> {
    home.as_ref().map(Arc::as_ptr)
}

/// Says of one slot after the other whether it stays. Those that leave come in the same order.
fn staying<S: ?Sized, P: ?Sized, O>(
    left: &[Found<S, P, O>],
) -> impl FnMut(&SlotRef<S, P, O>) -> bool {
    let mut left = left.iter().map(|(_, _, slot)| slot).peekable();
    move |slot| left.next_if(|gone| Arc::ptr_eq(gone, slot)).is_none()
}

impl Joined {
    pub(crate) fn new<S: ?Sized, P: ?Sized, O>(slot: &Slot<S, P, O>, position: usize) -> Self {
        Self {
            id: slot.id(),
            receiver: ReceiverInfo::new(slot.about(), position),
        }
    }
}

fn joined<S: ?Sized, P: ?Sized, O>((_, position, slot): &Found<S, P, O>) -> Joined {
    Joined::new(slot, *position)
}

/// Sorts by `before` and `after`.
fn arranged<S: ?Sized, P: ?Sized, O>(
    all: &[Housed<S, P, O>],
) -> Result<Vec<Housed<S, P, O>>, ConnectError> {
    let abouts: Vec<About> = all.iter().map(|(_, slot)| slot.about()).collect();
    let places: Vec<Place<'_>> = abouts
        .iter()
        .zip(all)
        .map(|(about, (_, slot))| Place::new(about, slot.rank()))
        .collect();
    let order = order::arrange(&places).map_err(|names| ConnectError::Cycle { names })?;
    Ok(order.into_iter().map(|index| all[index].clone()).collect())
}
