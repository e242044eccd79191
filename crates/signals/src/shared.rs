//! The state behind a signal: its receivers, and every change to them.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::RwLock;

use crate::error::ConnectError;
use crate::info::{Meta, ReceiverInfo};
use crate::list::List;
use crate::observe::{self, Event};
use crate::slot::{AnySlot, Body, Slot};

/// What is fixed about a signal.
pub(crate) struct Traits<O> {
    pub(crate) name: Cow<'static, str>,
    /// Renders an outcome for observers.
    pub(crate) describe: Option<fn(&O) -> String>,
    pub(crate) recursion_limit: u32,
    pub(crate) is_async: bool,
}

// Not derived: that would ask for `O: Clone`.
impl<O> Clone for Traits<O> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            ..*self
        }
    }
}

/// A receiver about to be connected.
pub(crate) struct Candidate<S: ?Sized, P: ?Sized, O> {
    pub(crate) meta: Meta,
    pub(crate) body: Body<S, P, O>,
    /// Take the place of the receiver that has the same key, instead of being refused.
    pub(crate) replace: bool,
}

type Slots<S, P, O> = Vec<Arc<Slot<S, P, O>>>;

pub(crate) struct Shared<S: ?Sized, P: ?Sized, O> {
    pub(crate) traits: Traits<O>,
    /// Held only while the list is exchanged: never over a receiver, a condition or a destructor.
    list: RwLock<Arc<List<S, P, O>>>,
    sequence: AtomicU64,
    muted: AtomicUsize,
    /// How to hash a sender; set when the first receiver is bound to one.
    hash: OnceLock<fn(&S) -> u64>,
}

impl<S: ?Sized, P: ?Sized, O> Shared<S, P, O> {
    pub(crate) fn new(traits: Traits<O>) -> Self {
        Self {
            traits,
            list: RwLock::new(Arc::new(List::EMPTY)),
            sequence: AtomicU64::new(0),
            muted: AtomicUsize::new(0),
            hash: OnceLock::new(),
        }
    }

    pub(crate) fn list(&self) -> Arc<List<S, P, O>> {
        Arc::clone(&self.list.read())
    }

