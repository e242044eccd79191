//! The state behind a signal: its receivers, and every change to them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::conditions::Conditions;
use crate::engine::{Core, Details, Joined, Slot, SlotId, SlotRef, slots};
use crate::error::ConnectError;
use crate::event::Event;
use crate::info::{Meta, ReceiverInfo};
use crate::observe;
use crate::outcomes::Outcomes;
use crate::tasks::Tasks;

/// So few receivers tied to something that may go are looked at whenever one is connected.
const FEW: usize = 32;

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
    pub(crate) receiver: SlotRef<S, P, O>,
    pub(crate) place: &'static Location<'static>,
    /// If any option was set.
    pub(crate) options: Option<Box<Options<S, P>>>,
}

/// What was asked for when connecting.
pub(crate) struct Options<S: ?Sized, P: ?Sized> {
    pub(crate) meta: Meta,
    pub(crate) conditions: Conditions<S, P>,
    /// Take the place of the receiver that has the same key, instead of being refused.
    pub(crate) replace: bool,
    /// The options that have been set and can be set once.
    pub(crate) set: Vec<&'static str>,
    /// The first of them that was set twice.
    pub(crate) repeated: Option<&'static str>,
}

pub(crate) struct Shared<S: ?Sized, P: ?Sized, O> {
    core: Core<S, P, O>,
    pub(crate) traits: Traits<O>,
    /// Of the receivers that are detached.
    pub(crate) tasks: Arc<Tasks>,
    /// How many receivers are tied to something that may go: those the last sweep left, and those since.
    tied: AtomicUsize,
    /// With so many of them, connecting sweeps.
    sweep_at: AtomicUsize,
}

impl<S: ?Sized, P: ?Sized, O> Shared<S, P, O> {
    pub(crate) fn new(traits: Traits<O>) -> Self {
        Self {
            core: Core::new(traits.recursion_limit),
            traits,
            tasks: Arc::default(),
            tied: AtomicUsize::new(0),
            sweep_at: AtomicUsize::new(0),
        }
    }

    pub(crate) const fn core(&self) -> &Core<S, P, O> {
        &self.core
    }

    /// The quick way of a send that is not observed. Returns `None` if something asks for the long way; no
    /// receiver has then been called.
    #[inline(always)]
    pub(crate) fn run(&self, sender: &S, payload: &P) -> Option<Outcomes<O>> {
        self.core.run(self, sender, payload)
    }

    /// Connects one.
    pub(crate) fn connect(
        self: &Arc<Self>,
        candidate: Candidate<S, P, O>,
    ) -> Result<Joined, ConnectError> {
        if self.tied.load(Ordering::Relaxed) >= self.sweep_at.load(Ordering::Relaxed) {
            self.sweep();
        }
        let options = candidate.options.as_ref();
        let key = options.and_then(|options| options.meta.key.as_deref());
        if let Some(holder) = key.and_then(|key| self.core.with_key(key)) {
            // The key is free if its holder has gone with what it was tied to.
            self.is_connected(holder);
        }
        let (receiver, replace) = self.complete(candidate);
        let (joined, left) = self.core.connect(receiver, replace)?;
        self.tell_left(left.as_slice());
        self.tell_joined(std::slice::from_ref(&joined));
        Ok(joined)
    }

    /// Connects all or none. Observers are not told of them.
    pub(crate) fn connect_all(
        &self,
        candidates: Vec<Candidate<S, P, O>>,
    ) -> Result<Vec<Joined>, ConnectError> {
        let (mut all, mut replaced) = (Vec::new(), Vec::new());
        for candidate in candidates {
            let (receiver, replace) = self.complete(candidate);
            match self.core.connect(receiver, replace) {
                Ok((joined, left)) => {
                    all.push(joined);
                    replaced.extend(left);
                }
                Err(error) => {
                    let ids: HashSet<SlotId> = all.iter().map(|joined| joined.id).collect();
                    self.core.disconnect(|slot| ids.contains(&slot.id()));
                    return Err(error);
                }
            }
        }
        self.tell_left(&replaced);
        Ok(all)
    }

    pub(crate) fn tell_joined(&self, joined: &[Joined]) {
        if observe::is_observed() {
            for new in joined {
                observe::publish(&Event::Connected {
                    signal: &self.traits.name,
                    receiver: &new.receiver,
                });
            }
        }
    }

    /// Also says whether it takes the place of another.
    fn complete(&self, candidate: Candidate<S, P, O>) -> (SlotRef<S, P, O>, bool) {
        let Candidate {
            mut receiver,
            place,
            options,
        } = candidate;
        let slot = Arc::get_mut(&mut receiver).expect("only a list shares a slot");
        let Some(options) = options else {
            slot.describe(place, None);
            return (receiver, false);
        };
        let Options {
            mut meta,
            conditions,
            replace,
            ..
        } = *options;
        meta.is_tied = conditions.is_tied();
        if meta.is_tied {
            self.tied.fetch_add(1, Ordering::Relaxed);
        }
        slot.describe(place, Some(Details::new(meta, conditions)));
        (receiver, replace)
    }

