//! One send's way through its receivers, step by step: which are called, which are skipped, and what came of each.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::answer::{Answer, Verdict};
use crate::conditions::{Keep, Skip};
use crate::detach::{Hold, Report};
use crate::engine::{Entered, Kind, Say, Scope, Slot, SlotId, SlotRef, Target};
use crate::failure::{Failure, Quietly, caught, drop_quietly};
use crate::info::ReceiverInfo;
use crate::observe::{Call, Trace, is_watched, within};
use crate::outcomes::Outcomes;
use crate::receive::Answering;
use crate::shared::{Shared, Traits};
use crate::spans::CallSpan;
use crate::test_scope::{Inside, Seen};

/// How far a send is. The receivers are passed to each step: a send that does not wait only borrows them.
pub(crate) struct Walk<'a, S: ?Sized, P: ?Sized, O> {
    shared: Whose<'a, S, P, O>,
    sender: &'a S,
    payload: &'a P,
    next: At,
    /// Boxed, for most sends are not watched: a walk is moved.
    watched: Option<Box<Watched>>,
}

/// What observers and tests ask of a send.
struct Watched {
    /// The names of receivers that a test skips.
    blocked: Vec<String>,
    /// The receivers that the sender concerns, if the walk passes others too.
    concerned: Option<HashSet<SlotId>>,
    /// The signal was muted when the walk began. Without observers, such a walk passes no receiver.
    is_muted: bool,
    trace: Option<Trace>,
}

/// A receiver of a walk.
#[derive(Clone, Copy, Default)]
pub(crate) struct At {
    index: usize,
    /// Its position among those that the sender concerns.
    position: usize,
}

/// The turn of one receiver, and of the next after it: in one place, for what receivers say may be large.
pub(crate) struct Turn<'a, S: ?Sized, P: ?Sized, O> {
    at: At,
    /// What it came to, unless it runs.
    verdict: Verdict<O>,
    /// An async receiver that has been called and has not ended.
    future: Option<Answering<'a, O>>,
    keep: Quietly<Keep>,
    call: Option<Call>,
    shared: Whose<'a, S, P, O>,
}

impl<O> Say<O> for Verdict<O> {
    fn outcome(&mut self, outcome: O) {
        *self = Ok(Some(outcome));
    }

    fn failure(&mut self, failure: Failure) {
        *self = Err(failure);
    }
}

/// The signal that is sent, or what a test sends instead.
enum Whose<'a, S: ?Sized, P: ?Sized, O> {
    Own(&'a Arc<Shared<S, P, O>>),
    Tests(Arc<Shared<S, P, O>>),
}

impl<S: ?Sized, P: ?Sized, O> Clone for Whose<'_, S, P, O> {
    fn clone(&self) -> Self {
        match self {
            Self::Own(shared) => Self::Own(shared),
            Self::Tests(shared) => Self::Tests(Arc::clone(shared)),
        }
    }
}

impl<S: ?Sized, P: ?Sized, O> Deref for Whose<'_, S, P, O> {
    type Target = Arc<Shared<S, P, O>>;

    fn deref(&self) -> &Arc<Shared<S, P, O>> {
        match self {
            Self::Own(shared) => shared,
            Self::Tests(shared) => shared,
        }
    }
}

/// This thread is in the middle of a send; or the signal is being sent inside its own receivers too many times, and
/// none is called.
pub(crate) struct InSend(Option<Entered>);

impl<'a, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Walk<'a, S, P, O> {
    pub(crate) fn new(shared: &'a Arc<Shared<S, P, O>>, sender: &'a S, payload: &'a P) -> Self {
        let mut walk = Self {
            sender,
            payload,
            next: At::default(),
            watched: None,
            shared: Whose::Own(shared),
        };
        if is_watched() {
            walk.watch();
        }
        walk
    }

    #[cold]
    fn watch(&mut self) {
        let test = Inside::current();
        let Seen { twin, blocked } = test.map_or_else(Seen::nothing, |it| it.look(&self.shared));
        if let Some(twin) = twin {
            self.shared = Whose::Tests(twin);
        }
        self.watched = Some(Box::new(Watched {
            blocked,
            concerned: None,
            is_muted: self.shared.core().is_muted(),
            trace: Trace::begin(&self.shared.traits.name, self.sender, self.payload),
        }));
    }

