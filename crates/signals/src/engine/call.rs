//! The code of receivers: plain and async functions, behind one interface.

use std::any::type_name;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::answer::{IntoAnswer, Verdict};
use crate::detach::Report;
use crate::failure::Quietly;
use crate::info::TypeName;
use crate::receive::{Answering, AsyncCall};

/// A receiver's own code.
pub(crate) trait Call<S: ?Sized, P: ?Sized, O>: Send + Sync {
    fn type_name(&self) -> TypeName;

    /// Returns the code as that of an async receiver, if it is one.
    fn as_async(&mut self) -> Option<&mut Async<S, P, O>> {
        None
    }

    fn is_plain(&self) -> bool {
        true
    }

    /// Runs a plain receiver, and returns whether it says anything. That takes the place of `Ok(None)`.
    fn call(&self, _sender: &S, _payload: &P, _verdict: &mut Verdict<O>) -> bool {
        false
    }

    /// Runs a receiver of any kind, and returns what is to be polled to its end.
    fn start<'a>(
        &self,
        sender: &'a S,
        payload: &'a P,
        verdict: &mut Verdict<O>,
        _report: &dyn Fn() -> Report,
    ) -> Option<Answering<'a, O>> {
        self.call(sender, payload, verdict);
        None
    }
}

/// The code of a receiver. To drop it is code of the user, too.
pub(crate) type Code<S, P, O> = Quietly<Box<dyn Call<S, P, O>>>;

/// Begins an async receiver.
pub(crate) type Start<S, P, O> =
    Arc<dyn for<'a> Fn(&'a S, &'a P) -> Answering<'a, O> + Send + Sync>;

/// Has an async receiver run in the background.
pub(crate) type Launch<S, P, O> = Box<dyn Fn(&S, &P, &Start<S, P, O>, Report) + Send + Sync>;

struct Plain<F, R>(F, PhantomData<fn() -> R>);

pub(crate) struct Async<S: ?Sized, P: ?Sized, O> {
    // Dropped quietly one by one: both may have captures.
    pub(crate) start: Quietly<Start<S, P, O>>,
    /// If it runs in the background.
    pub(crate) launch: Quietly<Launch<S, P, O>>,
    name: TypeName,
}

/// Returns the code of a plain function or closure.
pub(crate) fn plain<S, P, O, F, R>(receiver: F) -> Code<S, P, O>
where
    S: ?Sized,
    P: ?Sized,
    F: Fn(&S, &P) -> R + Send + Sync + 'static,
    R: IntoAnswer<O> + 'static,
{
    Quietly(Some(Box::new(Plain(receiver, PhantomData))))
}

/// Returns the code of an async function, or of a closure that returns a future.
pub(crate) fn future<S, P, O, F>(receiver: F) -> Code<S, P, O>
where
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
    F: for<'a> AsyncCall<'a, S, P, O> + Send + Sync + 'static,
{
    let start: Start<S, P, O> =
        Arc::new(move |sender, payload| Box::pin(receiver(sender, payload)));
    Quietly(Some(Box::new(Async {
        start: Quietly(Some(start)),
        launch: Quietly(None),
        name: type_name::<F>,
    })))
}

impl<S: ?Sized, P: ?Sized, O, F, R> Call<S, P, O> for Plain<F, R>
where
    F: Fn(&S, &P) -> R + Send + Sync,
    R: IntoAnswer<O>,
{
    fn type_name(&self) -> TypeName {
        type_name::<F>
    }

    fn call(&self, sender: &S, payload: &P, verdict: &mut Verdict<O>) -> bool {
        // Every arm takes its value apart, so that nothing is left to drop on the common way.
        let said = match self.0(sender, payload).into_answer() {
            Ok(None) => return false,
            Ok(Some(outcome)) => Ok(Some(outcome)),
            Err(failure) => Err(failure),
        };
        // Nor is what was there: it was nothing.
        std::mem::forget(std::mem::replace(verdict, said));
        true
    }
}

impl<S: ?Sized, P: ?Sized, O> Call<S, P, O> for Async<S, P, O> {
    fn type_name(&self) -> TypeName {
        self.name
    }

    fn as_async(&mut self) -> Option<&mut Self> {
        Some(self)
    }

    fn is_plain(&self) -> bool {
        false
    }

    fn start<'a>(
        &self,
        sender: &'a S,
        payload: &'a P,
        _verdict: &mut Verdict<O>,
        report: &dyn Fn() -> Report,
    ) -> Option<Answering<'a, O>> {
        match &self.launch.0 {
            None => return Some(self.start.get()(sender, payload)),
            Some(launch) => launch(sender, payload, self.start.get(), report()),
        }
        None
    }
}
