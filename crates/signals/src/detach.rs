//! Receivers that run in the background, after the send has continued without them.

use std::borrow::{Borrow, Cow};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::answer::Verdict;
use crate::clock::Stopwatch;
use crate::conditions::Keep;
use crate::engine::{Entered, Launch, SlotRef, Start};
use crate::event::{Event, Said};
use crate::failure::{Quietly, caught, drop_quietly};
use crate::info::ReceiverInfo;
use crate::observe;
use crate::receive::Answering;
use crate::shared::Shared;
use crate::spans::CallSpan;
use crate::tasks::{Counted, Tasks};
use crate::test_scope::Inside;
use crate::unread;

/// A call of a receiver as a task of its own. [`detached_on`](crate::Receiver::detached_on) passes it to `spawn`.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a task in the background still has to report, and what it keeps alive.
pub(crate) struct Report {
    pub(crate) signal: Cow<'static, str>,
    pub(crate) receiver: ReceiverInfo,
    /// The span of the call if it is observed, and else that of the sender. The task runs in it too.
    pub(crate) span: CallSpan,
    /// While this lives the receiver counts as running, and its captures live.
    pub(crate) running: Box<dyn Held>,
    /// The test whose send it is a part of.
    pub(crate) test: Option<Inside>,
}

/// A call apart from its send. While this lives, the receiver's captures do.
pub(crate) struct Hold<S: ?Sized, P: ?Sized, O> {
    slot: Quietly<SlotRef<S, P, O>>,
    keep: Quietly<Keep>,
    _task: Counted,
}

/// A [`Hold`] on a receiver of any signal.
pub(crate) trait Held: Send + Sync {
    /// Notes that this thread is in the middle of the call.
    fn enter(&self) -> Option<Entered>;
}

impl<S: ?Sized, P: ?Sized, O> Hold<S, P, O> {
    pub(crate) fn new(slot: &SlotRef<S, P, O>, keep: Option<Keep>, tasks: &Arc<Tasks>) -> Self {
        Self {
            slot: Quietly(Some(slot.clone())),
            keep: Quietly(keep),
            _task: Counted::new(tasks),
        }
    }
}

impl<S: ?Sized, P: ?Sized, O> Held for Hold<S, P, O> {
    fn enter(&self) -> Option<Entered> {
        self.slot.get().enter_alone()
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Hold<S, P, O> {
    fn drop(&mut self) {
        let _inside = self.enter();
        drop_quietly(self.keep.0.take());
        // The captures may go here, and wait for the task.
        drop_quietly(self.slot.0.take());
    }
}

/// Has async receivers be called with clones of their arguments, in tasks that are spawned.
pub(crate) fn launch<S, P, O>(spawn: impl Fn(Task) + Send + Sync + 'static) -> Launch<S, P, O>
where
    S: ?Sized + Sync + ToOwned<Owned: Send + Sync> + 'static,
    P: ?Sized + Sync + ToOwned<Owned: Send + Sync> + 'static,
    O: 'static,
{
    Box::new(move |sender, payload, start: &Start<S, P, O>, report| {
        let mut lent = Lent {
            sender: Quietly(Some(sender.to_owned())),
            payload: Quietly(Some(payload.to_owned())),
            start: Quietly(Some(Arc::clone(start))),
            report,
        };
        spawn(Box::pin(async move {
            let began = Stopwatch::start();
            let (sender, payload) = (lent.sender.get().borrow(), lent.payload.get().borrow());
            let verdict = run(lent.start.get(), sender, payload, &lent.report).await;
            lent.release();
            lent.report.end(&began, verdict);
        }));
    })
}

/// What a task in the background calls its receiver with. To drop it is code of the user, a part of the task like the
/// call: it may wait for the receiver, or for the task.
struct Lent<S, P, O>
where
    S: ?Sized + ToOwned,
    P: ?Sized + ToOwned,
{
    // Each on its own: what panics in one is not to meet what panics in the other.
    sender: Quietly<S::Owned>,
    payload: Quietly<P::Owned>,
    start: Quietly<Start<S, P, O>>,
    /// Dropped last: it holds the receiver.
    report: Report,
}

impl<S: ?Sized + ToOwned, P: ?Sized + ToOwned, O> Lent<S, P, O> {
    fn release(&mut self) {
        self.report.within(|| {
            drop_quietly(self.sender.0.take());
            drop_quietly(self.payload.0.take());
            drop_quietly(self.start.0.take());
        });
    }
}

impl<S: ?Sized + ToOwned, P: ?Sized + ToOwned, O> Drop for Lent<S, P, O> {
    fn drop(&mut self) {
        self.release();
    }
}

/// Runs an async receiver to its end; a panic in it becomes a failure.
async fn run<S: ?Sized + Sync, P: ?Sized + Sync, O>(
    start: &Start<S, P, O>,
    sender: &S,
    payload: &P,
    report: &Report,
) -> Verdict<O> {
    let started = report.within(|| caught(|| start(sender, payload)));
    let mut driven = Driven {
        future: Some(started?),
        report,
    };
    poll_fn(|cx| driven.poll(cx)).await
}

/// The future of a receiver in the background. The task may be dropped half way.
struct Driven<'a, O> {
    future: Option<Answering<'a, O>>,
    report: &'a Report,
}

impl<O> Driven<'_, O> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<O>> {
        let Some(future) = &mut self.future else {
            return Poll::Ready(Ok(None));
        };
        let polled = self
            .report
            .within(|| caught(|| future.as_mut().poll_verdict(cx)));
        polled.unwrap_or_else(|failure| Poll::Ready(Err(failure)))
    }
}

impl<O> Drop for Driven<'_, O> {
    fn drop(&mut self) {
        let future = self.future.take();
        self.report.within(|| drop_quietly(future));
    }
}

impl Report {
    pub(crate) fn new<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static>(
        signal: &Shared<S, P, O>,
        slot: &SlotRef<S, P, O>,
        keep: Option<Keep>,
        receiver: ReceiverInfo,
        span: CallSpan,
    ) -> Self {
        Self {
            signal: signal.traits.name.clone(),
            receiver,
            span,
            // Of its own: a wait for the receiver waits for the task too.
            running: Box::new(Hold::new(slot, keep, &signal.tasks)),
            test: Inside::current(),
        }
    }

    fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        let _test = self.test.as_ref().map(Inside::enter);
        let _inside = self.running.enter();
        self.span.within(run)
    }

    fn end<O>(&self, began: &Stopwatch, verdict: Verdict<O>) {
        self.within(|| {
            self.tell(began, &verdict);
            drop_quietly(verdict);
        });
    }

    fn tell<O>(&self, began: &Stopwatch, verdict: &Verdict<O>) {
        if let Err(failure) = verdict {
            unread::tell(Some(&self.signal), &self.receiver, failure);
        }
        if observe::is_observed() {
            observe::publish(&Event::Ended {
                signal: &self.signal,
                receiver: &self.receiver,
                took: began.elapsed(),
                said: match verdict {
                    Ok(_) => Said::Nothing,
                    Err(failure) => Said::Failed(failure),
                },
            });
        }
    }
}