    /// Returns the receivers that the walk is to pass.
    pub(crate) fn find(&mut self) -> Target<S, P, O> {
        let core = self.shared.core();
        let Some(watched) = self.watched.as_mut().filter(|it| it.trace.is_some()) else {
            return core.find(self.sender);
        };
        // An observer is told about those that are muted, or of other senders.
        let concerned = core.snapshot(self.sender);
        let slots = concerned.iter().flat_map(|list| list.slots());
        watched.concerned = Some(slots.map(|slot| slot.id()).collect());
        core.whole()
    }

    /// Calls the next receiver that is to be called; `false` at the end of the list.
    #[inline]
    pub(crate) fn step(
        &mut self,
        slots: &[SlotRef<S, P, O>],
        turn: &mut Turn<'a, S, P, O>,
        inside: &InSend,
    ) -> bool {
        while let Some(slot) = slots.get(self.next.index) {
            turn.at = self.next;
            self.next.index += 1;
            let Err(skip) = self.call(slot, turn, inside) else {
                if turn.future.is_none() {
                    self.end(slots, turn);
                }
                return true;
            };
            if let Some(trace) = self.trace() {
                trace.skipped(&turn.at.info(slots), skip);
            }
        }
        if let Some(trace) = self.watched.as_mut().and_then(|it| it.trace.as_mut()) {
            trace.complete();
        }
        false
    }

    #[inline]
    fn call(
        &mut self,
        slot: &SlotRef<S, P, O>,
        turn: &mut Turn<'a, S, P, O>,
        inside: &InSend,
    ) -> Result<(), Skip> {
        if let Some(watched) = &self.watched {
            let concerned = watched.concerned.as_ref();
            if concerned.is_some_and(|concerned| !concerned.contains(&slot.id())) {
                return Err(Skip::OtherSender);
            }
            self.next.position += 1;
            watched.check(slot)?;
        } else {
            self.next.position += 1;
        }
        let is_open = slot.is_open();
        if !is_open {
            slot.check()?;
        }
        if inside.0.is_none() {
            turn.verdict = Err(self.too_deep());
            return Ok(());
        }
        let (sender, payload, code) = (self.sender, self.payload, slot.receiver());
        if !is_open {
            match caught(|| slot.admit(&self.shared, sender, payload)) {
                Ok(admitted) => turn.keep.0 = admitted?,
                Err(failure) => {
                    turn.verdict = Err(failure);
                    return Ok(());
                }
            }
        }
        let receiver = || ReceiverInfo::new(slot.about(), turn.at.position);
        turn.call = self.trace().map(|trace| trace.called(&receiver()));
        let (call, keep) = (turn.call.as_ref(), &turn.keep.0);
        let (verdict, future) = (&mut turn.verdict, &mut turn.future);
        let run = || match slot.kind() {
            Kind::Plain => code.call(sender, payload, verdict),
            Kind::Async => *future = Some(code.start(sender, payload)),
            Kind::Detached => {
                let report = Report {
                    signal: self.shared.traits.name.clone(),
                    receiver: ReceiverInfo::new(slot.about(), turn.at.position),
                    span: call.map_or_else(CallSpan::current, Call::span),
                    // Of its own: a wait for the receiver waits for the task too.
                    running: Box::new(Hold::new(slot, keep.clone(), &self.shared.tasks)),
                    test: Inside::current(),
                };
                code.launch(sender, payload, report);
            }
        };
        if let Err(failure) = within(call, || caught(run)) {
            turn.verdict = Err(failure);
        }
        Ok(())
    }

    /// Polls the receiver that runs, or else goes on to the next, until one has ended; `false` at the end of the list.
    #[inline]
    pub(crate) fn advance(
        &mut self,
        slots: &[SlotRef<S, P, O>],
        turn: &mut Turn<'a, S, P, O>,
        inside: &InSend,
        cx: &mut Context<'_>,
    ) -> Poll<bool> {
        if !turn.is_running() && !self.step(slots, turn, inside) {
            return Poll::Ready(false);
        }
        ready!(self.poll(slots, turn, inside, cx));
        Poll::Ready(true)
    }
}

impl<'a, S: ?Sized, P: ?Sized, O> Walk<'a, S, P, O> {
    fn trace(&self) -> Option<&Trace> {
        self.watched.as_ref()?.trace.as_ref()
    }

