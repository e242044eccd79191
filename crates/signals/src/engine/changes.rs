//! Connecting and disconnecting: how one list follows another.
//!
//! A change makes new lists under the writer's mutex, and drops what it takes the place of after that: captures are
//! code of the user. So are the keys of senders, which are compared before.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::call::Unplugged;
use super::core::{Core, concerned};
use super::list::{List, ListRef};
use super::senders::{Bucket, Group, Senders};
use super::slot::{Slot, SlotId, SlotRef};
use super::sync::Ordering;
use crate::error::ConnectError;
use crate::info::{About, Meta, ReceiverInfo};
use crate::order::{self, Place};
use crate::sender::Bound;

/// What only those who change the receivers of a signal know.
#[derive(Default)]
pub(super) struct Writer {
    /// The last number that a slot or a list was given.
    pub(super) version: u64,
    /// How many receivers name others that they must run before or after.
    constrained: usize,
    keys: HashMap<Cow<'static, str>, SlotId>,
}

/// A receiver that has entered or left the list.
pub(crate) struct Joined {
    pub(crate) id: SlotId,
    pub(crate) receiver: ReceiverInfo,
}

/// Where a slot is: among those of every sender, or in a group of a bucket.
type Home = Option<(u64, usize)>;

type Housed<S, P, O> = (Home, SlotRef<S, P, O>);
type Newcomer<'n, S, P, O> = (Home, &'n SlotRef<S, P, O>);

/// The place of a new slot, as it was found without the mutex.
struct Spot<S: ?Sized, P: ?Sized, O> {
    home: Home,
    bucket: Option<Bucket<S, P, O>>,
}

/// What a change takes the place of, to be dropped without the mutex.
struct Replaced<S: ?Sized, P: ?Sized, O> {
    _list: Option<ListRef<S, P, O>>,
    _buckets: Vec<Bucket<S, P, O>>,
}

/// The slots of some homes, as they are to be, with their places among all if these are not their ranks.
type Draft<S, P, O> = BTreeMap<Home, (Vec<SlotRef<S, P, O>>, Vec<usize>)>;

/// A connected slot, with its home and its position there.
type Found<S, P, O> = (Home, usize, SlotRef<S, P, O>);

