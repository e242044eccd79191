//! One send's way through the list: which receivers are called, which are skipped, and the result of each.

use std::sync::Arc;
use std::task::{Context, Poll};

use crate::answer::{Answer, Verdict};
use crate::conditions::Skip;
use crate::detach::Report;
use crate::engine::{Entered, Invoke, Picks, Pinned, Running};
use crate::failure::{Failure, caught, drop_quietly};
use crate::info::ReceiverInfo;
use crate::observe::{Call, Trace, is_observed, within};
use crate::receive::Answering;
use crate::shared::{Shared, Traits, info};
use crate::spans::CallSpan;

/// A walk over the receivers that were connected when it was made.
pub(crate) struct Walk<'a, S: ?Sized, P: ?Sized, O> {
    shared: &'a Arc<Shared<S, P, O>>,
    list: Pinned<'a, S, P, O>,
    picks: Picks,
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
        let list = shared.core().pin();
        let picks = list.picks(sender);
        // An observer is told about the receivers of other senders too, so it gets the long way.
        let picks = if is_observed() { Picks::ALL } else { picks };
        Self {
            shared,
            list,
            picks,
            sender,
            payload,
            is_muted: shared.core().is_muted(),
            trace: Trace::begin(&shared.traits.name),
        }
    }

    /// Calls the next receiver that is to be called; `None` at the end of the list.
    pub(crate) fn step(&mut self) -> Option<Step<'a, S, P, O>> {
        while let Some(position) = self.list.next(&mut self.picks) {
            let receiver = info(&self.list, position);
            match self.call(position, receiver.clone()) {
                Ok(step) => return Some(step),
                Err(skip) => {
                    if matches!(skip, Skip::OwnerGone) {
                        self.shared.disconnect_one(self.list.slot(position).id());
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

    fn call(&self, position: usize, receiver: ReceiverInfo) -> Result<Step<'a, S, P, O>, Skip> {
        if self.is_muted {
            return Err(Skip::Muted);
        }
        let mut running = Running::begin(self.shared, &self.list, position)?;
        let Ok(_inside) = self.enter(&running) else {
            return Ok(self.answered(receiver, None, Err(self.too_deep())));
        };
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
        match running.invoke() {
            Invoke::Plain(plain) => {
                let verdict = within(call.as_ref(), || plain.call(sender, payload));
                Ok(self.answered(receiver, call.as_ref(), verdict))
            }
            Invoke::Detached(detached) => {
                // The task takes a hold of its own: a wait for the receiver waits for it too.
                let report = Report {
                    signal: self.shared.traits.name.clone(),
                    receiver: receiver.clone(),
                    span: call.as_ref().map_or_else(CallSpan::current, Call::span),
                    running: Box::new(running.again()),
                };
                let launch = || caught(|| detached.launch(sender, payload, report));
                let launched = within(call.as_ref(), launch);
                Ok(self.answered(receiver, call.as_ref(), launched.map(|()| None)))
            }
            Invoke::Async(future) => {
                let start = || caught(|| future.start(sender, payload));
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
        let verdict = match self.enter(&started.running) {
            Ok(_inside) => match started.poll(cx) {
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

    /// Notes that this thread is in the middle of that receiver.
    fn enter(&self, running: &Running<S, P, O>) -> Result<Entered, TooDeep> {
        let entered = self.shared.core().enter().ok_or(TooDeep)?;
        entered.call(running.slot());
        Ok(entered)
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
        within(self.call.as_ref(), || drop_quietly(future));
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Started<'_, S, P, O> {
    fn drop(&mut self) {
        self.end();
    }
}
