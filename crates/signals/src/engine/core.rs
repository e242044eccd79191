//! The receivers of one signal, and how a plain send goes through them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::call::Say;
use super::changes::{Joined, Writer};
use super::exits::Exits;
use super::frames::{self, Entered, Scope};
use super::list::{List, Target, slots};
use super::senders::Senders;
use super::slot::{Slot, SlotId, SlotRef};
use super::sync::{AtomicU8, AtomicUsize, Mutex, OnceLock, Ordering, Pointer};
use crate::answer::{Answer, Verdict};
use crate::conditions::Ties;
use crate::failure::{Failure, Quietly};
use crate::info::ReceiverInfo;
use crate::outcomes::{Answers, Outcomes};
use crate::shared::Shared;

/// So often the lists of a send are read without the mutex, and again because a change came between: lists of two
/// moments are in no order.
const MAX_TRIES: usize = 16;

/// The receivers of one signal.
pub(crate) struct Core<S: ?Sized, P: ?Sized, O> {
    /// Whom a send concerns, if anybody: receivers are connected, and the signal is not muted.
    pub(super) concerned: AtomicU8,
    /// The receivers of every sender.
    pub(super) unbound: Pointer<List<S, P, O>>,
    pub(super) senders: OnceLock<Box<Senders<S, P, O>>>,
    pub(super) muted: AtomicUsize,
    /// How many receivers are tied to something that may go.
    pub(super) tied: AtomicUsize,
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

/// How far a plain send is, and what it has come to.
struct Run<'r, S: ?Sized, P: ?Sized, O> {
    slots: &'r [SlotRef<S, P, O>],
    /// How many have had their turn; the last of them has it.
    called: usize,
    /// How many of these were not called.
    skipped: usize,
    answers: Option<Box<Answers<O>>>,
}

impl<S: ?Sized, P: ?Sized, O> Say<O> for Run<'_, S, P, O> {
    fn outcome(&mut self, outcome: O) {
        self.push(false, || Ok(Some(outcome)));
    }

    #[cold]
    #[inline(never)]
    fn failure(&mut self, failure: Failure) {
        self.push(true, || Err(failure));
    }
}

