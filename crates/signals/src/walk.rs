//! One send's way through the list: which receivers are called, which are skipped, and the result of each.

use std::collections::HashSet;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::answer::{Answer, Verdict};
use crate::conditions::Skip;
use crate::detach::Report;
use crate::engine::{Core, Entered, Held, Kind, Running, Slot, SlotId, Snapshot, Waiting};
use crate::failure::{Failure, caught, drop_quietly};
use crate::info::ReceiverInfo;
use crate::observe::{Call, Trace, is_observed, within};
use crate::outcomes::Outcomes;
use crate::receive::Answering;
use crate::shared::{Shared, Traits};
use crate::spans::CallSpan;

/// A walk over the receivers that were connected when it was made.
pub(crate) struct Walk<'a, S: ?Sized, P: ?Sized, O> {
    shared: &'a Arc<Shared<S, P, O>>,
    snapshot: Snapshot<S, P, O>,
    /// The receivers that the sender concerns, if the snapshot has others too.
    concerned: Option<HashSet<SlotId>>,
    /// The index of the next receiver, and its position among those that the sender concerns.
    next: usize,
    position: usize,
    sender: &'a S,
    payload: &'a P,
    /// The signal was muted when the walk began.
    is_muted: bool,
    trace: Option<Trace>,
}

/// One receiver of a walk has been called.
pub(crate) enum Step<'a, S: ?Sized, P: ?Sized, O> {
    /// It is done.
    Answered(Answer<O>),
    /// It gave a future, which is to be polled to its end.
    Started(Started<'a, S, P, O>),
}

impl<'a, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Walk<'a, S, P, O> {
    pub(crate) fn new(shared: &'a Arc<Shared<S, P, O>>, sender: &'a S, payload: &'a P) -> Self {
        let core = shared.core();
        let mut snapshot = core.snapshot(sender);
        let mut concerned = None;
        // An observer is told about the receivers of other senders too.
        if is_observed() {
            let slots = snapshot.list.slots().iter();
            concerned = Some(slots.map(|slot| slot.id()).collect());
            snapshot = core.whole();
        }
        Self {
            shared,
            snapshot,
            concerned,
            next: 0,
            position: 0,
            sender,
            payload,
            is_muted: shared.core().is_muted(),
            trace: Trace::begin(&shared.traits.name),
        }
    }

    /// Goes on with a send whose receiver waits.
    pub(crate) fn resume(
        shared: &'a Arc<Shared<S, P, O>>,
        sender: &'a S,
        payload: &'a P,
        waiting: Waiting<'a, S, P, O>,
    ) -> (Self, Started<'a, S, P, O>, Outcomes<O>) {
        let Waiting {
            snapshot,
            next,
            future,
            running,
            outcomes,
        } = waiting;
        let started = Started {
            future: Some(future),
            receiver: ReceiverInfo::new(running.slot().about(), next - 1),
            call: None,
            running,
        };
        let walk = Self {
            shared,
            snapshot,
            concerned: None,
            next,
            position: next,
            sender,
            payload,
            is_muted: false,
            trace: None,
        };
        (walk, started, outcomes)
    }

