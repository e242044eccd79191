//! The receivers of one signal, and how a send goes through them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::changes::Writer;
use super::exits::Exits;
use super::frames::{self, Bound, Entered, Reach};
use super::list::{List, ListRef, merged};
use super::running::Running;
use super::senders::{InBucket, Senders};
use super::sink::Sink;
use super::slot::{Slot, SlotRef, state};
use super::sync::{AtomicU8, AtomicUsize, Mutex, OnceLock, Ordering, Pointer};
use crate::conditions::{Keep, Skip};
use crate::failure::{Failure, drop_quietly};
use crate::info::ReceiverInfo;
use crate::outcomes::Outcomes;
use crate::shared::Shared;

/// How often the lists of a send are read again because a change came between.
const MAX_TRIES: usize = 16;

/// The receivers of one signal.
pub(crate) struct Core<S: ?Sized, P: ?Sized, O> {
    /// Whom a send concerns, if anybody: receivers are connected, and the signal is not muted.
    pub(super) concerned: AtomicU8,
    /// The receivers of every sender.
    pub(super) unbound: Pointer<List<S, P, O>>,
    pub(super) senders: OnceLock<Box<Senders<S, P, O>>>,
    /// How many receivers there are.
    pub(super) len: AtomicUsize,
    pub(super) muted: AtomicUsize,
    /// Counts the changes, before each and after it.
    pub(super) published: AtomicUsize,
    pub(super) writer: Mutex<Writer>,
    pub(super) exits: Arc<Exits>,
    /// How deep a thread may be in sends of this signal.
    limit: u32,
}

/// What a send has to look for.
pub(super) mod concerned {
    pub(in crate::engine) const NOBODY: u8 = 0;
    /// Receivers that are bound to no sender.
    pub(in crate::engine) const EVERY_SENDER: u8 = 1;
    /// Some that are bound to one, too.
    pub(in crate::engine) const SOME_SENDER: u8 = 2;
}