    /// Identifies the signal among those that live.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    pub(crate) fn hash_senders_with(&self, hash: fn(&S) -> u64) {
        // Every caller sets the same function: a sender type has one key.
        let _ = self.hash.set(hash);
    }

    pub(crate) fn hash(&self, sender: &S) -> Option<u64> {
        self.hash.get().map(|hash| hash(sender))
    }

    pub(crate) fn muted(&self) -> &AtomicUsize {
        &self.muted
    }

    pub(crate) fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Acquire) > 0
    }

    /// Connects all candidates or none.
    pub(crate) fn connect(
        &self,
        candidates: Vec<Candidate<S, P, O>>,
    ) -> Result<Slots<S, P, O>, ConnectError> {
        self.sweep();
        let mut connected = Vec::with_capacity(candidates.len());
        let mut replaced = Vec::new();
        let mut list = self.list.write();
        let mut slots = list.slots.clone();
        for candidate in candidates {
            if let Some(key) = &candidate.meta.key
                && let Some(position) = slots
                    .iter()
                    .position(|slot| slot.meta.key.as_ref() == Some(key))
            {
                if !candidate.replace {
                    let existing = ReceiverInfo::new(Arc::clone(&slots[position].meta), position);
                    let key = key.to_string();
                    return Err(ConnectError::DuplicateKey { key, existing });
                }
                replaced.push((position, slots.remove(position)));
            }
            let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
            let slot = Arc::new(Slot::new(candidate.meta, sequence, candidate.body));
            slots.push(Arc::clone(&slot));
            connected.push(slot);
        }
        let next = List::arrange(&slots).map_err(|names| ConnectError::Cycle { names })?;
        let previous = std::mem::replace(&mut *list, Arc::new(next));
        let current = Arc::clone(&list);
        drop(list);
        drop(previous);
        for (position, slot) in replaced {
            self.end(&slot, position);
        }
        if observe::is_observed() {
            for (position, slot) in current.slots.iter().enumerate() {
                if connected.iter().any(|new| Arc::ptr_eq(new, slot)) {
                    observe::publish(&Event::Connected {
                        signal: &self.traits.name,
                        receiver: &ReceiverInfo::new(Arc::clone(&slot.meta), position),
                    });
                }
            }
        }
        Ok(connected)
    }

    /// Disconnects every receiver that `leaves`; returns how many did.
    pub(crate) fn disconnect(&self, leaves: impl Fn(&Arc<Slot<S, P, O>>) -> bool) -> usize {
        let mut list = self.list.write();
        let (gone, staying): (Vec<_>, Vec<_>) = list
            .slots
            .iter()
            .enumerate()
            .map(|(position, slot)| (position, Arc::clone(slot)))
            .partition(|(_, slot)| leaves(slot));
        if gone.is_empty() {
            return 0;
        }
        let staying = staying.into_iter().map(|(_, slot)| slot).collect();
        let previous = std::mem::replace(&mut *list, Arc::new(List::in_order(staying)));
        drop(list);
        drop(previous);
        gone.iter()
            .filter(|(position, slot)| self.end(slot, *position))
            .count()
    }

    /// Disconnects the receivers whose owner or sender is gone.
    pub(crate) fn sweep(&self) {
        let list = self.list();
        let orphans: Vec<_> = list.slots.iter().filter(|slot| slot.orphaned()).collect();
        if !orphans.is_empty() {
            self.disconnect(|slot| orphans.iter().any(|orphan| Arc::ptr_eq(orphan, slot)));
        }
    }

    fn end(&self, slot: &Arc<Slot<S, P, O>>, position: usize) -> bool {
        let ended = slot.release();
        if ended && observe::is_observed() {
            observe::publish(&Event::Disconnected {
                signal: &self.traits.name,
                receiver: &ReceiverInfo::new(Arc::clone(&slot.meta), position),
            });
        }
        ended
    }

    pub(crate) fn receivers(&self) -> Vec<ReceiverInfo> {
        self.sweep();
        let list = self.list();
        let slots = list.slots.iter().enumerate();
        slots
            .map(|(position, slot)| ReceiverInfo::new(Arc::clone(&slot.meta), position))
            .collect()
    }
}

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Shared<S, P, O> {
    /// The receivers that a send by this sender concerns.
    pub(crate) fn receivers_for(&self, sender: &S) -> impl Iterator<Item = ReceiverInfo> {
        self.sweep();
        let list = self.list();
        let mut picks = list.picks(self.hash(sender));
        std::iter::from_fn(move || {
            loop {
                let position = picks.next(&list)?;
                let slot = &list.slots[position];
                if slot.concerns(sender) {
                    return Some(ReceiverInfo::new(Arc::clone(&slot.meta), position));
                }
            }
        })
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Shared<S, P, O> {
    /// A signal that goes takes its receivers along: connections to it are ended.
    fn drop(&mut self) {
        for slot in &self.list.get_mut().slots {
            slot.release();
        }
    }
}

/// What the rest of the crate needs of a signal, whatever its types.
pub(crate) trait AnyShared: Send + Sync {
    fn name(&self) -> &str;
    fn is_async(&self) -> bool;
    fn type_names(&self) -> [&'static str; 3];
    fn receivers(&self) -> Vec<ReceiverInfo>;
    fn disconnect(&self, slot: &Arc<dyn AnySlot>) -> bool;
}

impl<S: ?Sized, P: ?Sized, O> AnyShared for Shared<S, P, O> {
    fn name(&self) -> &str {
        &self.traits.name
    }

    fn is_async(&self) -> bool {
        self.traits.is_async
    }

    fn type_names(&self) -> [&'static str; 3] {
        [
            std::any::type_name::<S>(),
            std::any::type_name::<P>(),
            std::any::type_name::<O>(),
        ]
    }

    fn receivers(&self) -> Vec<ReceiverInfo> {
        self.receivers()
    }

    fn disconnect(&self, wanted: &Arc<dyn AnySlot>) -> bool {
        self.disconnect(|slot| std::ptr::addr_eq(Arc::as_ptr(slot), Arc::as_ptr(wanted))) > 0
    }
}
