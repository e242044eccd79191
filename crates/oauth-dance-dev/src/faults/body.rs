//! The body of an answer on a socket: whole, endless, or byte by byte.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Interval, interval_at};

/// One piece of an endless body.
static ENDLESS_PIECE: [u8; 16 * 1024] = [b'a'; 16 * 1024];
/// How an endless body starts: as a token that goes on and on.
const ENDLESS_START: &[u8] = b"{\"token_type\":\"Bearer\",\"access_token\":\"";

/// The body of an answer.
pub(crate) struct DeliveredBody {
    rest: Bytes,
    flow: Flow,
}

enum Flow {
    Whole,
    Endless,
    Slow(Interval),
}

impl DeliveredBody {
    pub(crate) fn whole(body: Bytes) -> Self {
        Self {
            rest: body,
            flow: Flow::Whole,
        }
    }

    pub(crate) fn endless() -> Self {
        Self {
            rest: Bytes::from_static(ENDLESS_START),
            flow: Flow::Endless,
        }
    }

    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub(crate) fn slow(body: Bytes, pause: Duration) -> Self {
        let pause = pause.max(Duration::from_millis(1));
        Self {
            rest: body,
            flow: Flow::Slow(interval_at(Instant::now() + pause, pause)),
        }
    }
}

impl Body for DeliveredBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let ended = self.is_end_stream();
        let this = &mut *self;
        if ended {
            return Poll::Ready(None);
        }
        let piece = match &mut this.flow {
            Flow::Whole => std::mem::take(&mut this.rest),
            Flow::Endless => std::mem::replace(&mut this.rest, Bytes::from_static(&ENDLESS_PIECE)),
            Flow::Slow(pause) => {
                ready!(pause.poll_tick(context));
                this.rest.split_to(1)
            }
        };
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && !matches!(self.flow, Flow::Endless)
    }

    fn size_hint(&self) -> SizeHint {
        match self.flow {
            Flow::Endless => SizeHint::default(),
            Flow::Whole | Flow::Slow(_) => SizeHint::with_exact(self.rest.len() as u64),
        }
    }
}
