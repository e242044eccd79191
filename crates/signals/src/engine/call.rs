//! The kinds of receivers, and how each is called.

use std::any::type_name;
use std::marker::PhantomData;
use std::mem::needs_drop;
use std::sync::Arc;

use super::slot::{Slot, SlotRef};
use crate::answer::IntoAnswer;
use crate::detach::Report;
use crate::failure::{Failure, drop_quietly};
use crate::info::TypeName;
use crate::receive::{Answering, AsyncCall};

/// How a receiver is called: two bits of a slot's state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// [`Call::call`]
    Plain = 0,
    /// [`Call::start`]
    Async = 4,
    /// [`Call::launch`]
    Detached = 8,
}

/// Takes in what a receiver answers. It hears only of what is not nothing, so that a silent receiver costs no more than
/// its call.
pub(crate) trait Say<O> {
    fn outcome(&mut self, outcome: O);

    fn failure(&mut self, failure: Failure);
}

/// A receiver's own code. Which of the methods does anything is said by its [`Kind`].
pub(crate) trait Call<S: ?Sized, P: ?Sized, O>: Send + Sync {
    fn kind(&self) -> Kind;

    fn type_name(&self) -> TypeName;

    /// Drops the captures. A panic in them is caught.
    fn release(&mut self);

    /// Runs it.
    fn call(&self, _sender: &S, _payload: &P, _say: &mut dyn Say<O>) {}

    /// Begins it, and returns what is to be polled to its end.
    fn start<'a>(&self, _sender: &'a S, _payload: &'a P) -> Answering<'a, O> {
        Box::pin(async { None })
    }

    /// Has it run in the background.
    fn launch(&self, _sender: &S, _payload: &P, _report: Report) {}
}

/// Begins an async receiver.
pub(crate) type Start<S, P, O> =
    Arc<dyn for<'a> Fn(&'a S, &'a P) -> Answering<'a, O> + Send + Sync>;

/// Has an async receiver run in the background.
pub(crate) type Launch<S, P, O> = Box<dyn Fn(&S, &P, &Start<S, P, O>, Report) + Send + Sync>;

/// A receiver that is in no list yet.
pub(crate) enum Unplugged<S: ?Sized, P: ?Sized, O> {
    Plain(SlotRef<S, P, O>),
    Async {
        start: Start<S, P, O>,
        launch: Option<Launch<S, P, O>>,
        name: TypeName,
    },
}

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Unplugged<S, P, O> {
    /// A plain function or closure.
    pub(crate) fn plain<F, R>(receiver: F) -> Self
    where
        F: Fn(&S, &P) -> R + Send + Sync + 'static,
        R: IntoAnswer<O> + 'static,
    {
        Self::Plain(if needs_drop::<F>() {
            Arc::new(Slot::new(Plain(Captured(Some(receiver)), PhantomData)))
        } else {
            Arc::new(Slot::new(Plain(Copied(receiver), PhantomData)))
        })
    }

    /// An async function, or a closure that returns a future.
    pub(crate) fn future<F>(receiver: F) -> Self
    where
        F: for<'a> AsyncCall<'a, S, P, O> + Send + Sync + 'static,
    {
        Self::Async {
            start: Arc::new(move |sender, payload| Box::pin(receiver(sender, payload))),
            launch: None,
            name: type_name::<F>,
        }
    }

    pub(crate) fn into_slot(self) -> SlotRef<S, P, O> {
        match self {
            Self::Plain(slot) => slot,
            Self::Async {
                start,
                launch,
                name,
            } => Arc::new(Slot::new(Async {
                code: Some((start, launch)),
                name,
            })),
        }
    }
}

impl<S: ?Sized, P: ?Sized, O> Unplugged<S, P, O> {
    pub(crate) fn type_name(&self) -> TypeName {
        match self {
            Self::Plain(slot) => slot.receiver().type_name(),
            Self::Async { name, .. } => *name,
        }
    }
}

/// A plain receiver, and how it is held.
struct Plain<H, R>(H, PhantomData<fn() -> R>);

trait Hold: Send + Sync {
    type Receiver;

    fn get(&self) -> Option<&Self::Receiver>;

    fn release(&mut self);
}

/// One with something to drop, which is taken out for that: where a panic in it is caught.
struct Captured<F>(Option<F>);

/// One with nothing to drop.
struct Copied<F>(F);

impl<F: Send + Sync> Hold for Captured<F> {
    type Receiver = F;

    #[inline(always)]
    fn get(&self) -> Option<&F> {
        self.0.as_ref()
    }

    fn release(&mut self) {
        drop_quietly(self.0.take());
    }
}

impl<F: Send + Sync> Hold for Copied<F> {
    type Receiver = F;

    #[inline(always)]
    fn get(&self) -> Option<&F> {
        Some(&self.0)
    }

    fn release(&mut self) {}
}

impl<S: ?Sized, P: ?Sized, O, H, R> Call<S, P, O> for Plain<H, R>
where
    H: Hold<Receiver: Fn(&S, &P) -> R>,
    R: IntoAnswer<O>,
{
    fn kind(&self) -> Kind {
        Kind::Plain
    }

    fn type_name(&self) -> TypeName {
        type_name::<H::Receiver>
    }

    fn release(&mut self) {
        self.0.release();
    }

    fn call(&self, sender: &S, payload: &P, say: &mut dyn Say<O>) {
        let Some(receiver) = self.0.get() else {
            return;
        };
        match receiver(sender, payload).into_answer() {
            // Every arm takes its value apart, so that nothing is left to drop on the common way.
            Ok(None) => {}
            Ok(Some(outcome)) => say.outcome(outcome),
            Err(failure) => say.failure(failure),
        }
    }
}

struct Async<S: ?Sized, P: ?Sized, O> {
    code: Option<Code<S, P, O>>,
    name: TypeName,
}

type Code<S, P, O> = (Start<S, P, O>, Option<Launch<S, P, O>>);

impl<S: ?Sized, P: ?Sized, O> Call<S, P, O> for Async<S, P, O> {
    fn kind(&self) -> Kind {
        match self.code {
            Some((_, Some(_))) => Kind::Detached,
            _ => Kind::Async,
        }
    }

    fn type_name(&self) -> TypeName {
        self.name
    }

    fn release(&mut self) {
        if let Some((start, launch)) = self.code.take() {
            drop_quietly(start);
            drop_quietly(launch);
        }
    }

    fn start<'a>(&self, sender: &'a S, payload: &'a P) -> Answering<'a, O> {
        match &self.code {
            Some((start, _)) => start(sender, payload),
            None => Box::pin(async { None }),
        }
    }

    fn launch(&self, sender: &S, payload: &P, report: Report) {
        if let Some((start, Some(launch))) = &self.code {
            launch(sender, payload, start, report);
        }
    }
}