/// The receivers that a send calls, held for as long as it takes.
pub(crate) struct Snapshot<S: ?Sized, P: ?Sized, O> {
    pub(crate) list: ListRef<S, P, O>,
    pub(super) reach: Reach,
}

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            concerned: AtomicU8::new(concerned::NOBODY),
            unbound: Pointer::empty(),
            senders: OnceLock::new(),
            len: AtomicUsize::new(0),
            muted: AtomicUsize::new(0),
            published: AtomicUsize::new(0),
            writer: Mutex::default(),
            exits: Arc::default(),
            limit,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Ordering::Relaxed) == 0
    }

    /// Calls every receiver that the sender concerns, if all are plain and the signal is not too deep in itself. Else
    /// calls none.
    #[inline(always)]
    pub(crate) fn run(
        &self,
        shared: &Shared<S, P, O>,
        sender: &S,
        payload: &P,
    ) -> Option<Outcomes<O>> {
        match self.concerned.load(Ordering::Relaxed) {
            concerned::NOBODY => Some(Outcomes::new()),
            concerned::EVERY_SENDER => {
                let list = self.unbound.read();
                let Some(list) = &*list else {
                    return Some(Outcomes::new());
                };
                let reach = self.reach(list.version, Bound::Nobody);
                self.run_list(shared, sender, payload, list, reach)
            }
            _ => {
                let Snapshot { list, reach } = self.snapshot(sender);
                self.run_list(shared, sender, payload, &list, reach)
            }
        }
    }

    #[inline(always)]
    fn run_list(
        &self,
        shared: &Shared<S, P, O>,
        sender: &S,
        payload: &P,
        list: &List<S, P, O>,
        reach: Reach,
    ) -> Option<Outcomes<O>> {
        let slots = list.is_plain.then_some(list.slots())?;
        let _entered = self.enter(reach)?;
        let mut sink = Sink::new(slots);
        // One landing place for all panics: they are rare, and after one the walk goes on behind it.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| {
            let before = sink.called;
            for (index, slot) in slots[before..].iter().enumerate() {
                sink.called = before + index + 1;
                match slot.state() {
                    0 => slot.receiver().call(sender, payload, &mut sink),
                    state => call_if(shared, sender, payload, slot, state, &mut sink),
                }
            }
        })) {
            sink.push(Err(Failure::panic(panic)));
        }
        Some(sink.finish())
    }

    /// Notes that this thread is in the middle of a send; `None` if the signal is too deep in itself.
    #[inline(always)]
    pub(super) fn enter(&self, reach: Reach) -> Option<Entered> {
        frames::enter(reach, self.limit)
    }

    /// As [`enter`](Self::enter), for a call in a send that holds a snapshot.
    pub(crate) fn enter_again(&self, snapshot: &Snapshot<S, P, O>) -> Option<Entered> {
        self.enter(snapshot.reach)
    }

    pub(super) fn reach(&self, version: u64, bound: Bound) -> Reach {
        Reach {
            signal: self.exits.address(),
            version,
            bound,
        }
    }

    fn reach_of(
        &self,
        unbound: Option<&List<S, P, O>>,
        bound: Option<&InBucket<S, P, O>>,
    ) -> Reach {
        let bound = bound.map_or(Bound::Nobody, |(bucket, list)| {
            Bound::One(*bucket, list.version)
        });
        self.reach(unbound.map_or(0, |list| list.version), bound)
    }

    /// Returns the receivers that this sender concerns.
    pub(crate) fn snapshot(&self, sender: &S) -> Snapshot<S, P, O> {
        let senders = self.senders.get().filter(|senders| !senders.is_empty());
        let read = || {
            let bound = senders.and_then(|senders| senders.list_of(sender));
            (bound, self.unbound.read().hold())
        };
        let mut tries = MAX_TRIES;
        let (bound, unbound) = loop {
            let before = self.published.load(Ordering::Acquire);
            let lists = read();
            tries -= 1;
            // Lists of two moments are in no order. Who changes the signal without end gets them so.
            let is_whole =
                before.is_multiple_of(2) && self.published.load(Ordering::Acquire) == before;
            if senders.is_none() || is_whole || tries == 0 {
                break lists;
            }
        };
        let reach = self.reach_of(unbound.as_deref(), bound.as_ref());
        let list = match (unbound, bound) {
            (None, None) => Arc::new(List::new(Vec::new(), Vec::new(), 0)),
            (Some(list), None) | (None, Some((_, list))) => list,
            (Some(one), Some((_, other))) => {
                Arc::new(List::new(merged([&*one, &*other]), Vec::new(), one.version))
            }
        };
        Snapshot { list, reach }
    }

    /// Describes all receivers.
    pub(crate) fn infos(&self) -> Vec<ReceiverInfo> {
        let _writer = self.writer.lock();
        // Not cloned out of the lock: who disconnects one of them is to be the last that has it.
        let slots = self.all().into_iter().enumerate();
        slots
            .map(|(position, (_, slot))| ReceiverInfo::new(slot.about(), position))
            .collect()
    }

    /// Returns all receivers.
    pub(crate) fn whole(&self) -> Snapshot<S, P, O> {
        let writer = self.writer.lock();
        let slots = self.all().into_iter().map(|(_, slot)| slot).collect();
        let version = writer.version;
        drop(writer);
        Snapshot {
            list: Arc::new(List::new(slots, Vec::new(), version)),
            reach: self.reach(version, Bound::All),
        }
    }

    /// Begins a call in a send that is not on one stack.
    pub(crate) fn begin(
        snapshot: &Snapshot<S, P, O>,
        slot: &SlotRef<S, P, O>,
    ) -> Result<Running<S, P, O>, Skip> {
        Running::begin(slot, snapshot.reach)
    }

    pub(crate) fn exits(&self) -> &Arc<Exits> {
        &self.exits
    }

    pub(crate) fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Relaxed) > 0
    }
}

/// Calls a receiver, if its state and its conditions allow it.
#[inline(never)]
fn call_if<'s, S: ?Sized, P: ?Sized, O>(
    shared: &Shared<S, P, O>,
    sender: &S,
    payload: &P,
    slot: &'s Slot<S, P, O>,
    state: u64,
    sink: &mut Sink<'s, S, P, O>,
) {
    match admit(shared, sender, payload, slot, state) {
        Admission::Granted(keep) => {
            let _keep = Quietly(keep);
            slot.receiver().call(sender, payload, sink);
        }
        Admission::Refused => sink.skipped += 1,
    }
}

/// Whether a receiver is to be called.
pub(super) enum Admission {
    /// With what is to be kept until its end.
    Granted(Option<Keep>),
    Refused,
}

/// Looks at the state of a receiver, and asks its conditions.
pub(super) fn admit<S: ?Sized, P: ?Sized, O>(
    shared: &Shared<S, P, O>,
    sender: &S,
    payload: &P,
    slot: &Slot<S, P, O>,
    state: u64,
) -> Admission {
    if state & (state::GONE | state::BLOCKED) != 0 {
        return Admission::Refused;
    }
    let Some(conditions) = slot.conditions() else {
        return Admission::Granted(None);
    };
    match conditions.admit(sender, payload) {
        Ok(admitted) => {
            // Before the call, so that a receiver connected `once` may send its own signal.
            if admitted.is_last {
                shared.disconnect_one(slot.id());
            }
            Admission::Granted(admitted.keep)
        }
        Err(skip) => {
            if matches!(skip, Skip::OwnerGone) {
                shared.disconnect_one(slot.id());
            }
            Admission::Refused
        }
    }
}

/// Drops an owner after its call, also if that panics.
struct Quietly<T>(Option<T>);

impl<T> Drop for Quietly<T> {
    fn drop(&mut self) {
        drop_quietly(self.0.take());
    }
}
