//! One send's way through its receivers, step by step: which are called, which are skipped, and what came of each.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::answer::{Answer, Verdict};
use crate::conditions::{Keep, Skip};
use crate::detach::Report;
use crate::engine::{Entered, List, Scope, SlotRef, Slots, Target};
use crate::failure::{Quietly, caught, drop_quietly};
use crate::info::ReceiverInfo;
use crate::observe::{Call, Trace, is_watched, within};
use crate::outcomes::Outcomes;
use crate::receive::Answering;
use crate::shared::Shared;
use crate::test_scope::{Inside, Seen};

/// How far a send is. The receivers are passed to each step: a send that does not wait only borrows them.
pub(crate) struct Walk<'a, S: ?Sized, P: ?Sized, O> {
    signal: &'a Arc<Shared<S, P, O>>,
    sender: &'a S,
    payload: &'a P,
    /// The position of the next receiver.
    next: usize,
    /// Boxed, for most sends are not watched: a walk is moved.
    watched: Option<Box<Watched<S, P, O>>>,
}

/// What observers and tests ask of a send.
struct Watched<S: ?Sized, P: ?Sized, O> {
    test: Seen<S, P, O>,
    trace: Option<Trace>,
}

/// The turn of one receiver, and of the next after it: in one place, for what receivers say may be large.
pub(crate) struct Turn<'a, O> {
    position: usize,
    /// What it came to, unless it runs.
    verdict: Verdict<O>,
    /// An async receiver that has been called and has not ended.
    future: Quietly<Answering<'a, O>>,
    keep: Quietly<Keep>,
    call: Option<Call>,
}

/// The receivers of a send, which this thread is in the middle of.
pub(crate) struct InSend<'s, S: ?Sized, P: ?Sized, O> {
    slots: Slots<'s, S, P, O>,
    /// `None` if the signal is being sent inside its own receivers too many times, so that none is called.
    entered: Option<Entered>,
}

impl<'a, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Walk<'a, S, P, O> {
    pub(crate) fn new(signal: &'a Arc<Shared<S, P, O>>, sender: &'a S, payload: &'a P) -> Self {
        Self {
            signal,
            sender,
            payload,
            next: 0,
            watched: is_watched().then(|| Watched::new(signal, sender, payload)),
        }
    }

    /// Returns the receivers that the walk is to pass.
    pub(crate) fn find(&self) -> Target<S, P, O> {
        let shared = self.shared();
        if let Some(trace) = self.trace() {
            return Target::Own(shared.tell_passed_over(self.sender, trace));
        }
        let found = shared.core().find(self.sender);
        found.unwrap_or_else(|| Target::Own(List::default()))
    }

    /// Calls the next receiver that is to be called; `false` at the end of the list.
    #[inline]
    pub(crate) fn step(&mut self, at: &InSend<'_, S, P, O>, turn: &mut Turn<'a, O>) -> bool {
        while let Some(slot) = at.slots.get(self.next) {
            turn.position = self.next;
            self.next += 1;
            let Err(skip) = self.call(slot, turn, at.entered.is_none()) else {
                if !turn.is_running() {
                    self.end(at.slots, turn);
                }
                return true;
            };
            if let Some(trace) = self.trace() {
                trace.skipped(&turn.receiver(at.slots), skip);
            }
        }
        if let Some(trace) = self.watched.as_mut().and_then(|it| it.trace.as_mut()) {
            trace.complete();
        }
        false
    }

    #[inline]
    fn call(
        &self,
        slot: &SlotRef<S, P, O>,
        turn: &mut Turn<'a, O>,
        is_too_deep: bool,
    ) -> Result<(), Skip> {
        let (shared, sender, payload) = (self.shared(), self.sender, self.payload);
        if let Some(watched) = &self.watched {
            watched.test.check(slot)?;
        }
        let call = || {
            if !slot.is_open() {
                turn.keep.0 = slot.admit(shared, sender, payload)?;
            }
            let info = || slot.info(turn.position);
            turn.call = self.trace().map(|trace| trace.called(&info()));
            let span = || Call::span(turn.call.as_ref());
            let report = || Report::new(shared, slot, turn.keep.0.clone(), info(), span());
            let verdict = &mut turn.verdict;
            let start = || slot.code().start(sender, payload, verdict, &report);
            turn.future.0 = within(turn.call.as_ref(), start);
            Ok(())
        };
        let called = match is_too_deep {
            true => slot.check().map(|()| Err(shared.traits.too_deep()))?,
            false => caught(call),
        };
        called.unwrap_or_else(|failure| {
            turn.verdict = Err(failure);
            Ok(())
        })
    }

