//! The state behind a signal: its receivers, and every change to them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::conditions::{Conditions, Skip};
use crate::engine::{Candidate, Core, Joined, List, Scope, Slot, SlotId, SlotRef};
use crate::error::ConnectError;
use crate::event::Event;
use crate::failure::Failure;
use crate::info::ReceiverInfo;
use crate::observe::{self, Trace};
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

impl<O> Traits<O> {
    /// The failure of a receiver that is not called because the signal is in the middle of itself too many times.
    pub(crate) fn too_deep(&self) -> Failure {
        Failure::too_deep(self.name.clone(), self.recursion_limit)
    }
}

pub(crate) struct Shared<S: ?Sized, P: ?Sized, O> {
    core: Core<S, P, O>,
    pub(crate) traits: Traits<O>,
    /// Of the receivers that are detached.
    pub(crate) tasks: Arc<Tasks>,
    /// With so many receivers that are tied to something that may go, connecting sweeps.
    sweep_at: AtomicUsize,
}

impl<S: ?Sized, P: ?Sized, O> Shared<S, P, O> {
    pub(crate) fn new(traits: Traits<O>) -> Self {
        Self {
            core: Core::new(traits.recursion_limit),
            traits,
            tasks: Arc::default(),
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
        if self.core.look(|state| state.tied) >= self.sweep_at.load(Ordering::Relaxed) {
            self.sweep();
        }
        let key = candidate.meta().and_then(|meta| meta.key.as_deref());
        if let Some(holder) = key.and_then(|key| self.core.with_key(key)) {
            // The key is free if its holder has gone with what it was tied to.
            self.is_connected(holder);
        }
        let (joined, left) = self.core.connect(candidate)?;
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
            match self.core.connect(candidate) {
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

    /// Tells observers of the receivers that a send by this sender passes over, because they are those of other
    /// senders, or muted. Returns those that it calls.
    pub(crate) fn tell_passed_over(&self, sender: &S, trace: &Trace) -> List<S, P, O> {
        // Keys and observers are code of the user, which may wait for a receiver.
        let _inside = self.core.exits.enter(Scope::SIGNAL);
        let (state, is_muted) = (self.core.state(), self.core.is_muted());
        let ours = self.core.of_sender(&state, sender);
        let concerned: HashSet<SlotId> = ours.iter().map(|slot| slot.id()).collect();
        for (position, slot) in state.all().iter().enumerate() {
            if !concerned.contains(&slot.id()) {
                trace.skipped(&slot.info(position), Skip::OtherSender);
            } else if is_muted {
                trace.skipped(&slot.info(position), Skip::Muted);
            }
        }
        if is_muted { List::default() } else { ours }
    }

    /// Disconnects the receivers whose owner or sender is gone.
    pub(crate) fn sweep(self: &Arc<Self>) {
        if self.core.look(|state| state.tied) == 0 {
            return;
        }
        let ties = |slot: &SlotRef<S, P, O>| Some((slot.id(), slot.asked.conditions()?.ties()));
        let tied: Vec<_> = self.core.look(|state| {
            let tied = state.iter().filter(|slot| slot.asked.is_tied());
            tied.filter_map(ties).collect()
        });
        let (orphans, left): (Vec<_>, Vec<_>) =
            tied.into_iter().partition(|(_, ties)| ties.are_gone());
        let orphans: HashSet<SlotId> = orphans.into_iter().map(|(id, _)| id).collect();
        if !orphans.is_empty() {
            self.disconnect(|slot| orphans.contains(&slot.id()));
        }
        // Each sweep looks at all: the more there are, the more must come before the next.
        let pause = if left.len() < FEW { 0 } else { 2 * left.len() };
        self.sweep_at.store(pause, Ordering::Relaxed);
    }

    pub(crate) fn receivers(self: &Arc<Self>) -> Vec<ReceiverInfo> {
        self.sweep();
        self.core.look(|state| {
            let all = state.all().into_iter().enumerate();
            all.map(|(position, slot)| slot.info(position)).collect()
        })
    }

    /// The receivers that a send by this sender concerns.
    pub(crate) fn receivers_for(self: &Arc<Self>, sender: &S) -> Vec<ReceiverInfo> {
        self.sweep();
        let list = self.core.of_sender(&self.core.state(), sender);
        let slots = list.iter().enumerate();
        slots.map(|(position, slot)| slot.info(position)).collect()
    }

    /// Looks at a receiver, if it is connected.
    fn with_slot<T>(&self, id: SlotId, look: impl FnOnce(&Slot<S, P, O>) -> T) -> Option<T> {
        self.core
            .look(|state| state.find(id).map(|(_, slot)| look(slot)))
    }

    /// Finds the first receiver of this name.
    pub(crate) fn find(self: &Arc<Self>, name: &str) -> Option<Joined> {
        self.sweep();
        self.core.look(|state| {
            let mut all = state.all().into_iter().enumerate();
            let (position, slot) = all.find(|(_, slot)| slot.about().name() == name)?;
            Some(slot.joined(position))
        })
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
        let ties = |slot: &Slot<S, P, O>| slot.asked.conditions().map(Conditions::ties);
        let Some(ties) = self.with_slot(slot, ties) else {
            return false;
        };
        let is_orphan = ties.is_some_and(|ties| ties.are_gone());
        if is_orphan {
            self.disconnect_one(slot);
        }
        !is_orphan
    }

    fn is_blocked(&self, slot: SlotId) -> bool {
        self.with_slot(slot, Slot::is_blocked).unwrap_or(false)
    }

    fn block(&self, slot: SlotId) -> Option<bool> {
        self.with_slot(slot, Slot::block)
    }

    fn unblock(&self, slot: SlotId) {
        self.with_slot(slot, Slot::unblock);
    }

    fn set_muted(&self, is_muted: bool) {
        self.core.set_muted(is_muted);
    }
}
