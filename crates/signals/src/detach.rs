//! Receivers that run in the background, after the send has continued without them.

use std::borrow::{Borrow, Cow};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::answer::Verdict;
use crate::clock::Stopwatch;
use crate::engine::{Held, Unplugged};
use crate::event::{Event, Said};
use crate::failure::{caught, drop_quietly};
use crate::info::ReceiverInfo;
use crate::observe;
use crate::receive::Answering;
use crate::spans::{self, CallSpan};

/// A call of a receiver as a task of its own. [`detached_on`](crate::Receiver::detached_on) passes it to `spawn`.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) type Launch<S, P> = Box<dyn Fn(&S, &P, Report) + Send + Sync>;

/// What a task in the background still has to report, and what it keeps alive.
pub(crate) struct Report {
    pub(crate) signal: Cow<'static, str>,
    pub(crate) receiver: ReceiverInfo,
    /// The span of the call if it is observed, and else that of the sender. The task runs in it too.
    pub(crate) span: CallSpan,
    /// While this lives the receiver counts as running, and its captures live.
    pub(crate) running: Box<dyn Held>,
}

/// Turns an async receiver into one that clones its arguments and is spawned.
pub(crate) fn launch<S, P, O>(
    receiver: Unplugged<S, P, O>,
    spawn: impl Fn(Task) + Send + Sync + 'static,
) -> Launch<S, P>
where
    S: ?Sized + Sync + ToOwned<Owned: Send + Sync> + 'static,
    P: ?Sized + Sync + ToOwned<Owned: Send + Sync> + 'static,
    O: 'static,
{
    let receiver = Arc::new(receiver);
    Box::new(move |sender, payload, report| {
        let (sender, payload) = (sender.to_owned(), payload.to_owned());
        let receiver = Arc::clone(&receiver);
        spawn(Box::pin(async move {
            let began = Stopwatch::start();
            let verdict = run(&receiver, sender.borrow(), payload.borrow(), &report).await;
            // Before the report, which is the last to hold the receiver.
            drop_quietly(receiver);
            report.end(began, &verdict);
            drop_quietly(verdict);
        }));
    })
}

/// Runs an async receiver to its end; a panic in it becomes a failure.
async fn run<S: ?Sized + Sync, P: ?Sized + Sync, O>(
    receiver: &Unplugged<S, P, O>,
    sender: &S,
    payload: &P,
    report: &Report,
) -> Verdict<O> {
    let started = report.within(|| caught(|| receiver.slot().receiver().start(sender, payload)));
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
        let polled = self.report.within(|| caught(|| future.as_mut().poll(cx)));
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
    fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        let _inside = self.running.enter();
        self.span.within(run)
    }

    fn end<O>(self, began: Stopwatch, verdict: &Verdict<O>) {
        if let Err(failure) = verdict {
            spans::unheard(&self.signal, &self.receiver, failure);
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
        drop_quietly(self.running);
    }
}
