//! The sends of a signal from now on, as a stream with a bounded queue.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use crate::connection::{Connection, Scoped};

/// A stream of the sends of a signal. [`Signal::stream`](crate::Signal::stream) returns it.
///
/// It hears every send from the moment it is made, and keeps the values in a queue of fixed capacity until they are
/// asked for. If the queue is full, the oldest value is dropped, and [`missed`](Self::missed) counts it.
///
/// The stream ends with `None` if its receiver was disconnected, by
/// [`disconnect_all`](crate::Signal::disconnect_all) or with the signal, and the queue is empty. If the stream is
/// dropped, its receiver is disconnected.
///
/// ```
/// use signals::Signal;
///
/// static SAVED: Signal<str, u32> = Signal::new("saved");
///
/// async fn index(stop: u32) -> Vec<u32> {
///     let mut saved = SAVED.stream(100, |_, id| *id);
///     let mut indexed = Vec::new();
///     # SAVED.send("editor", &7); SAVED.send("editor", &8);
///     while let Some(id) = saved.next().await {
///         indexed.push(id);
///         if id == stop {
///             break;
///         }
///     }
///     indexed
/// }
/// # let polled = std::pin::pin!(index(8)).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
/// # assert_eq!(polled, std::task::Poll::Ready(vec![7, 8]));
/// ```
///
/// The stream needs no runtime. With the feature `stream` it implements `futures_core::Stream`.
#[must_use = "sends are heard while this lives, and asked for with `next`"]
pub struct Sends<T> {
    queue: Arc<Queue<T>>,
    connection: Scoped,
}

impl<T> Sends<T> {
    pub(crate) fn new(queue: Arc<Queue<T>>, connection: Connection) -> Self {
        Self {
            queue,
            connection: connection.scoped(),
        }
    }

    /// Waits for the next value, and removes it from the queue. Returns `None` at the end of the stream.
    ///
    /// If the future is dropped, no value is lost.
    pub async fn next(&mut self) -> Option<T> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Polls the future of [`next`](Self::next), for hand-written futures and streams.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        // Wakers are code of the user: cloned before the lock is taken, and dropped after it.
        let waker = cx.waker().clone();
        let mut state = self.queue.state.lock();
        if let Some(value) = state.values.pop_front() {
            drop(state);
            return Poll::Ready(Some(value));
        }
        if state.is_closed {
            drop(state);
            return Poll::Ready(None);
        }
        let old = state.waker.replace(waker);
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Removes the next value from the queue without waiting. Returns `None` if the queue is empty.
    ///
    /// ```
    /// # use signals::Signal;
    /// let saved = Signal::<str, u32>::new("saved");
    /// let mut ids = saved.stream(100, |_, id| *id);
    /// saved.send("editor", &7);
    /// assert_eq!(ids.try_next(), Some(7));
    /// assert_eq!(ids.try_next(), None);
    /// ```
    pub fn try_next(&mut self) -> Option<T> {
        self.queue.state.lock().values.pop_front()
    }

    /// Returns how many values were dropped since the stream was made, because the queue was full.
    ///
    /// ```
    /// # use signals::Signal;
    /// let saved = Signal::<str, u32>::new("saved");
    /// let mut ids = saved.stream(1, |_, id| *id);
    /// saved.send("editor", &7);
    /// saved.send("editor", &8);
    /// assert_eq!(ids.missed(), 1);
    /// assert_eq!(ids.try_next(), Some(8));
    /// ```
    pub fn missed(&self) -> u64 {
        self.queue.state.lock().missed
    }
}

#[cfg(feature = "stream")]
impl<T> futures_core::Stream for Sends<T> {
    type Item = T;

    fn poll_next(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        Sends::poll_next(self.get_mut(), cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.queue.state.lock().values.len(), None)
    }
}

impl<T> fmt::Debug for Sends<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.queue.state.lock();
        let (waiting, missed) = (state.values.len(), state.missed);
        drop(state);
        f.debug_struct("Sends")
            .field("waiting", &waiting)
            .field("capacity", &self.queue.capacity)
            .field("missed", &missed)
            .field("connection", &*self.connection)
            .finish()
    }
}

// The values are not touched by a panic: they are moved in and out.
impl<T> UnwindSafe for Sends<T> {}
impl<T> RefUnwindSafe for Sends<T> {}

/// What a receiver and the stream of it have in common.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    capacity: usize,
}

struct State<T> {
    values: VecDeque<T>,
    missed: u64,
    waker: Option<Waker>,
    is_closed: bool,
}

impl<T> Queue<T> {
    #[track_caller]
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        assert_ne!(capacity, 0, "a stream needs a queue of at least one value");
        Arc::new(Self {
            state: Mutex::new(State {
                values: VecDeque::new(),
                missed: 0,
                waker: None,
                is_closed: false,
            }),
            capacity,
        })
    }

    /// Returns the end at which values come in. When it is dropped, the stream ends.
    pub(crate) fn feed(self: &Arc<Self>) -> Feed<T> {
        Feed(Arc::clone(self))
    }
}

pub(crate) struct Feed<T>(Arc<Queue<T>>);

impl<T> Feed<T> {
    pub(crate) fn push(&self, value: T) {
        let mut state = self.0.state.lock();
        let oldest = if state.values.len() == self.0.capacity {
            state.missed += 1;
            state.values.pop_front()
        } else {
            None
        };
        state.values.push_back(value);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        drop(oldest);
    }
}

impl<T> Drop for Feed<T> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.is_closed = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
