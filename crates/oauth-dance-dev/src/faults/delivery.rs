//! The way an answer is delivered, which is not always the polite one.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::effect::Effect;
use crate::answer::{Answer, plain};

/// An answer, and how it is delivered.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// At once and as a whole.
    Whole(Answer),
    /// With a body that never ends.
    Endless(Answer),
    /// One byte at a time, with this pause before each.
    Slow(Answer, Duration),
    /// Not at all; the connection stays open.
    Never,
    /// Not at all; the connection is closed.
    HangUp,
    /// As these bytes, HTTP or not; then the connection is closed.
    Raw(Bytes),
}

impl Delivery {
    /// Delivers `answer` as the last of `effects` that is about that says.
    pub(crate) fn of(answer: Answer, effects: &[Effect]) -> Self {
        for effect in effects.iter().rev() {
            match effect {
                Effect::Endless => return Self::Endless(answer),
                Effect::Slow(pause) => return Self::Slow(answer, *pause),
                Effect::Never => return Self::Never,
                Effect::HangUp => return Self::HangUp,
                Effect::Raw(bytes) => return Self::Raw(bytes.clone()),
                _ => {}
            }
        }
        Self::Whole(answer)
    }

    /// The status that the client sees, if it sees one.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Whole(answer) | Self::Endless(answer) | Self::Slow(answer, _) => {
                Some(answer.status())
            }
            Self::Never | Self::HangUp | Self::Raw(_) => None,
        }
    }

    /// The answer, where only whole ones can be given.
    pub(crate) fn into_whole(self) -> Answer {
        match self {
            Self::Whole(answer) => answer,
            _ => plain(
                StatusCode::GATEWAY_TIMEOUT,
                "This fault shows on a connection only: serve the provider over a socket.",
            ),
        }
    }
}
