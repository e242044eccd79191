//! One send's way through its receivers, step by step: which are called, which are skipped, and what came of each.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::answer::{Answer, Verdict};
use crate::conditions::{Keep, Skip};
use crate::detach::{Hold, Report};
use crate::engine::{Entered, Kind, Scope, SlotId, SlotRef, Target};
use crate::failure::{Failure, Quietly, caught, drop_quietly};
use crate::info::ReceiverInfo;
use crate::observe::{Call, Trace, is_observed, within};
use crate::receive::Answering;
use crate::shared::{Shared, Traits};
use crate::spans::CallSpan;
use crate::test_scope::Inside;

/// How far a send is. The receivers are passed to each step: a send that does not wait only borrows them.
pub(crate) struct Walk<'a, S: ?Sized, P: ?Sized, O> {
    shared: Whose<'a, S, P, O>,
    sender: &'a S,
    payload: &'a P,
    /// The names of receivers that a test skips.
    blocked: Vec<String>,
    /// The receivers that the sender concerns, if the walk passes others too.
    concerned: Option<HashSet<SlotId>>,
    next: At,
    /// The signal was muted when the walk began.
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

/// A receiver of a walk has been called.
pub(crate) enum Step<'a, S: ?Sized, P: ?Sized, O> {
    /// It is done.
    Answered(At, Verdict<O>),
    /// It gave a future, which is to be polled to its end.
    Started(Started<'a, S, P, O>),
}

/// An async receiver that has been called and has not ended.
pub(crate) struct Started<'a, S: ?Sized, P: ?Sized, O> {
    at: At,
    future: Option<Answering<'a, O>>,
    keep: Quietly<Keep>,
    call: Option<Call>,
    shared: Whose<'a, S, P, O>,
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

impl At {
    pub(crate) fn info<S: ?Sized, P: ?Sized, O>(self, slots: &[SlotRef<S, P, O>]) -> ReceiverInfo {
        ReceiverInfo::new(slots[self.index].about(), self.position)
    }

    pub(crate) fn answer<S: ?Sized, P: ?Sized, O>(
        self,
        slots: &[SlotRef<S, P, O>],
        verdict: Verdict<O>,
    ) -> Answer<O> {
        Answer::new(self.info(slots), verdict)
    }
}

impl<'a, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Walk<'a, S, P, O> {
    pub(crate) fn new(shared: &'a Arc<Shared<S, P, O>>, sender: &'a S, payload: &'a P) -> Self {
        let (twin, blocked) =
            Inside::current().map_or_else(Default::default, |test| test.look(shared));
        let shared = twin.map_or(Whose::Own(shared), Whose::Tests);
        Self {
            sender,
            payload,
            blocked,
            concerned: None,
            next: At::default(),
            is_muted: shared.core().is_muted(),
            trace: Trace::begin(&shared.traits.name),
            shared,
        }
    }

    /// Returns the receivers that the walk is to pass.
    pub(crate) fn find(&mut self) -> Target<S, P, O> {
        let core = self.shared.core();
        if !is_observed() {
            return core.find(self.sender);
        }
        // An observer is told about those that are muted, or of other senders.
        let concerned = core.snapshot(self.sender);
        let slots = concerned.iter().flat_map(|list| list.slots());
        self.concerned = Some(slots.map(|slot| slot.id()).collect());
        core.whole()
    }

