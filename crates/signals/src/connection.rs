//! The handle on one connected receiver: disconnect it, block it, tie it to a scope.

use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::engine::{Exits, Joined, SlotId};
use crate::error::WaitError;
use crate::info::ReceiverInfo;
use crate::shared::AnyShared;

/// A receiver's connection to its signal.
///
/// If this value is dropped, the receiver stays connected for as long as its signal lives. Keep the value to
/// [`disconnect`](Self::disconnect) the receiver later, or turn it into a [`scoped`](Self::scoped) connection.
/// Clones are handles on the same connection.
#[derive(Clone)]
pub struct Connection {
    slot: SlotId,
    receiver: ReceiverInfo,
    signal: Weak<dyn AnyShared>,
    /// Where to wait for the receiver, also when the signal has gone.
    exits: Arc<Exits>,
}

impl Connection {
    pub(crate) fn new<T: AnyShared + 'static>(
        joined: Joined,
        signal: &Arc<T>,
        exits: &Arc<Exits>,
    ) -> Self {
        let Joined { id, receiver } = joined;
        let signal: Weak<T> = Arc::downgrade(signal);
        Self {
            slot: id,
            receiver,
            signal,
            exits: Arc::clone(exits),
        }
    }

    /// Disconnects the receiver. Returns `false` if it was disconnected already, also because its owner or its sender is
    /// gone.
    ///
    /// Sends that have begun do not call the receiver any more. If none runs that could, the receiver's captures have
    /// been dropped when this returns. Else they are dropped with the last of these sends. Another thread that connects or
    /// disconnects at the same moment, or asks for the receivers of a sender, may be the one that drops them, a moment
    /// later.
    /// [`disconnect_and_wait`](Self::disconnect_and_wait) waits for both.
    pub fn disconnect(&self) -> bool {
        let signal = self.living();
        signal.is_some_and(|signal| signal.disconnect(self.slot))
    }

    /// Disconnects the receiver and waits until no send can call it any more.
    ///
    /// When this returns `Ok`, the receiver's captures have been dropped. `Ok(false)` means that the receiver was
    /// disconnected already. The wait blocks this thread, so an async send has to run on another one.
    ///
    /// # Errors
    ///
    /// [`WaitError`] if this is called inside a send that calls the receiver, where the wait could never end: in the
    /// receiver itself, in another one of the same send, or in what one of them sends. The receiver is disconnected.
    pub fn disconnect_and_wait(&self) -> Result<bool, WaitError> {
        self.disconnect_and_wait_until(None)
    }

    /// Disconnects the receiver and waits as [`disconnect_and_wait`](Self::disconnect_and_wait) does, no longer than
    /// `limit`.
    ///
    /// # Errors
    ///
    /// [`WaitError`] as there, and if the limit comes first. The receiver is disconnected.
    pub fn disconnect_and_wait_for(&self, limit: Duration) -> Result<bool, WaitError> {
        self.disconnect_and_wait_until(Some(limit))
    }

    fn disconnect_and_wait_until(&self, limit: Option<Duration>) -> Result<bool, WaitError> {
        let was_connected = self.begin_to_wait()?;
        // A limit that no clock reaches is none.
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        if self.exits.wait(self.slot.sequence, deadline) {
            return Ok(was_connected);
        }
        let limit = limit.unwrap_or_default();
        Err(WaitError::timed_out(self.name().to_owned(), limit))
    }

    /// Disconnects the receiver and waits as [`disconnect_and_wait`](Self::disconnect_and_wait) does, without blocking
    /// the thread. The receiver is disconnected even if the future is dropped.
    ///
    /// ```
    /// # use signals::Signal;
    /// # static TICK: Signal<str, u32> = Signal::new("tick");
    /// # async fn stop() -> Result<(), signals::WaitError> {
    /// let connection = TICK.connect(|_, _| ());
    /// connection.disconnect_and_wait_async().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`WaitError`] as there.
    pub async fn disconnect_and_wait_async(&self) -> Result<bool, WaitError> {
        let was_connected = self.begin_to_wait()?;
        let wait = self.exits.begin_to_wait(self.slot.sequence);
        poll_fn(|cx| wait.poll(cx)).await;
        Ok(was_connected)
    }

    /// Disconnects the receiver, and returns whether it was connected.
    fn begin_to_wait(&self) -> Result<bool, WaitError> {
        let was_connected = self.disconnect();
        if self.exits.is_inside(self.slot.sequence) {
            return Err(WaitError::inside(self.name().to_owned()));
        }
        Ok(was_connected)
    }

    /// Returns the signal, unless it is gone and has released its receivers, or the receiver has gone with what it was tied
    /// to.
    fn living(&self) -> Option<Arc<dyn AnyShared>> {
        let signal = self.signal.upgrade()?;
        let is_there = !self.receiver.is_tied() || signal.is_connected(self.slot);
        is_there.then_some(signal)
    }

    /// Returns whether the receiver is connected. If its owner or its sender is gone, it is not.
    pub fn is_connected(&self) -> bool {
        let signal = self.signal.upgrade();
        signal.is_some_and(|signal| signal.is_connected(self.slot))
    }

    /// Blocks the receiver until the guard is dropped: it keeps its place, and sends skip it.
    ///
    /// Guards are counted: the receiver is called again when the last of them is dropped.
    ///
    /// # Panics
    ///
    /// If 4,095 guards of this receiver live.
    pub fn block(&self) -> Blocked {
        let signal = self.signal.upgrade();
        let is_counted = signal.and_then(|signal| signal.block(self.slot));
        assert!(
            is_counted != Some(false),
            "the receiver `{}` is blocked 4,095 times: a guard is kept that should be dropped",
            self.name()
        );
        Blocked {
            connection: self.clone(),
        }
    }

    /// Returns whether the receiver is [blocked](Self::block).
    pub fn is_blocked(&self) -> bool {
        let signal = self.living();
        signal.is_some_and(|signal| signal.is_blocked(self.slot))
    }

    /// Returns the name of the receiver.
    pub fn name(&self) -> &str {
        self.receiver.name()
    }

    /// Returns a guard that disconnects the receiver when it is dropped.
    ///
    /// ```
    /// use signals::Signal;
    ///
    /// static TICK: Signal<str, u32> = Signal::new("tick");
    ///
    /// {
    ///     let _scope = TICK.connect(|_, _| ()).scoped();
    ///     assert!(TICK.has_receivers());
    /// }
    /// assert!(!TICK.has_receivers());
    /// ```
    pub fn scoped(self) -> Scoped {
        Scoped {
            connection: Some(self),
        }
    }
}

// As the signals themselves.
impl std::panic::UnwindSafe for Connection {}
impl std::panic::RefUnwindSafe for Connection {}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("receiver", &self.name())
            .field("connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}

/// A guard that blocks a receiver: while it lives, sends skip the receiver. See [`Connection::block`].
#[derive(Debug)]
#[must_use = "the receiver is called again when this is dropped"]
pub struct Blocked {
    connection: Connection,
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(signal) = self.connection.signal.upgrade() {
            signal.unblock(self.connection.slot);
        }
    }
}

/// A connection that disconnects its receiver when it is dropped.
#[derive(Debug)]
#[must_use = "the receiver is disconnected when this is dropped"]
pub struct Scoped {
    connection: Option<Connection>,
}

impl Scoped {
    /// Turns the guard back into a plain connection: the receiver stays connected.
    pub fn keep(mut self) -> Connection {
        self.connection.take().expect("taken only here and on drop")
    }
}

impl Deref for Scoped {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
            .as_ref()
            .expect("taken only when self is consumed")
    }
}

impl Drop for Scoped {
    fn drop(&mut self) {
        if let Some(connection) = &self.connection {
            connection.disconnect();
        }
    }
}
