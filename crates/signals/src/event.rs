//! What observers are told: the events of connections, sends and calls.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::conditions::Skip;
use crate::failure::Failure;
use crate::info::ReceiverInfo;
use crate::shown::Shown;

/// The identity of a send. Later sends have greater ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SendId(u64);

impl SendId {
    /// That of a send which begins.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Display for SendId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Something that happened in a signal.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A receiver was connected.
    #[non_exhaustive]
    Connected {
        /// The name of the signal.
        signal: &'a str,
        /// The receiver.
        receiver: &'a ReceiverInfo,
    },
    /// A receiver was disconnected.
    #[non_exhaustive]
    Disconnected {
        /// The name of the signal.
        signal: &'a str,
        /// The receiver.
        receiver: &'a ReceiverInfo,
    },
    /// A send begins.
    #[non_exhaustive]
    Sent {
        /// The name of the signal.
        signal: &'a str,
        /// The send.
        send: SendId,
        /// Who sends.
        sender: Shown<'a>,
        /// What is sent.
        payload: Shown<'a>,
    },
    /// A receiver is about to be called.
    #[non_exhaustive]
    Called {
        /// The name of the signal.
        signal: &'a str,
        /// The send.
        send: SendId,
        /// The receiver.
        receiver: &'a ReceiverInfo,
    },
    /// A receiver has ended.
    #[non_exhaustive]
    Answered {
        /// The name of the signal.
        signal: &'a str,
        /// The send.
        send: SendId,
        /// The receiver.
        receiver: &'a ReceiverInfo,
        /// How long it ran. For an async receiver this includes waiting.
        took: Duration,
        /// What it answered.
        said: Said<'a>,
    },
    /// A connected receiver was not called. Those that are muted, and those of other senders, are told of before the first
    /// call.
    #[non_exhaustive]
    Skipped {
        /// The name of the signal.
        signal: &'a str,
        /// The send.
        send: SendId,
        /// The receiver.
        receiver: &'a ReceiverInfo,
        /// Why it was not called.
        why: Skip,
    },
    /// A [detached](crate::Receiver::detached_on) receiver has ended.
    #[non_exhaustive]
    Ended {
        /// The name of the signal.
        signal: &'a str,
        /// The receiver.
        receiver: &'a ReceiverInfo,
        /// How long it ran, including waiting.
        took: Duration,
        /// What it answered. An outcome comes too late and is dropped.
        said: Said<'a>,
    },
    /// A send has ended.
    #[non_exhaustive]
    Done {
        /// The name of the signal.
        signal: &'a str,
        /// The send.
        send: SendId,
        /// How long it took.
        took: Duration,
        /// Whether it reached the end of the list. A sender may stop earlier.
        complete: bool,
    },
}

/// The result of a receiver, as an observer sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Said<'a> {
    /// It ran and returned no outcome.
    Nothing,
    /// It returned an outcome. The text is the signal's description of it.
    Outcome(&'a str),
    /// It failed.
    Failed(&'a Failure),
    /// The sender dropped the send while the receiver ran.
    Abandoned,
}