    /// Calls the next receiver that is to be called; `None` at the end of the list.
    pub(crate) fn step(
        &mut self,
        slots: &[SlotRef<S, P, O>],
        inside: &InSend,
    ) -> Option<Step<'a, S, P, O>> {
        while let Some(slot) = slots.get(self.next.index) {
            let at = self.next;
            self.next.index += 1;
            match self.call(slot, at, inside) {
                Ok(step) => return Some(step),
                Err(skip) => {
                    if let Some(trace) = &self.trace {
                        trace.skipped(&at.info(slots), skip);
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
        &mut self,
        slot: &SlotRef<S, P, O>,
        at: At,
        inside: &InSend,
    ) -> Result<Step<'a, S, P, O>, Skip> {
        let concerned = self.concerned.as_ref();
        if concerned.is_some_and(|concerned| !concerned.contains(&slot.id())) {
            return Err(Skip::OtherSender);
        }
        self.next.position += 1;
        if self.is_muted {
            return Err(Skip::Muted);
        }
        if !self.blocked.is_empty() && self.blocked.iter().any(|it| it == slot.about().name()) {
            return Err(Skip::Blocked);
        }
        slot.check()?;
        let (sender, payload, code) = (self.sender, self.payload, slot.receiver());
        let receiver = || ReceiverInfo::new(slot.about(), at.position);
        let answered = |call: Option<&Call>, verdict| {
            self.heard(receiver, call, &verdict);
            Ok(Step::Answered(at, verdict))
        };
        if inside.is_too_deep() {
            return answered(None, Err(self.too_deep()));
        }
        let keep = match caught(|| slot.admit(&self.shared, sender, payload)) {
            Ok(admitted) => Quietly(admitted?),
            Err(failure) => return answered(None, Err(failure)),
        };
        let observed = self.trace.as_ref().map(|trace| trace.called(&receiver()));
        let call = observed.as_ref();
        match code.kind() {
            Kind::Plain => {
                let mut verdict = Ok(None);
                let run = || code.call(sender, payload, &mut |said| verdict = said);
                let ran = within(call, || caught(run));
                answered(call, ran.and(verdict))
            }
            Kind::Detached => {
                let report = Report {
                    signal: self.shared.traits.name.clone(),
                    receiver: receiver(),
                    span: call.map_or_else(CallSpan::current, Call::span),
                    // Of its own: a wait for the receiver waits for the task too.
                    running: Box::new(Hold::new(slot, keep.0.clone(), &self.shared.tasks)),
                    test: Inside::current(),
                };
                let launched = within(call, || caught(|| code.launch(sender, payload, report)));
                answered(call, launched.map(|()| None))
            }
            Kind::Async => match within(call, || caught(|| code.start(sender, payload))) {
                Ok(future) => Ok(Step::Started(Started {
                    at,
                    future: Some(future),
                    keep,
                    call: observed,
                    shared: self.shared.clone(),
                })),
                Err(failure) => answered(call, Err(failure)),
            },
        }
    }

    /// Polls the receiver that runs, or else goes on to the next, until one has answered.
    pub(crate) fn advance(
        &mut self,
        slots: &[SlotRef<S, P, O>],
        running: &mut Option<Started<'a, S, P, O>>,
        inside: &InSend,
        cx: &mut Context<'_>,
    ) -> Poll<Option<(At, Verdict<O>)>> {
        let started = match running {
            Some(started) => started,
            None => match self.step(slots, inside) {
                None => return Poll::Ready(None),
                Some(Step::Answered(at, verdict)) => return Poll::Ready(Some((at, verdict))),
                Some(Step::Started(started)) => running.insert(started),
            },
        };
        let answered = ready!(self.poll(slots, started, inside, cx));
        *running = None;
        Poll::Ready(Some(answered))
    }
}

impl<'a, S: ?Sized, P: ?Sized, O> Walk<'a, S, P, O> {
    /// Notes that this thread is in the middle of the send.
    pub(crate) fn enter(&self) -> InSend {
        InSend(self.shared.core().enter())
    }

    /// Polls a receiver that was started by this walk.
    pub(crate) fn poll(
        &self,
        slots: &[SlotRef<S, P, O>],
        started: &mut Started<'a, S, P, O>,
        inside: &InSend,
        cx: &mut Context<'_>,
    ) -> Poll<(At, Verdict<O>)> {
        let verdict = if inside.is_too_deep() {
            Err(self.too_deep())
        } else {
            ready!(started.poll(cx))
        };
        started.end();
        let receiver = || started.at.info(slots);
        self.heard(receiver, started.call.as_ref(), &verdict);
        Poll::Ready((started.at, verdict))
    }

    /// Drops a receiver that was started by this walk and has not ended.
    pub(crate) fn abandon(
        &self,
        slots: &[SlotRef<S, P, O>],
        mut started: Started<'a, S, P, O>,
    ) -> ReceiverInfo {
        let receiver = started.at.info(slots);
        {
            let _inside = started.enter();
            started.end();
        }
        if let Some(trace) = &self.trace {
            trace.abandoned(&receiver, started.call.as_ref());
        }
        receiver
    }

    /// Tells observers what a receiver came to.
    fn heard(
        &self,
        receiver: impl FnOnce() -> ReceiverInfo,
        call: Option<&Call>,
        verdict: &Verdict<O>,
    ) {
        if let Some(trace) = &self.trace {
            trace.answered(&receiver(), call, verdict, self.shared.traits.describe);
        }
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

/// This thread is in the middle of a send; or the signal is being sent inside its own receivers too many times, and
/// none is called.
pub(crate) struct InSend(Option<Entered>);

impl InSend {
    const fn is_too_deep(&self) -> bool {
        self.0.is_none()
    }
}

impl<S: ?Sized, P: ?Sized, O> Started<'_, S, P, O> {
    pub(crate) const fn at(&self) -> At {
        self.at
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<O>> {
        let future = self.future.as_mut().expect("not polled after its end");
        let poll = || caught(|| future.as_mut().poll(cx));
        let polled = within(self.call.as_ref(), poll);
        polled.unwrap_or_else(|failure| Poll::Ready(Err(failure)))
    }

    fn enter(&self) -> Option<Entered> {
        self.shared.core().exits().enter(Scope::Signal)
    }

    fn end(&mut self) {
        let future = self.future.take();
        within(self.call.as_ref(), || drop_quietly(future));
        drop_quietly(self.keep.0.take());
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Started<'_, S, P, O> {
    fn drop(&mut self) {
        if self.future.is_some() {
            let _inside = self.enter();
            self.end();
        }
    }
}
