//! The receivers of one signal: how they come and go, and how a plain send goes through them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::exits::Exits;
use super::frames::{self, Entered, Scope};
use super::slot::{Candidate, Joined, Slot, SlotId, SlotRef};
use super::state::{List, State};
use super::sync::{ArcSwap, AtomicBool, Guard, Locked, Mutex, Ordering};
use crate::error::ConnectError;
use crate::failure::{Failure, Quietly};
use crate::outcomes::Outcomes;
use crate::shared::Shared;

/// The receivers of one signal.
pub(crate) struct Core<S: ?Sized, P: ?Sized, O> {
    /// Whether there are receivers, and the signal is not muted.
    is_heard: AtomicBool,
    state: ArcSwap<State<S, P, O>>,
    writer: Mutex<Writer>,
    pub(crate) exits: Arc<Exits>,
    /// How deep a thread may be in sends of this signal.
    limit: u32,
}

/// What only those who change the receivers of a signal know.
#[derive(Default)]
struct Writer {
    /// The last number that a slot was given.
    sequence: u64,
    keys: BTreeMap<Cow<'static, str>, SlotId>,
    muted: usize,
}

/// The receivers of a send, borrowed if they are those of every sender.
pub(crate) enum Target<S: ?Sized, P: ?Sized, O> {
    Every(Guard<Arc<State<S, P, O>>>),
    Own(List<S, P, O>),
}

impl<S: ?Sized, P: ?Sized, O> Target<S, P, O> {
    /// Holds them for longer than a moment.
    pub(crate) fn hold(self) -> List<S, P, O> {
        match self {
            Self::Every(state) => state.every.clone(),
            Self::Own(list) => list,
        }
    }
}

impl<S: ?Sized, P: ?Sized, O> Deref for Target<S, P, O> {
    type Target = [SlotRef<S, P, O>];