impl<S: ?Sized, P: ?Sized, O> Run<'_, S, P, O> {
    #[inline(always)]
    fn push(&mut self, is_failure: bool, verdict: impl FnOnce() -> Verdict<O>) {
        let position = self.called - 1;
        let slot = &self.slots[position];
        let answers = self.answers.get_or_insert_default();
        answers.push(is_failure, || {
            Answer::new(ReceiverInfo::new(slot.about(), position), verdict())
        });
    }
}

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            concerned: AtomicU8::new(concerned::NOBODY),
            unbound: Pointer::empty(),
            senders: OnceLock::new(),
            muted: AtomicUsize::new(0),
            tied: AtomicUsize::new(0),
            published: AtomicUsize::new(0),
            writer: Mutex::default(),
            exits: Arc::default(),
            limit,
        }
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
        let target = self.find(sender);
        let Some(list) = &*target else {
            return Some(Outcomes::new());
        };
        let slots = list.is_plain.then_some(list.slots())?;
        let _entered = self.enter()?;
        let mut run = Run {
            slots,
            called: 0,
            skipped: 0,
            answers: None,
        };
        // One landing place for all panics: they are rare, and after one the walk goes on behind it.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| {
            for slot in &slots[run.called..] {
                run.called += 1;
                if slot.is_open() {
                    slot.receiver().call(sender, payload, &mut run);
                } else if !call_if(shared, sender, payload, slot, &mut run) {
                    run.skipped += 1;
                }
            }
        })) {
            run.failure(Failure::panic(panic));
        }
        Some(Outcomes::of(run.answers, run.called - run.skipped))
    }

    /// Notes that this thread is in the middle of a send; `None` if the signal is too deep in itself.
    #[inline(always)]
    pub(crate) fn enter(&self) -> Option<Entered> {
        frames::enter(self.exits.address(), Scope::Signal, self.limit)
    }

    /// Returns the receivers that a send by this sender calls.
    #[inline(always)]
    pub(crate) fn find(&self, sender: &S) -> Target<S, P, O> {
        match self.concerned.load(Ordering::Relaxed) {
            concerned::NOBODY => Target::from(None),
            concerned::EVERY_SENDER => {
                let every = self.unbound.read();
                // The first that is bound may have come just now, and before the last of these.
                match self.concerned.load(Ordering::Relaxed) {
                    concerned::SOME_SENDER => self.snapshot(sender),
                    _ => every,
                }
            }
            _ => self.snapshot(sender),
        }
    }

    /// Returns the receivers of this sender, also if the signal is muted.
    pub(crate) fn snapshot(&self, sender: &S) -> Target<S, P, O> {
        let Some(senders) = self.senders.get() else {
            let every = self.unbound.read();
            return match self.senders.get() {
                None => every,
                Some(_) => self.snapshot(sender),
            };
        };
        for _ in 0..MAX_TRIES {
            let before = self.published.load(Ordering::Acquire);
            // First, for nothing is to be held while keys are compared.
            let bound = senders.list_of(sender);
            let lists = (self.unbound.read().hold(), bound);
            let is_whole =
                before.is_multiple_of(2) && self.published.load(Ordering::Acquire) == before;
            if is_whole {
                return List::of_both(lists);
            }
        }
        // Changes go on. They wait for this; not for the keys, whose comparison is code of the user.
        loop {
            let place = senders.place_of(sender);
            let writer = self.writer.lock();
            if senders.is_current(&place) {
                let lists = (self.unbound.read().hold(), place.list());
                drop(writer);
                return List::of_both(lists);
            }
        }
    }

    /// Describes all receivers.
    pub(crate) fn infos(&self) -> Vec<ReceiverInfo> {
        let _writer = self.writer.lock();
        // Not cloned out of the lock: who disconnects one of them is to be the last that has it.
        let slots = self.all().slots.into_iter().enumerate();
        slots
            .map(|(position, (_, slot))| ReceiverInfo::new(slot.about(), position))
            .collect()
    }

    /// Finds the first receiver of this name.
    pub(crate) fn named(&self, name: &str) -> Option<Joined> {
        let _writer = self.writer.lock();
        let slots = self.all().slots.into_iter().map(|(_, slot)| slot);
        let mut found = slots.enumerate();
        let (position, slot) = found.find(|(_, slot)| slot.about().name() == name)?;
        Some(Joined::new(&slot, position))
    }

    /// Returns what receivers are tied to, to be asked without the mutex. There may be many others, which are left as
    /// they are.
    pub(crate) fn ties(&self) -> Vec<(SlotId, Ties<S>)> {
        let _writer = self.writer.lock();
        let homes = self.homes();
        let mut found = Vec::new();
        for list in homes.iter().map(|home| self.pointer(home).read()) {
            let tied = slots(&list).iter().filter(|slot| slot.is_tied());
            found.extend(tied.filter_map(|slot| Some((slot.id(), slot.conditions()?.ties()))));
        }
        found
    }

    /// Returns all receivers.
    pub(crate) fn whole(&self) -> Target<S, P, O> {
        let _writer = self.writer.lock();
        let slots = self.all().slots.into_iter().map(|(_, slot)| slot).collect();
        Target::from(Some(Arc::new(List::new(slots, Vec::new()))))
    }

    pub(crate) fn exits(&self) -> &Arc<Exits> {
        &self.exits
    }

    pub(crate) fn tied(&self) -> usize {
        self.tied.load(Ordering::Relaxed)
    }

    pub(crate) fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Relaxed) > 0
    }
}

/// Calls a receiver, if its state and its conditions allow it. Returns whether they do.
#[inline(never)]
fn call_if<S: ?Sized, P: ?Sized, O>(
    shared: &Shared<S, P, O>,
    sender: &S,
    payload: &P,
    slot: &Slot<S, P, O>,
    say: &mut dyn Say<O>,
) -> bool {
    let Ok(keep) = slot.admit(shared, sender, payload) else {
        return false;
    };
    let _keep = Quietly(keep);
    slot.receiver().call(sender, payload, say);
    true
}
