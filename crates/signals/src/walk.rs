//! One send's way through the list: who is called, who is skipped, and what came of each.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use crate::answer::{Answer, Verdict};
use crate::depth;
use crate::detach::Report;
use crate::failure::{Failure, caught, drop_quietly};
use crate::info::ReceiverInfo;
use crate::list::{List, Picks};
use crate::observe::{Trace, is_observed};
use crate::receive::{Answering, Call};
use crate::shared::Shared;
use crate::slot::{Running, Skip, Slot};

/// A walk over the receivers that were connected when it was made.
pub(crate) struct Walk<'a, S: ?Sized, P: ?Sized, O> {
    shared: &'a Shared<S, P, O>,
    list: Arc<List<S, P, O>>,
    picks: Picks,
    sender: &'a S,
    payload: &'a P,
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
    pub(crate) fn new(shared: &'a Shared<S, P, O>, sender: &'a S, payload: &'a P) -> Self {
        let list = shared.list();
        // An observer is told about the receivers of other senders too, so it gets the long way.
        let hash = if list.is_indexed() && !is_observed() {
            shared.hash(sender)
        } else {
            None
        };
        Self {
            shared,
            picks: list.picks(hash),
            list,
            sender,
            payload,
            trace: Trace::begin(&shared.traits.name),
        }
    }

    /// Calls the next receiver that is to be called; `None` at the end of the list.
    pub(crate) fn step(&mut self) -> Option<Step<'a, S, P, O>> {
        while let Some(position) = self.picks.next(&self.list) {
            let list = Arc::clone(&self.list);
            let slot = &list.slots[position];
            let receiver = ReceiverInfo::new(Arc::clone(&slot.meta), position);
            match self.call(slot, receiver.clone()) {
                Ok(step) => return Some(step),
                Err(skip) => {
                    if matches!(skip, Skip::OwnerGone) {
                        self.disconnect(slot);
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
        if self.shared.is_muted() {
            return Err(Skip::Muted);
        }
        let mut running = slot.begin()?;
        let limit = self.shared.traits.recursion_limit;
        let Some(_inside) = depth::enter(self.shared.address(), &slot.meta, limit) else {
            let failure = Failure::too_deep(self.shared.traits.name.clone(), limit);
            return Ok(self.answered(receiver, None, Err(failure)));
        };
        let (sender, payload) = (self.sender, self.payload);
        match caught(|| running.admit(sender, payload)) {
            Ok(admitted) => admitted?,
            Err(failure) => return Ok(self.answered(receiver, None, Err(failure))),
        }
        if running.is_spent() {
            // Before the call, so that a receiver connected `once` may send its own signal.
            self.disconnect(running.slot());
        }
        let began = self.trace.as_ref().map(|trace| {
            trace.called(&receiver);
            Instant::now()
        });
        match running.call() {
            Call::Plain(call) => {
                let verdict = caught(|| call(sender, payload)).unwrap_or_else(Err);
                Ok(self.answered(receiver, began, verdict))
            }
            Call::Detached(launch) => {
                // The task takes a hold of its own: a wait for the receiver waits for it too.
                let report = Report {
                    signal: self.shared.traits.name.clone(),
                    receiver: receiver.clone(),
                    running: Box::new(running.again()),
                };
                let launched = caught(|| launch(sender, payload, report));
                Ok(self.answered(receiver, began, launched.map(|()| None)))
            }
            Call::Async(start) => Ok(match caught(|| start(sender, payload)) {
                Ok(future) => Step::Started(Started {
                    future: Some(future),
                    receiver,
                    began,
                    running,
                }),
                Err(failure) => self.answered(receiver, began, Err(failure)),
            }),
        }
    }

    fn disconnect(&self, gone: &Arc<Slot<S, P, O>>) {
        self.shared.disconnect(|slot| Arc::ptr_eq(slot, gone));
    }

    fn answered(
        &self,
        receiver: ReceiverInfo,
        began: Option<Instant>,
        verdict: Verdict<O>,
    ) -> Step<'a, S, P, O> {
        Step::Answered(self.answer(receiver, began, verdict))
    }
}

impl<'a, S: ?Sized, P: ?Sized, O> Walk<'a, S, P, O> {
    /// Polls a receiver that was started by this walk.
    pub(crate) fn poll(
        &self,
        started: &mut Started<'a, S, P, O>,
        cx: &mut Context<'_>,
    ) -> Poll<Answer<O>> {
        let limit = self.shared.traits.recursion_limit;
        let meta = &started.running.slot().meta;
        let verdict = match depth::enter(self.shared.address(), meta, limit) {
            Some(_inside) => match started.poll(cx) {
                Poll::Ready(verdict) => verdict,
                Poll::Pending => return Poll::Pending,
            },
            None => Err(Failure::too_deep(self.shared.traits.name.clone(), limit)),
        };
        drop_quietly(started.future.take());
        Poll::Ready(self.answer(started.receiver.clone(), started.began, verdict))
    }

    /// Drops a receiver that was started by this walk and has not ended.
    pub(crate) fn abandon(&self, started: Started<'a, S, P, O>) -> ReceiverInfo {
        let receiver = started.receiver.clone();
        let began = started.began;
        drop(started);
        if let Some(trace) = &self.trace {
            trace.abandoned(
                &receiver,
                began.map_or_else(Default::default, |began| began.elapsed()),
            );
        }
        receiver
    }

    fn answer(
        &self,
        receiver: ReceiverInfo,
        began: Option<Instant>,
        verdict: Verdict<O>,
    ) -> Answer<O> {
        if let Some(trace) = &self.trace {
            let took = began.map_or_else(Default::default, |began| began.elapsed());
            trace.answered(&receiver, took, &verdict, self.shared.traits.describe);
        }
        Answer::new(receiver, verdict)
    }
}

/// An async receiver that has been called and has not ended.
pub(crate) struct Started<'a, S: ?Sized, P: ?Sized, O> {
    future: Option<Answering<'a, O>>,
    receiver: ReceiverInfo,
    began: Option<Instant>,
    running: Running<S, P, O>,
}

impl<S: ?Sized, P: ?Sized, O> Started<'_, S, P, O> {
    pub(crate) const fn receiver(&self) -> &ReceiverInfo {
        &self.receiver
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<O>> {
        let future = self.future.as_mut().expect("not polled after its end");
        caught(|| future.as_mut().poll(cx)).unwrap_or_else(|failure| Poll::Ready(Err(failure)))
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Started<'_, S, P, O> {
    fn drop(&mut self) {
        drop_quietly(self.future.take());
    }
}