    /// Disconnects every receiver that `leaves`; returns how many did.
    pub(crate) fn disconnect(&self, leaves: impl Fn(&Slot<S, P, O>) -> bool) -> usize {
        let left = self.core.disconnect(leaves);
        self.tell_left(&left);
        left.len()
    }

    pub(crate) fn disconnect_one(&self, id: SlotId) -> bool {
        let left = self.core.disconnect_one(id);
        self.tell_left(left.as_slice());
        left.is_some()
    }

    fn tell_left(&self, left: &[Joined]) {
        if observe::is_observed() {
            for gone in left {
                observe::publish(&Event::Disconnected {
                    signal: &self.traits.name,
                    receiver: &gone.receiver,
                });
            }
        }
    }

    /// Disconnects the receivers whose owner or sender is gone.
    pub(crate) fn sweep(self: &Arc<Self>) {
        if self.tied.load(Ordering::Relaxed) == 0 {
            return;
        }
        let is_tied = |slot: &Slot<S, P, O>| slot.meta().is_some_and(|meta| meta.is_tied);
        let is_orphan =
            |slot: &SlotRef<S, P, O>| slot.conditions().is_some_and(Conditions::orphaned);
        let tied = self.core.filter(is_tied).into_iter();
        let (orphans, left): (Vec<_>, Vec<_>) = tied.partition(is_orphan);
        let orphans: HashSet<SlotId> = orphans.iter().map(|slot| slot.id()).collect();
        if !orphans.is_empty() {
            self.disconnect(|slot| orphans.contains(&slot.id()));
        }
        // Each sweep looks at all: the more there are, the more must come before the next.
        let pause = if left.len() < FEW { 0 } else { 2 * left.len() };
        self.tied.store(left.len(), Ordering::Relaxed);
        self.sweep_at.store(pause, Ordering::Relaxed);
    }

    pub(crate) fn receivers(self: &Arc<Self>) -> Vec<ReceiverInfo> {
        self.sweep();
        self.core.infos()
    }

    /// The receivers that a send by this sender concerns.
    pub(crate) fn receivers_for(self: &Arc<Self>, sender: &S) -> Vec<ReceiverInfo> {
        self.sweep();
        let list = self.core.snapshot(sender).hold();
        let slots = slots(&list).iter().enumerate();
        slots
            .map(|(position, slot)| ReceiverInfo::new(slot.about(), position))
            .collect()
    }

    /// Finds the first receiver of this name.
    pub(crate) fn find(self: &Arc<Self>, name: &str) -> Option<Joined> {
        let all = self.core.whole().hold();
        let slots = slots(&all);
        let position = slots.iter().position(|slot| slot.about().name() == name)?;
        Some(Joined::new(&slots[position], position))
    }
}

/// What the rest of the crate needs of a signal of any types.
pub(crate) trait AnyShared: Send + Sync {
    fn name(&self) -> &str;
    fn is_async(&self) -> bool;
    fn type_names(&self) -> [&'static str; 3];
    fn receivers(self: Arc<Self>) -> Vec<ReceiverInfo>;
    fn disconnect(&self, slot: SlotId) -> bool;
    fn is_connected(&self, slot: SlotId) -> bool;
    fn is_blocked(&self, slot: SlotId) -> bool;
    fn block(&self, slot: SlotId) -> Option<bool>;
    fn unblock(&self, slot: SlotId);
    fn set_muted(&self, is_muted: bool);
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

    fn receivers(self: Arc<Self>) -> Vec<ReceiverInfo> {
        Shared::receivers(&self)
    }

    fn disconnect(&self, slot: SlotId) -> bool {
        self.disconnect_one(slot)
    }

    fn is_connected(&self, slot: SlotId) -> bool {
        let ties = |slot: &Slot<S, P, O>| slot.conditions().map(Conditions::ties);
        let Some(ties) = self.core.with_slot(slot, ties) else {
            return false;
        };
        let is_orphan = ties.is_some_and(|ties| ties.are_gone());
        if is_orphan {
            self.disconnect_one(slot);
        }
        !is_orphan
    }

    fn is_blocked(&self, slot: SlotId) -> bool {
        self.core.with_slot(slot, Slot::is_blocked).unwrap_or(false)
    }

    fn block(&self, slot: SlotId) -> Option<bool> {
        self.core.with_slot(slot, Slot::block)
    }

    fn unblock(&self, slot: SlotId) {
        self.core.with_slot(slot, Slot::unblock);
    }

    fn set_muted(&self, is_muted: bool) {
        self.core.set_muted(is_muted);
    }
}
