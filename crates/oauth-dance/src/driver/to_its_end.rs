//! Work that runs to its end, also if the browser that waits for it leaves.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs work in the task of the request as long as that waits, with the task-local values and the span that an
/// application has set there. If this is dropped before the end, a task of its own runs the rest.
pub(super) struct ToItsEnd(Option<Work>);

impl ToItsEnd {
    pub(super) fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl Future for ToItsEnd {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Taken out, so that work which panics is not begun again when this is dropped.
        let Some(mut work) = self.0.take() else {
            return Poll::Ready(());
        };
        let result = work.as_mut().poll(context);
        if result.is_pending() {
            self.0 = Some(work);
        }
        result
    }
}

impl Drop for ToItsEnd {
    fn drop(&mut self) {
        // Without a runtime the whole process is about to end.
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(in_this_span(work));
        }
    }
}

/// Runs work in the background, in the span of the request that began it.
pub(super) fn in_background(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(in_this_span(work));
}

#[cfg(feature = "tracing")]
fn in_this_span<F: Future>(work: F) -> tracing::instrument::Instrumented<F> {
    tracing::Instrument::in_current_span(work)
}

#[cfg(not(feature = "tracing"))]
fn in_this_span<F: Future>(work: F) -> F {
    work
}