    /// Calls the next receiver that is to be called; `None` at the end of the list.
    pub(crate) fn step(&mut self) -> Option<Step<'a, S, P, O>> {
        while let Some(slot) = self.snapshot.list.slots().get(self.next) {
            let receiver = ReceiverInfo::new(slot.about(), self.position);
            self.next += 1;
            let called = match &self.concerned {
                Some(concerned) if !concerned.contains(&slot.id()) => Err(Skip::OtherSender),
                _ => {
                    self.position += 1;
                    self.call(slot, receiver.clone())
                }
            };
            match called {
                Ok(step) => return Some(step),
                Err(skip) => {
                    if matches!(skip, Skip::OwnerGone) {
                        self.shared.disconnect_one(slot.id());
                    }
                    if let Some(trace) = &self.trace {
                        trace.skipped(&receiver, skip);
                    }
                }
            }
        }
        if let Some(trace) = &mut self.trace {
            trace.complete();
        }
        None
    }

    fn call(
        &self,
        slot: &Arc<Slot<S, P, O>>,
        receiver: ReceiverInfo,
    ) -> Result<Step<'a, S, P, O>, Skip> {
        if self.is_muted {
            return Err(Skip::Muted);
        }
        // Before what is to be dropped inside.
        let inside = self.enter();
        let mut running = Core::begin(&self.snapshot, slot)?;
        if inside.is_err() {
            return Ok(self.answered(receiver, None, Err(self.too_deep())));
        }
        let (sender, payload) = (self.sender, self.payload);
        match caught(|| running.admit(sender, payload)) {
            Ok(Err(skip)) => return Err(skip),
            Err(failure) => return Ok(self.answered(receiver, None, Err(failure))),
            // Before the call, so that a receiver connected `once` may send its own signal.
            Ok(Ok(true)) => {
                self.shared.disconnect_one(running.slot().id());
            }
            Ok(Ok(false)) => {}
        }
        let call = self.trace.as_ref().map(|trace| trace.called(&receiver));
        let code = slot.receiver();
        match code.kind() {
            Kind::Plain => {
                let verdict = within(call.as_ref(), || running.call(sender, payload));
                Ok(self.answered(receiver, call.as_ref(), verdict))
            }
            Kind::Detached => {
                // The task takes a hold of its own: a wait for the receiver waits for it too.
                let report = Report {
                    signal: self.shared.traits.name.clone(),
                    receiver: receiver.clone(),
                    span: call.as_ref().map_or_else(CallSpan::current, Call::span),
                    running: Box::new(running.again()),
                };
                let launch = || caught(|| code.launch(sender, payload, report));
                let launched = within(call.as_ref(), launch);
                Ok(self.answered(receiver, call.as_ref(), launched.map(|()| None)))
            }
            Kind::Async => {
                let start = || caught(|| code.start(sender, payload));
                Ok(match within(call.as_ref(), start) {
                    Ok(future) => Step::Started(Started {
                        future: Some(future),
                        receiver,
                        call,
                        running,
                    }),
                    Err(failure) => self.answered(receiver, call.as_ref(), Err(failure)),
                })
            }
        }
    }

    fn answered(
        &self,
        receiver: ReceiverInfo,
        call: Option<&Call>,
        verdict: Verdict<O>,
    ) -> Step<'a, S, P, O> {
        Step::Answered(self.answer(receiver, call, verdict))
    }
}

impl<'a, S: ?Sized, P: ?Sized, O> Walk<'a, S, P, O> {
    /// Polls a receiver that was started by this walk.
    pub(crate) fn poll(
        &self,
        started: &mut Started<'a, S, P, O>,
        cx: &mut Context<'_>,
    ) -> Poll<Answer<O>> {
        // Until an observer has heard of the answer.
        let inside = self.enter();
        let verdict = match &inside {
            Ok(_) => match started.poll(cx) {
                Poll::Ready(verdict) => verdict,
                Poll::Pending => return Poll::Pending,
            },
            Err(TooDeep) => Err(self.too_deep()),
        };
        started.end();
        Poll::Ready(self.answer(started.receiver.clone(), started.call.as_ref(), verdict))
    }

    /// Drops a receiver that was started by this walk and has not ended.
    pub(crate) fn abandon(&self, mut started: Started<'a, S, P, O>) -> ReceiverInfo {
        started.end();
        let (receiver, call) = (started.receiver.clone(), started.call.take());
        drop(started);
        if let Some(trace) = &self.trace {
            trace.abandoned(&receiver, call.as_ref());
        }
        receiver
    }

    /// Notes that this thread is in the middle of this send.
    fn enter(&self) -> Result<Entered, TooDeep> {
        let core = self.shared.core();
        core.enter_again(&self.snapshot).ok_or(TooDeep)
    }

    fn too_deep(&self) -> Failure {
        let Traits {
            name,
            recursion_limit,
            ..
        } = &self.shared.traits;
        Failure::too_deep(name.clone(), *recursion_limit)
    }

    fn answer(
        &self,
        receiver: ReceiverInfo,
        call: Option<&Call>,
        verdict: Verdict<O>,
    ) -> Answer<O> {
        if let Some(trace) = &self.trace {
            let describe = self.shared.traits.describe;
            trace.answered(&receiver, call, &verdict, describe);
        }
        Answer::new(receiver, verdict)
    }
}

/// The signal is being sent inside its own receivers too many times.
struct TooDeep;

/// An async receiver that has been called and has not ended.
pub(crate) struct Started<'a, S: ?Sized, P: ?Sized, O> {
    future: Option<Answering<'a, O>>,
    receiver: ReceiverInfo,
    call: Option<Call>,
    /// Keeps the captures.
    running: Running<S, P, O>,
}

impl<S: ?Sized, P: ?Sized, O> Started<'_, S, P, O> {
    pub(crate) const fn receiver(&self) -> &ReceiverInfo {
        &self.receiver
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<O>> {
        let future = self.future.as_mut().expect("not polled after its end");
        let poll = || caught(|| future.as_mut().poll(cx));
        let polled = within(self.call.as_ref(), poll);
        polled.unwrap_or_else(|failure| Poll::Ready(Err(failure)))
    }

    fn end(&mut self) {
        let future = self.future.take();
        let _inside = future.as_ref().and_then(|_| self.running.enter());
        within(self.call.as_ref(), || drop_quietly(future));
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Started<'_, S, P, O> {
    fn drop(&mut self) {
        self.end();
    }
}