    #[inline(always)]
    fn deref(&self) -> &[SlotRef<S, P, O>] {
        match self {
            Self::Every(state) => &state.every,
            Self::Own(list) => list,
        }
    }
}

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            is_heard: AtomicBool::new(false),
            state: ArcSwap::from_pointee(State::empty()),
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
        let Some(state) = self.heard() else {
            return Some(Outcomes::new());
        };
        let state = (state.asyncs == 0).then_some(state)?;
        let target = self.target(state, sender);
        let _entered = self.enter()?;
        let (slots, mut next, mut skipped) = (&*target, 0, 0);
        let (mut verdict, mut outcomes) = (Ok(None), Outcomes::new());
        // One landing place for all panics: they are rare, and after one the walk goes on behind it.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| {
            for slot in &slots[next..] {
                next += 1;
                let has_answered = if slot.is_open() {
                    slot.code().call(sender, payload, &mut verdict)
                } else if let Ok(keep) = slot.admit(shared, sender, payload) {
                    let _keep = Quietly(keep);
                    slot.code().call(sender, payload, &mut verdict)
                } else {
                    skipped += 1;
                    false
                };
                if has_answered {
                    outcomes.add(&mut verdict, || slot.info(next - 1));
                }
            }
        })) {
            verdict = Err(Failure::panic(panic));
            outcomes.add(&mut verdict, || slots[next - 1].info(next - 1));
        }
        // It is nothing again, and need not be dropped.
        std::mem::forget(verdict);
        outcomes.count(next - skipped);
        Some(outcomes)
    }

    /// Notes that this thread is in the middle of a send; `None` if the signal is too deep in itself.
    #[inline(always)]
    pub(crate) fn enter(&self) -> Option<Entered> {
        frames::enter(self.exits.address(), Scope::SEND, self.limit)
    }

    /// Returns the receivers of the signal. Returns `None` if there are none, and if the signal is muted.
    #[inline(always)]
    fn heard(&self) -> Option<Guard<Arc<State<S, P, O>>>> {
        let is_heard = self.is_heard.load(Ordering::Relaxed);
        is_heard.then(|| self.state.load())
    }

    /// Returns the receivers that a send by this sender calls.
    pub(crate) fn find(&self, sender: &S) -> Option<Target<S, P, O>> {
        self.heard().map(|state| self.target(state, sender))
    }

    #[inline(always)]
    fn target(&self, state: Guard<Arc<State<S, P, O>>>, sender: &S) -> Target<S, P, O> {
        match state.probe {
            None => Target::Every(state),
            Some(_) => Target::Own(self.of_sender(&state, sender)),
        }
    }

    /// Returns the receivers of a state that this sender concerns.
    #[inline(never)]
    pub(crate) fn of_sender(&self, state: &State<S, P, O>, sender: &S) -> List<S, P, O> {
        // Keys are code of the user, which may wait for a receiver.
        let _inside = self.exits.enter(Scope::SIGNAL);
        state.of_sender(sender)
    }

    /// Begins a change. The state before is to be dropped last, without the mutex: captures are code of the user.
    fn begin(&self) -> (Arc<State<S, P, O>>, Locked<'_, Writer>) {
        let writer = self.writer.lock();
        (self.state.load_full(), writer)
    }

    /// Connects one. Also hands back the one that it takes the place of.
    pub(crate) fn connect(
        &self,
        candidate: Candidate<S, P, O>,
    ) -> Result<(Joined, Option<Joined>), ConnectError> {
        // Before the mutex, to be dropped after it if it is refused.
        let slot;
        let (before, mut writer) = self.begin();
        let replaces = candidate.details.as_ref().is_some_and(|it| it.replaces);
        let key = candidate.meta().and_then(|meta| meta.key.clone());
        let holder = key.as_ref().and_then(|key| writer.keys.get(key));
        let holder = holder.and_then(|id| before.find(*id));
        // Used up also if the receiver is refused: no other is to have its number.
        writer.sequence += 1;
        let rank = holder.map(|(_, holder)| holder.rank());
        slot = Slot::new(candidate, writer.sequence, &self.exits, rank);
        let next = match (holder, &key) {
            (None, _) => before.changed(&slot, true)?,
            (Some((position, holder)), Some(key)) if !replaces => {
                let (key, existing) = (key.to_string(), holder.info(position));
                return Err(ConnectError::DuplicateKey { key, existing });
            }
            (Some((_, holder)), _) => before.changed(holder, false)?.changed(&slot, true)?,
        };
        let left = holder.map(|(position, holder)| {
            self.part(&mut writer, holder);
            holder.joined(position)
        });
        writer.keys.extend(key.map(|key| (key, slot.id())));
        let position = next.find(slot.id()).map_or(0, |(position, _)| position);
        self.publish(&writer, next);
        Ok((slot.joined(position), left))
    }

    /// Disconnects one.
    pub(crate) fn disconnect_one(&self, id: SlotId) -> Option<Joined> {
        let (before, mut writer) = self.begin();
        let (position, slot) = before.find(id)?;
        let next = before.changed(slot, false);
        self.part(&mut writer, slot);
        self.publish(&writer, next.expect("to take away makes no circle"));
        Some(slot.joined(position))
    }

    /// Disconnects those that `leaves`, and hands them back.
    pub(crate) fn disconnect(&self, leaves: impl Fn(&Slot<S, P, O>) -> bool) -> Vec<Joined> {
        let (before, mut writer) = self.begin();
        let (mut left, mut stay) = (Vec::new(), Vec::new());
        for (position, slot) in before.all().into_iter().enumerate() {
            if leaves(&slot) {
                self.part(&mut writer, &slot);
                left.push(slot.joined(position));
            } else {
                stay.push(slot);
            }
        }
        if !left.is_empty() {
            let next = State::of(stay);
            self.publish(&writer, next.expect("to take away makes no circle"));
        }
        left
    }

    /// Has no send call a receiver any more that has not begun to.
    fn part(&self, writer: &mut Writer, slot: &Slot<S, P, O>) {
        if let Some(key) = slot.asked.meta().and_then(|meta| meta.key.as_ref()) {
            writer.keys.remove(key);
        }
        self.exits.leaves(slot.sequence());
        slot.leave();
    }

    /// Has sends find these receivers.
    fn publish(&self, writer: &Writer, next: State<S, P, O>) {
        self.state.store(Arc::new(next));
        self.hear(writer);
    }

    fn hear(&self, writer: &Writer) {
        let is_heard = writer.muted == 0 && !self.state.load().is_empty();
        self.is_heard.store(is_heard, Ordering::Relaxed);
    }

    /// Has sends call nobody, until it is told as often that they may again.
    pub(crate) fn set_muted(&self, is_muted: bool) {
        let mut writer = self.writer.lock();
        let change = if is_muted { 1 } else { -1 };
        writer.muted = writer.muted.strict_add_signed(change);
        self.hear(&writer);
    }

    pub(crate) fn is_muted(&self) -> bool {
        self.writer.lock().muted > 0
    }

    /// Looks at the receivers while none comes or goes: who disconnects one is to be the last that has it.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&State<S, P, O>) -> T) -> T {
        let _writer = self.writer.lock();
        look(&self.state.load())
    }

    pub(crate) fn state(&self) -> Arc<State<S, P, O>> {
        self.state.load_full()
    }

    /// Finds the receiver that was connected with this key.
    pub(crate) fn with_key(&self, key: &str) -> Option<SlotId> {
        self.writer.lock().keys.get(key).copied()
    }
}