/// What a change has done.
struct Changed<S: ?Sized, P: ?Sized, O> {
    /// The position of the new slot among those of its home.
    position: usize,
    left: Vec<Found<S, P, O>>,
    _replaced: Replaced<S, P, O>,
}

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    /// Connects one. Also hands back the one that it takes the place of.
    pub(crate) fn connect(
        &self,
        mut candidate: Unplugged<S, P, O>,
        replaces: bool,
    ) -> Result<(Joined, Option<Joined>), ConnectError> {
        let (spot, mut writer) = loop {
            let spot = self.spot(candidate.slot().bound());
            let writer = self.writer.lock();
            if self.is_current(&spot) {
                break (spot, writer);
            }
        };
        let changed = self.join(&mut writer, &mut candidate, spot.home, replaces);
        drop(writer);
        let changed = changed?;
        let left = changed.left.first().map(joined);
        let new = joined(&(spot.home, changed.position, candidate.0));
        Ok((new, left))
    }

    /// Disconnects one.
    pub(crate) fn disconnect_one(&self, id: SlotId) -> Option<Joined> {
        let mut writer = self.writer.lock();
        let found = self.find(id)?;
        let changed = self.part(&mut writer, vec![found]);
        drop(writer);
        changed.left.first().map(joined)
    }

    /// Disconnects those that `leaves`, and hands them back.
    pub(crate) fn disconnect(&self, leaves: impl Fn(&Slot<S, P, O>) -> bool) -> Vec<Joined> {
        let mut writer = self.writer.lock();
        let all = self.all().into_iter().enumerate();
        let left = all
            .filter(|(_, (_, slot))| leaves(slot))
            .map(|(position, (home, slot))| (home, position, slot));
        let left: Vec<_> = left.collect();
        if left.is_empty() {
            return Vec::new();
        }
        let changed = self.part(&mut writer, left);
        drop(writer);
        changed.left.iter().map(joined).collect()
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
        let (_, _, slot) = self.find(id)?;
        let looked = look(&slot);
        // Under the mutex, where the list has it too: its captures are not for us to drop.
        drop(slot);
        drop(writer);
        Some(looked)
    }

    fn join(
        &self,
        writer: &mut Writer,
        candidate: &mut Unplugged<S, P, O>,
        home: Home,
        replaces: bool,
    ) -> Result<Changed<S, P, O>, ConnectError> {
        let key = candidate.slot().meta().and_then(|meta| meta.key.clone());
        let existing = key.as_ref().and_then(|key| writer.keys.get(key)).copied();
        let existing = existing.and_then(|id| self.find(id));
        if let (Some((_, position, slot)), Some(key), false) = (&existing, &key, replaces) {
            return Err(ConnectError::DuplicateKey {
                key: key.to_string(),
                existing: ReceiverInfo::new(slot.about(), *position),
            });
        }
        // Used up also if the receiver is refused: no other is to have its number.
        writer.version += 1;
        let sequence = writer.version;
        let slot = candidate.slot_mut();
        slot.join(sequence, &self.exits);
        if let Some((bucket, _)) = home {
            slot.set_bucket(bucket);
        }
        if let Some((_, _, existing)) = &existing {
            slot.set_instead_of(existing.rank().1);
        }
        let (slot, left) = (&candidate.0, Vec::from_iter(existing));
        let (draft, constrained) = self.draft(writer, Some((home, slot)), &left)?;
        if let Some(key) = key {
            writer.keys.insert(key, slot.id());
        }
        writer.constrained = constrained;
        let is_new = |other: &SlotRef<S, P, O>| Arc::ptr_eq(other, slot);
        let slots = draft.get(&home).map(|(slots, _)| slots.iter());
        let position = slots.and_then(|mut slots| slots.position(is_new));
        self.leave(&left, writer.version + 1);
        let _replaced = self.publish(writer, draft);
        self.len.fetch_add(1 - left.len(), Ordering::Relaxed);
        self.update_concerned();
        Ok(Changed {
            position: position.unwrap_or_default(),
            left,
            _replaced,
        })
    }

    fn part(&self, writer: &mut Writer, left: Vec<Found<S, P, O>>) -> Changed<S, P, O> {
        let (draft, constrained) = self
            .draft(writer, None, &left)
            .expect("to take away makes no circle");
        writer.constrained = constrained;
        for (_, _, slot) in &left {
            if let Some(key) = slot.meta().and_then(|meta| meta.key.as_ref())
                && writer.keys.get(key) == Some(&slot.id())
            {
                writer.keys.remove(key);
            }
        }
        self.leave(&left, writer.version + 1);
        let _replaced = self.publish(writer, draft);
        self.len.fetch_sub(left.len(), Ordering::Relaxed);
        self.update_concerned();
        Changed {
            position: 0,
            left,
            _replaced,
        }
    }

    /// Has sends that have begun not call these, of which lists have nothing from this version on.
    fn leave(&self, left: &[Found<S, P, O>], version: u64) {
        for (_, _, slot) in left {
            self.exits.leaves(slot.sequence(), version);
            slot.leave();
        }
    }

    /// Returns the homes that change, and how many of all receivers name others.
    fn draft(
        &self,
        writer: &Writer,
        new: Option<Newcomer<'_, S, P, O>>,
        left: &[Found<S, P, O>],
    ) -> Result<(Draft<S, P, O>, usize), ConnectError> {
        let constrained = writer.constrained + new.map_or(0, |(_, slot)| names_others(slot))
            - left
                .iter()
                .map(|(_, _, slot)| names_others(slot))
                .sum::<usize>();
        let mut homes = left.iter().map(|(home, ..)| *home);
        let home = new.map(|(home, _)| home).or_else(|| homes.next());
        // The places of all may change, or those in several homes.
        let is_simple = constrained + writer.constrained == 0 && homes.all(|it| Some(it) == home);
        let stays: HashSet<SlotId> = left.iter().map(|(_, _, slot)| slot.id()).collect();
        let stays = |slot: &Slot<S, P, O>| stays.is_empty() || !stays.contains(&slot.id());
        if let (true, Some(home)) = (is_simple, home) {
            let list = self.list_in(home);
            let slots = list.as_deref().map_or(&[][..], List::slots);
            let mut next = Vec::with_capacity(slots.len() + 1);
            next.extend(slots.iter().filter(|slot| stays(slot)).cloned());
            if let Some((_, slot)) = new {
                let at = next.partition_point(|other| other.rank() <= slot.rank());
                next.insert(at, Arc::clone(slot));
            }
            return Ok((BTreeMap::from([(home, (next, Vec::new()))]), 0));
        }
        let mut all = self.all();
        let mut draft: Draft<S, P, O> = all
            .iter()
            .map(|(home, _)| (*home, (Vec::new(), Vec::new())))
            .collect();
        all.retain(|(_, slot)| stays(slot));
        all.extend(new.map(|(home, slot)| (home, Arc::clone(slot))));
        if constrained == 0 {
            all.sort_by_key(|(_, slot)| slot.rank());
        } else {
            all = arranged(&all)?;
        }
        for (place, (home, slot)) in all.into_iter().enumerate() {
            let (slots, places) = draft.entry(home).or_default();
            slots.push(slot);
            if constrained > 0 {
                places.push(place);
            }
        }
        Ok((draft, constrained))
    }

    /// Makes these lists the current ones.
    fn publish(&self, writer: &mut Writer, draft: Draft<S, P, O>) -> Replaced<S, P, O> {
        writer.version += 1;
        let version = writer.version;
        self.published.fetch_add(1, Ordering::AcqRel);
        let (mut _list, mut buckets) = (None, BTreeMap::<u64, Vec<_>>::new());
        for (home, (slots, places)) in draft {
            let list = (!slots.is_empty()).then(|| Arc::new(List::new(slots, places, version)));
            match home {
                None => _list = self.unbound.replace(list),
                Some((bucket, group)) => buckets.entry(bucket).or_default().push((group, list)),
            }
        }
        let mut _buckets = Vec::new();
        for (hash, changes) in buckets {
            let senders = self.senders.get().expect("a bucket is one of senders");
            let before = senders.bucket(hash);
            let before = before.iter().flat_map(|bucket| bucket.iter());
            let mut groups: BTreeMap<usize, Group<S, P, O>> = before.cloned().enumerate().collect();
            for (group, list) in changes {
                // All receivers of a group have the same sender.
                let bound = list
                    .as_ref()
                    .and_then(|it| it.slots().first()?.bound().cloned());
                match bound.zip(list) {
                    None => groups.remove(&group),
                    Some((bound, list)) => groups.insert(group, Group { bound, list }),
                };
            }
            _buckets.extend(senders.replace(hash, groups.into_values().collect()));
        }
        self.published.fetch_add(1, Ordering::AcqRel);
        Replaced { _list, _buckets }
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

    /// Returns where a slot of this sender belongs. The keys of senders are compared, so no lock may be held.
    fn spot(&self, bound: Option<&Arc<dyn Bound<S>>>) -> Spot<S, P, O> {
        let Some(bound) = bound else {
            return Spot {
                home: None,
                bucket: None,
            };
        };
        let make = || Box::new(Senders::new(bound.probe()));
        let (senders, hash) = (self.senders.get_or_init(make), bound.hash());
        let bucket = senders.bucket(hash);
        let groups = bucket.as_deref().map_or(&[][..], Vec::as_slice);
        let group = groups.iter().position(|it| it.bound.is_key(bound.key()));
        Spot {
            home: Some((hash, group.unwrap_or(groups.len()))),
            bucket,
        }
    }

    /// Returns whether the bucket of the spot is what it was.
    fn is_current(&self, spot: &Spot<S, P, O>) -> bool {
        let Some((hash, _)) = spot.home else {
            return true;
        };
        let now = self.senders.get().and_then(|it| it.bucket(hash));
        match (&now, &spot.bucket) {
            (Some(now), Some(then)) => Arc::ptr_eq(now, then),
            (now, then) => now.is_none() && then.is_none(),
        }
    }

    fn list_in(&self, home: Home) -> Option<ListRef<S, P, O>> {
        let Some((hash, group)) = home else {
            return self.unbound.read().hold();
        };
        let bucket = self.senders.get()?.bucket(hash)?;
        bucket.get(group).map(|group| Arc::clone(&group.list))
    }

    /// Finds a connected slot. Under the mutex.
    fn find(&self, id: SlotId) -> Option<Found<S, P, O>> {
        let groups = match id.bucket {
            None => 1,
            Some(hash) => self.senders.get()?.bucket(hash)?.len(),
        };
        (0..groups).find_map(|group| {
            let home = id.bucket.map(|hash| (hash, group));
            let list = self.list_in(home)?;
            let mut slots = list.slots().iter();
            let position = slots.position(|slot| slot.sequence() == id.sequence)?;
            Some((home, position, Arc::clone(&list.slots()[position])))
        })
    }

    /// Returns all slots in the order in which they run. Under the mutex.
    pub(super) fn all(&self) -> Vec<Housed<S, P, O>> {
        let mut lists: Vec<_> = self
            .unbound
            .read()
            .hold()
            .map(|list| (None, list))
            .into_iter()
            .collect();
        if let Some(senders) = self.senders.get() {
            lists.extend(
                senders
                    .all()
                    .into_iter()
                    .map(|(home, list)| (Some(home), list)),
            );
        }
        let keyed = lists
            .iter()
            .flat_map(|(home, list)| list.keyed().map(|(key, slot)| (key, *home, slot)));
        let mut all: Vec<_> = keyed.collect();
        if lists.len() > 1 {
            all.sort_by_key(|(key, ..)| *key);
        }
        let all = all.into_iter();
        all.map(|(_, home, slot)| (home, Arc::clone(slot)))
            .collect()
    }
}

fn names_others<S: ?Sized, P: ?Sized, O>(slot: &SlotRef<S, P, O>) -> usize {
    usize::from(slot.meta().is_some_and(Meta::is_constrained))
}

fn joined<S: ?Sized, P: ?Sized, O>((_, position, slot): &Found<S, P, O>) -> Joined {
    Joined {
        id: slot.id(),
        receiver: ReceiverInfo::new(slot.about(), *position),
    }
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
