//! Receivers that run on in the background, after the send has its answer.

use std::any::Any;
use std::borrow::{Borrow, Cow};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use crate::answer::Verdict;
use crate::engine::Unplugged;
use crate::failure::{caught, drop_quietly};
use crate::info::ReceiverInfo;
use crate::observe::{self, Event, Said};

/// A receiver's work as a task of its own, for [`detached_on`](crate::Receiver::detached_on) to spawn.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) type Launch<S, P> = Box<dyn Fn(&S, &P, Report) + Send + Sync>;

/// What a task in the background still has to tell, and what it keeps alive.
pub(crate) struct Report {
    pub(crate) signal: Cow<'static, str>,
    pub(crate) receiver: ReceiverInfo,
    /// While this lives the receiver counts as running, and its captures live.
    pub(crate) running: Box<dyn Any + Send>,
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
            let began = Instant::now();
            let verdict = run(&receiver, sender.borrow(), payload.borrow()).await;
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
) -> Verdict<O> {
    let Some(mut future) = caught(|| receiver.start(sender, payload))? else {
        return Ok(None);
    };
    let verdict = poll_fn(|cx| {
        caught(|| future.as_mut().poll(cx)).unwrap_or_else(|failure| Poll::Ready(Err(failure)))
    })
    .await;
    drop_quietly(future);
    verdict
}

impl Report {
    fn end<O>(self, began: Instant, verdict: &Verdict<O>) {
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
