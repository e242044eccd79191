//! The handle on one connected receiver: take it out, hold it back, tie it to a scope.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Weak};

use crate::engine::{self, Joined, SlotId};
use crate::error::WaitError;
use crate::info::ReceiverInfo;
use crate::shared::AnyShared;

/// A receiver's connection to its signal.
///
/// Dropping it does nothing: the receiver stays connected for as long as its signal lives. Keep it to
/// [`disconnect`](Self::disconnect) later, or turn it into a [`scoped`](Self::scoped) connection. Clones
/// are handles on the same connection.
#[derive(Clone)]
pub struct Connection {
    slot: SlotId,
    receiver: ReceiverInfo,
    signal: Weak<dyn AnyShared>,
}

impl Connection {
    pub(crate) fn new<T: AnyShared + 'static>(joined: Joined, signal: &Arc<T>) -> Self {
        let Joined { id, receiver } = joined;
        let signal: Weak<T> = Arc::downgrade(signal);
        Self {
            slot: id,
            receiver,
            signal,
        }
    }

    /// Takes the receiver out of its signal; `false` if it was out already.
    ///
    /// Sends that are on their way do not call it any more. When this returns, its captures have been
    /// dropped, unless a call of it still runs: then they are dropped when the send that runs it is done with it,
    /// at its end at the latest.
    pub fn disconnect(&self) -> bool {
        // A signal that is gone has released its receivers.
        let signal = self.signal.upgrade();
        signal.is_some_and(|signal| signal.disconnect(self.slot))
    }

    /// Takes the receiver out of its signal and waits until no call of it runs.
    ///
    /// When this returns `Ok`, the receiver's captures have been dropped. `Ok(false)` says that it was out
    /// already. The wait blocks this thread, so an async receiver must be running on another.
    ///
    /// # Errors
    ///
    /// Inside the receiver itself the wait could never end: the receiver is taken out, and the wait is refused.
    pub fn disconnect_and_wait(&self) -> Result<bool, WaitError> {
        let Some(signal) = self.signal.upgrade() else {
            return Ok(false);
        };
        let disconnected = signal.disconnect(self.slot);
        if engine::is_inside(self.slot) {
            return Err(WaitError::new(self.name().to_owned()));
        }
        signal.wait(self.slot);
        Ok(disconnected)
    }

    /// Whether the receiver is in its signal.
    pub fn is_connected(&self) -> bool {
        let signal = self.signal.upgrade();
        signal.is_some_and(|signal| signal.is_connected(self.slot))
    }

    /// Keeps the receiver in its place, but has it not called until [`unblock`](Self::unblock).
    pub fn block(&self) {
        self.set_blocked(true);
    }

    /// Has the receiver called again.
    pub fn unblock(&self) {
        self.set_blocked(false);
    }

    /// Whether the receiver is held back by [`block`](Self::block).
    pub fn is_blocked(&self) -> bool {
        let signal = self.signal.upgrade();
        signal.is_some_and(|signal| signal.is_blocked(self.slot))
    }

    fn set_blocked(&self, is_blocked: bool) {
        if let Some(signal) = self.signal.upgrade() {
            signal.set_blocked(self.slot, is_blocked);
        }
    }

    /// The name of the receiver.
    pub fn name(&self) -> &str {
        self.receiver.name()
    }

    /// Ties the receiver to a scope: it is disconnected when the result is dropped.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use signals::Signal;
    ///
    /// static TICK: Signal<str, u32, Infallible> = Signal::new("tick");
    ///
    /// {
    ///     let _scope = TICK.connect(|_: &str, _: &u32| ()).scoped();
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

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("receiver", &self.name())
            .field("connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}

/// A connection that ends when this is dropped.
#[derive(Debug)]
#[must_use = "the receiver is disconnected when this is dropped"]
pub struct Scoped {
    connection: Option<Connection>,
}

impl Scoped {
    /// Frees the connection from the scope: the receiver stays connected.
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
