//! The first poll of a send with async receivers: most futures are ready at once, and need no hold on their list.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use super::call::Kind;
use super::core::{Admission, Core, Snapshot, admit, concerned};
use super::frames::Bound;
use super::list::ListRef;
use super::running::Running;
use super::sink::Sink;
use super::sync::Ordering;
use crate::conditions::Keep;
use crate::failure::{Failure, drop_quietly};
use crate::outcomes::Outcomes;
use crate::receive::Answering;
use crate::shared::Shared;

/// What came of the first poll of a send.
pub(crate) enum Polled<'a, S: ?Sized, P: ?Sized, O> {
    /// All receivers have run.
    Done(Outcomes<O>),
    /// One of them waits.
    Waiting(Box<Waiting<'a, S, P, O>>),
    /// None was called: the send has to go the long way.
    Refused,
}

/// A send whose receiver at `next - 1` waits.
pub(crate) struct Waiting<'a, S: ?Sized, P: ?Sized, O> {
    pub(crate) snapshot: Snapshot<S, P, O>,
    pub(crate) next: usize,
    pub(crate) future: Answering<'a, O>,
    pub(crate) running: Running<S, P, O>,
    pub(crate) outcomes: Outcomes<O>,
}

impl<S: ?Sized, P: ?Sized, O> Core<S, P, O> {
    /// Calls and polls receivers in order until one waits.
    pub(crate) fn poll_first<'a>(
        &self,
        shared: &Shared<S, P, O>,
        sender: &'a S,
        payload: &'a P,
        cx: &mut Context<'_>,
    ) -> Polled<'a, S, P, O> {
        match self.concerned.load(Ordering::Relaxed) {
            concerned::NOBODY => return Polled::Done(Outcomes::new()),
            concerned::EVERY_SENDER => {}
            _ => return Polled::Refused,
        }
        let target = self.unbound.read();
        let Some(list) = &*target else {
            return Polled::Done(Outcomes::new());
        };
        let reach = self.reach(list.version, Bound::Nobody);
        let inside = if list.has_detached {
            None
        } else {
            self.enter(reach)
        };
        let Some(inside) = inside else {
            return Polled::Refused;
        };
        let mut sink = Sink::new(list.slots());
        let mut call = Call {
            future: None,
            keep: None,
        };
        let mut walk = Poller {
            shared,
            sender,
            payload,
        };
        // As in a plain send, there is one landing place for all panics.
        let is_waiting = loop {
            let polled = catch_unwind(AssertUnwindSafe(|| {
                walk.poll(list, &mut sink, &mut call, cx)
            }));
            match polled {
                Ok(polled) => break polled.is_pending(),
                Err(panic) => {
                    sink.push(Err(Failure::panic(panic)));
                    call.end();
                }
            }
        };
        drop(inside);
        let (
            Call {
                future: Some(future),
                keep,
            },
            true,
        ) = (call, is_waiting)
        else {
            return Polled::Done(sink.finish());
        };
        let next = sink.called;
        // It is counted with its answer.
        sink.called -= 1;
        let outcomes = sink.finish();
        let running = Running::new(&list.slots()[next - 1], keep, reach);
        let list = target.hold().expect("it was there");
        Polled::Waiting(Box::new(Waiting {
            snapshot: Snapshot { list, reach },
            next,
            future,
            running,
            outcomes,
        }))
    }
}

/// The call that runs. It is kept apart from the code that may panic.
struct Call<'a, O> {
    future: Option<Answering<'a, O>>,
    keep: Option<Keep>,
}

impl<O> Call<'_, O> {
    fn end(&mut self) {
        drop_quietly(self.future.take());
        drop_quietly(self.keep.take());
    }
}

struct Poller<'p, 'a, S: ?Sized, P: ?Sized, O> {
    shared: &'p Shared<S, P, O>,
    sender: &'a S,
    payload: &'a P,
}

impl<'a, S: ?Sized, P: ?Sized, O> Poller<'_, 'a, S, P, O> {
    /// Goes on behind the receivers that have been called.
    fn poll<'s>(
        &mut self,
        list: &'s ListRef<S, P, O>,
        sink: &mut Sink<'s, S, P, O>,
        call: &mut Call<'a, O>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let (sender, payload) = (self.sender, self.payload);
        while let Some(slot) = list.slots().get(sink.called) {
            sink.called += 1;
            let state = slot.state();
            if state != 0 {
                match admit(self.shared, sender, payload, slot, state) {
                    Admission::Granted(keep) => call.keep = keep,
                    Admission::Refused => {
                        sink.skipped += 1;
                        continue;
                    }
                }
            }
            let receiver = slot.receiver();
            if receiver.kind() == Kind::Plain {
                receiver.call(sender, payload, sink);
            } else {
                let future = call.future.insert(receiver.start(sender, payload));
                match future.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(None)) => {}
                    Poll::Ready(verdict) => sink.push(verdict),
                }
            }
            if call.future.is_some() || call.keep.is_some() {
                call.end();
            }
        }
        Poll::Ready(())
    }
}
