//! The turns of a sticky signal: what waits to be delivered, one after the other.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ThreadId};

use parking_lot::{Condvar, Mutex};

use crate::failure::{Quietly, drop_quietly};

/// So many values may wait while another one is delivered.
const BACKLOG: usize = 1024;

/// A sender and a payload, kept. Both are clones, and a panic in the destructor of each is caught.
pub(crate) struct Value<S, P>(Quietly<S>, Quietly<P>);

impl<S, P> Value<S, P> {
    /// Clones both.
    pub(crate) fn of<A, B>(sender: &A, payload: &B) -> Self
    where
        A: ?Sized + ToOwned<Owned = S>,
        B: ?Sized + ToOwned<Owned = P>,
    {
        let sender = Quietly(Some(sender.to_owned()));
        Self(sender, Quietly(Some(payload.to_owned())))
    }

    pub(crate) fn get(&self) -> (&S, &P) {
        (self.0.get(), self.1.get())
    }
}

pub(crate) type Kept<S, P> = Arc<Value<S, P>>;

/// One thing to be delivered.
pub(crate) enum Turn<S, P> {
    /// A value to all receivers that were connected before it was sent. Values are numbered from 1.
    Send { number: u64, value: Kept<S, P> },
    /// The value that was the latest when a receiver was connected, to this receiver.
    Greet { gate: Arc<Gate>, value: Kept<S, P> },
}

/// Every value and every greeting takes a turn, in the order in which they came in. One thread at a time delivers; no
/// lock is held meanwhile.
pub(crate) struct Turns<S, P> {
    state: Mutex<State<S, P>>,
    /// A place in the backlog has become free.
    has_room: Condvar,
}

struct State<S, P> {
    latest: Option<Kept<S, P>>,
    /// The number of the value that was sent last.
    sent: u64,
    waiting: VecDeque<Turn<S, P>>,
    /// The thread that delivers.
    delivering: Option<ThreadId>,
}

/// What is delivered at present. Only the thread that delivers changes it.
pub(crate) struct Present {
    number: AtomicU64,
    /// The receiver that is greeted; 0 if a value is sent to all.
    greeted: AtomicU64,
}

/// What one receiver may hear.
pub(crate) struct Gate {
    id: u64,
    /// It hears the values after this one.
    after: AtomicU64,
}

impl Gate {
    /// A gate that is closed, until [`Turns::open`].
    pub(crate) fn closed() -> Arc<Self> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Arc::new(Self {
            id: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            after: AtomicU64::new(u64::MAX),
        })
    }

    /// Opens the gate of a receiver that is one from the start: it hears all values.
    pub(crate) fn open(&self) {
        self.after.store(0, Ordering::Release);
    }

    /// Returns whether the receiver hears what is delivered at present.
    pub(crate) fn admits(&self, present: &Present) -> bool {
        match present.greeted.load(Ordering::Acquire) {
            0 => present.number.load(Ordering::Acquire) > self.after.load(Ordering::Acquire),
            greeted => greeted == self.id,
        }
    }
}

impl Present {
    pub(crate) const fn new() -> Self {
        Self {
            number: AtomicU64::new(0),
            greeted: AtomicU64::new(0),
        }
    }

    /// Says what is delivered, and returns it.
    pub(crate) fn is<S, P>(&self, turn: Turn<S, P>) -> Kept<S, P> {
        match turn {
            Turn::Send { number, value } => {
                self.greeted.store(0, Ordering::Release);
                self.number.store(number, Ordering::Release);
                value
            }
            Turn::Greet { gate, value } => {
                self.greeted.store(gate.id, Ordering::Release);
                value
            }
        }
    }
}

impl<S, P> Turns<S, P> {
    pub(crate) const fn new() -> Self {
        Self {
            state: Mutex::new(State {
                latest: None,
                sent: 0,
                waiting: VecDeque::new(),
                delivering: None,
            }),
            has_room: Condvar::new(),
        }
    }

    pub(crate) fn latest(&self) -> Option<Kept<S, P>> {
        self.state.lock().latest.clone()
    }

    /// Forgets the latest value, and returns it to be dropped.
    pub(crate) fn forget(&self) -> Option<Kept<S, P>> {
        self.state.lock().latest.take()
    }

    /// Puts a value in line, and returns the one before, to be dropped. Waits for room if another thread delivers. If this
    /// thread delivers, it would wait for itself: that is an error.
    pub(crate) fn push(&self, value: &Kept<S, P>) -> Result<Option<Kept<S, P>>, BacklogFull> {
        let mut state = self.state.lock();
        while state.waiting.len() >= BACKLOG && state.delivering.is_some() {
            if state.delivering == Some(thread::current().id()) {
                return Err(BacklogFull);
            }
            self.has_room.wait(&mut state);
        }
        state.sent += 1;
        let number = state.sent;
        let value = Arc::clone(value);
        let before = state.latest.replace(Arc::clone(&value));
        state.waiting.push_back(Turn::Send { number, value });
        Ok(before)
    }

    /// Opens the gate of a receiver to the values that are sent from now on, and puts its greeting in line, before them.
    pub(crate) fn open(&self, gate: &Arc<Gate>) {
        let mut state = self.state.lock();
        gate.after.store(state.sent, Ordering::Release);
        if let Some(value) = state.latest.clone() {
            let gate = Arc::clone(gate);
            state.waiting.push_back(Turn::Greet { gate, value });
        }
    }

    /// Delivers what is in line, until the line is empty or another thread delivers.
    ///
    /// If a delivery panics, the rest is delivered before the panic goes on.
    pub(crate) fn run(&self, mut deliver: impl FnMut(Turn<S, P>)) {
        let mut panicked: Option<Box<dyn Any + Send>> = None;
        while let Some(turn) = self.begin() {
            let delivered = catch_unwind(AssertUnwindSafe(|| deliver(turn)));
            self.state.lock().delivering = None;
            match delivered {
                Err(panic) if panicked.is_none() => panicked = Some(panic),
                Err(panic) => drop_quietly(panic),
                Ok(()) => {}
            }
        }
        if let Some(panic) = panicked {
            resume_unwind(panic);
        }
    }

    fn begin(&self) -> Option<Turn<S, P>> {
        let mut state = self.state.lock();
        if state.delivering.is_some() {
            return None;
        }
        let turn = state.waiting.pop_front()?;
        state.delivering = Some(thread::current().id());
        drop(state);
        self.has_room.notify_all();
        Some(turn)
    }
}

/// The line is full, and this thread is the one that would make room.
pub(crate) struct BacklogFull;