    /// Returns the turn of nothing yet.
    pub(crate) fn turn(&self) -> Turn<'a, S, P, O> {
        Turn {
            at: At::default(),
            verdict: Ok(None),
            future: None,
            keep: Quietly(None),
            call: None,
            shared: self.shared.clone(),
        }
    }

    /// Notes that this thread is in the middle of the send.
    pub(crate) fn enter(&self) -> InSend {
        InSend(self.shared.core().enter())
    }

    /// Polls a receiver of this walk, if it runs.
    #[inline]
    pub(crate) fn poll(
        &self,
        slots: &[SlotRef<S, P, O>],
        turn: &mut Turn<'a, S, P, O>,
        inside: &InSend,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(future) = &mut turn.future else {
            return Poll::Ready(());
        };
        let (verdict, mut is_pending) = (&mut turn.verdict, false);
        let poll = || match future.as_mut().poll_verdict(cx) {
            Poll::Pending => is_pending = true,
            Poll::Ready(Ok(None)) => {}
            Poll::Ready(said) => *verdict = said,
        };
        if inside.0.is_none() {
            turn.verdict = Err(self.too_deep());
        } else if let Err(failure) = within(turn.call.as_ref(), || caught(poll)) {
            turn.verdict = Err(failure);
        } else if is_pending {
            return Poll::Pending;
        }
        self.end(slots, turn);
        Poll::Ready(())
    }

    /// Ends a turn, and tells observers what it came to.
    #[inline]
    fn end(&self, slots: &[SlotRef<S, P, O>], turn: &mut Turn<'a, S, P, O>) {
        turn.release();
        if let Some(trace) = self.trace() {
            let describe = self.shared.traits.describe;
            let call = turn.call.take();
            trace.answered(&turn.at.info(slots), call.as_ref(), &turn.verdict, describe);
        }
    }

    /// Drops a receiver of this walk that has not ended.
    pub(crate) fn abandon(
        &self,
        slots: &[SlotRef<S, P, O>],
        turn: &mut Turn<'a, S, P, O>,
    ) -> Option<ReceiverInfo> {
        let receiver = turn.is_running().then(|| turn.at.info(slots))?;
        // Until an observer has heard of it.
        let _inside = turn.abandon();
        if let Some(trace) = self.trace() {
            trace.abandoned(&receiver, turn.call.take().as_ref());
        }
        Some(receiver)
    }

    fn too_deep(&self) -> Failure {
        let Traits {
            name,
            recursion_limit,
            ..
        } = &self.shared.traits;
        Failure::too_deep(name.clone(), *recursion_limit)
    }
}

impl Watched {
    fn check<S: ?Sized, P: ?Sized, O>(&self, slot: &Slot<S, P, O>) -> Result<(), Skip> {
        if self.is_muted {
            return Err(Skip::Muted);
        }
        let is_blocked = |name: &str| self.blocked.iter().any(|it| it == name);
        if !self.blocked.is_empty() && is_blocked(slot.about().name()) {
            return Err(Skip::Blocked);
        }
        Ok(())
    }
}

impl At {
    fn info<S: ?Sized, P: ?Sized, O>(self, slots: &[SlotRef<S, P, O>]) -> ReceiverInfo {
        ReceiverInfo::new(slots[self.index].about(), self.position)
    }
}

impl<S: ?Sized, P: ?Sized, O> Turn<'_, S, P, O> {
    pub(crate) const fn is_running(&self) -> bool {
        self.future.is_some()
    }

    pub(crate) fn receiver(&self, slots: &[SlotRef<S, P, O>]) -> ReceiverInfo {
        self.at.info(slots)
    }

    /// Takes out what the receiver came to.
    pub(crate) fn answer(&mut self, slots: &[SlotRef<S, P, O>]) -> Answer<O> {
        let verdict = std::mem::replace(&mut self.verdict, Ok(None));
        Answer::new(self.at.info(slots), verdict)
    }

    /// Adds what the receiver came to.
    pub(crate) fn push_to(&mut self, outcomes: &mut Outcomes<O>, slots: &[SlotRef<S, P, O>]) {
        if matches!(self.verdict, Ok(None)) {
            outcomes.push_nothing();
        } else {
            outcomes.push(self.answer(slots));
        }
    }

    #[inline]
    fn release(&mut self) {
        if let Some(future) = self.future.take() {
            within(self.call.as_ref(), || drop_quietly(future));
        }
        if let Some(keep) = self.keep.0.take() {
            drop_quietly(keep);
        }
    }

    /// Drops the receiver in the middle of the signal, which the thread leaves with what is returned.
    fn abandon(&mut self) -> Option<Entered> {
        let inside = self.shared.core().exits().enter(Scope::Signal);
        self.release();
        inside
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Turn<'_, S, P, O> {
    fn drop(&mut self) {
        if self.is_running() {
            drop(self.abandon());
        }
    }
}