    /// Polls the receiver that runs, or else goes on to the next, until one has ended; `false` at the end of the list.
    #[inline]
    pub(crate) fn advance(
        &mut self,
        at: &InSend<'_, S, P, O>,
        turn: &mut Turn<'a, O>,
        cx: &mut Context<'_>,
    ) -> Poll<bool> {
        if !turn.is_running() && !self.step(at, turn) {
            return Poll::Ready(false);
        }
        ready!(self.poll(at, turn, cx));
        Poll::Ready(true)
    }
}

impl<S: ?Sized, P: ?Sized, O> Walk<'_, S, P, O> {
    /// Returns the signal that is sent, or what a test sends instead.
    fn shared(&self) -> &Arc<Shared<S, P, O>> {
        let twin = self.watched.as_ref().and_then(|it| it.test.twin.as_ref());
        twin.unwrap_or(self.signal)
    }

    fn trace(&self) -> Option<&Trace> {
        self.watched.as_ref()?.trace.as_ref()
    }

    /// Notes that this thread is in the middle of the send.
    pub(crate) fn enter<'s>(&self, slots: Slots<'s, S, P, O>) -> InSend<'s, S, P, O> {
        let entered = self.shared().core().enter();
        InSend { slots, entered }
    }

    /// Polls a receiver of this walk, if it runs.
    #[inline]
    pub(crate) fn poll(
        &self,
        at: &InSend<'_, S, P, O>,
        turn: &mut Turn<'_, O>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(future) = &mut turn.future.0 else {
            return Poll::Ready(());
        };
        let mut poll = || caught(|| future.as_mut().poll_verdict(cx));
        let poll = || poll().unwrap_or_else(|failure| Poll::Ready(Err(failure)));
        turn.verdict = match at.entered {
            None => Err(self.shared().traits.too_deep()),
            Some(_) => ready!(within(turn.call.as_ref(), poll)),
        };
        self.end(at.slots, turn);
        Poll::Ready(())
    }

    /// Ends a turn, and tells observers what it came to.
    #[inline]
    fn end(&self, slots: Slots<'_, S, P, O>, turn: &mut Turn<'_, O>) {
        turn.release();
        if let Some(trace) = self.trace() {
            let describe = self.shared().traits.describe;
            let call = turn.call.take();
            let receiver = turn.receiver(slots);
            trace.answered(&receiver, call.as_ref(), &turn.verdict, describe);
        }
    }

    /// Drops a receiver of this walk that has not ended.
    pub(crate) fn abandon(
        &self,
        slots: Slots<'_, S, P, O>,
        turn: &mut Turn<'_, O>,
    ) -> Option<ReceiverInfo> {
        let receiver = turn.is_running().then(|| turn.receiver(slots))?;
        // Until an observer has heard of it.
        let _inside = self.shared().core().exits.enter(Scope::SIGNAL);
        turn.release();
        if let Some(trace) = self.trace() {
            trace.abandoned(&receiver, turn.call.take().as_ref());
        }
        Some(receiver)
    }
}

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Watched<S, P, O> {
    #[cold]
    fn new(signal: &Arc<Shared<S, P, O>>, sender: &S, payload: &P) -> Box<Self> {
        let test = Inside::current().map_or_else(Seen::nothing, |test| test.look(signal));
        let trace = Trace::begin(&signal.traits.name, sender, payload);
        Box::new(Self { test, trace })
    }
}

impl<O> Turn<'_, O> {
    /// Returns the turn of nothing yet.
    pub(crate) const fn new() -> Self {
        Self {
            position: 0,
            verdict: Ok(None),
            future: Quietly(None),
            keep: Quietly(None),
            call: None,
        }
    }

    pub(crate) const fn is_running(&self) -> bool {
        self.future.0.is_some()
    }

    pub(crate) fn receiver<S: ?Sized, P: ?Sized>(&self, slots: Slots<'_, S, P, O>) -> ReceiverInfo {
        slots[self.position].info(self.position)
    }

    /// Takes out what the receiver came to.
    pub(crate) fn answer<S: ?Sized, P: ?Sized>(&mut self, slots: Slots<'_, S, P, O>) -> Answer<O> {
        let verdict = std::mem::replace(&mut self.verdict, Ok(None));
        Answer::new(self.receiver(slots), verdict)
    }

    /// Adds what the receiver came to.
    pub(crate) fn add_to<S: ?Sized, P: ?Sized>(
        &mut self,
        outcomes: &mut Outcomes<O>,
        slots: Slots<'_, S, P, O>,
    ) {
        let position = self.position;
        outcomes.count(1);
        outcomes.add(&mut self.verdict, || slots[position].info(position));
    }

    #[inline]
    fn release(&mut self) {
        if let Some(future) = self.future.0.take() {
            within(self.call.as_ref(), || drop_quietly(future));
        }
        self.keep = Quietly(None);
    }
}
