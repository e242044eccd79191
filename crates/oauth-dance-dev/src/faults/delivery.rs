//! An answer and the way it is delivered, which is not always the polite one.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::answer::{Answer, plain};

/// An answer on its way.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) delivery: Delivery,
}

/// How an answer is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// At once and as a whole.
    Whole,
    /// With a body that never ends.
    Endless,
    /// One byte at a time, with this pause before each.
    Slow(Duration),
    /// Not at all; the connection stays open.
    Never,
    /// Not at all; the connection is closed.
    HangUp,
    /// As these bytes, HTTP or not; then the connection is closed.
    Raw(Bytes),
}

impl Reply {
    pub(crate) fn whole(answer: Answer) -> Self {
        Self {
            answer,
            delivery: Delivery::Whole,
        }
    }

    /// The answer, where only whole ones can be given.
    pub(crate) fn into_whole(self) -> Answer {
        match self.delivery {
            Delivery::Whole => self.answer,
            _ => plain(
                StatusCode::GATEWAY_TIMEOUT,
                "The provider misbehaves in a way that only a connection can show.",
            ),
        }
    }
}
