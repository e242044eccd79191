//! The next send of a signal, as a future.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use crate::connection::{Connection, Scoped};

/// The future of the next send of a signal. [`Signal::next`](crate::Signal::next) returns it.
///
/// It is connected from the moment it is made. When it has its value, or when it is dropped, it is disconnected.
/// Polled again after that, it stays pending.
#[must_use = "the next send is heard while this lives, and its value is returned by `.await`"]
pub struct Next<'s, T> {
    awaited: Arc<Awaited<T>>,
    connection: Scoped,
    signal: PhantomData<&'s ()>,
}

impl<T> Next<'_, T> {
    /// A future for the values that the receiver of this connection offers.
    pub(crate) fn new(awaited: Arc<Awaited<T>>, connection: Connection) -> Self {
        let known = awaited.connection.get_or_init(|| connection.clone());
        // A send was quicker than this.
        if !awaited.is_waiting() {
            known.disconnect();
        }
        Self {
            awaited,
            connection: connection.scoped(),
            signal: PhantomData,
        }
    }
}

impl<T> Future for Next<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // Wakers are code of the user: cloned before the lock is taken, and dropped after it.
        let waker = cx.waker().clone();
        let mut state = self.awaited.state.lock();
        let before = match &mut *state {
            State::Waiting(old) => State::Waiting(old.replace(waker)),
            State::Ready(_) => std::mem::replace(&mut *state, State::Taken),
            State::Taken => return Poll::Pending,
        };
        drop(state);
        match before {
            State::Ready(value) => Poll::Ready(value),
            State::Waiting(_) | State::Taken => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for Next<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("is_waiting", &self.awaited.is_waiting())
            .field("connection", &*self.connection)
            .finish()
    }
}

// The value is not touched by a panic: it is moved in and out.
impl<T> UnwindSafe for Next<'_, T> {}
impl<T> RefUnwindSafe for Next<'_, T> {}

/// What a receiver and the future of it have in common.
pub(crate) struct Awaited<T> {
    state: Mutex<State<T>>,
    /// That of the receiver, which disconnects itself.
    connection: OnceLock<Connection>,
}

enum State<T> {
    Waiting(Option<Waker>),
    Ready(T),
    Taken,
}

impl<T> Awaited<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State::Waiting(None)),
            connection: OnceLock::new(),
        })
    }

    pub(crate) fn is_waiting(&self) -> bool {
        matches!(*self.state.lock(), State::Waiting(_))
    }

    /// Takes in a value, unless there was one already.
    pub(crate) fn offer(&self, value: T) {
        let mut state = self.state.lock();
        if !matches!(*state, State::Waiting(_)) {
            // Of two sends at the same time, one came first. Dropped without the lock.
            drop(state);
            return drop(value);
        }
        let before = std::mem::replace(&mut *state, State::Ready(value));
        drop(state);
        if let Some(connection) = self.connection.get() {
            connection.disconnect();
        }
        if let State::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }
}
