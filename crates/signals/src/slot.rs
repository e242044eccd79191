//! One connected receiver: its state, its conditions, and the rule for when its captures go.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex};

use crate::depth;
use crate::error::WaitError;
use crate::failure::drop_quietly;
use crate::info::Meta;
use crate::receive::Call;

/// Why a connected receiver was not called by a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Skip {
    /// It was disconnected after the send began.
    Disconnected,
    /// Its connection is blocked.
    Blocked,
    /// The whole signal is muted.
    Muted,
    /// It is bound to another sender.
    OtherSender,
    /// Its own condition said no.
    Condition,
    /// It has run as often as it was connected for.
    Spent,
    /// The owner it was tied to is gone.
    OwnerGone,
}

impl std::fmt::Display for Skip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Disconnected => "disconnected during the send",
            Self::Blocked => "blocked",
            Self::Muted => "the signal is muted",
            Self::OtherSender => "bound to another sender",
            Self::Condition => "its condition said no",
            Self::Spent => "has run as often as it was connected for",
            Self::OwnerGone => "its owner is gone",
        })
    }
}

pub(crate) type Predicate<S, P> = Box<dyn Fn(&S, &P) -> bool + Send + Sync>;

/// What keeps an owner alive for the length of one call.
pub(crate) type Keep = Arc<dyn Any + Send + Sync>;

/// The sender a receiver is bound to.
pub(crate) struct Bound<S: ?Sized> {
    pub(crate) hash: u64,
    pub(crate) matches: Box<dyn Fn(&S) -> bool + Send + Sync>,
    pub(crate) expired: Box<dyn Fn() -> bool + Send + Sync>,
}

/// What must hold for a receiver to be called.
pub(crate) struct Conditions<S: ?Sized, P: ?Sized> {
    pub(crate) bound: Option<Bound<S>>,
    pub(crate) owner: Option<Box<dyn Fn() -> Option<Keep> + Send + Sync>>,
    pub(crate) when: Vec<Predicate<S, P>>,
    pub(crate) left: Option<AtomicU64>,
}

impl<S: ?Sized, P: ?Sized> Conditions<S, P> {
    pub(crate) const NONE: Self = Self {
        bound: None,
        owner: None,
        when: Vec::new(),
        left: None,
    };

    /// Whether the receiver can never be called again, because what it was tied to is gone.
    pub(crate) fn orphaned(&self) -> bool {
        self.bound.as_ref().is_some_and(|bound| (bound.expired)())
            || self.owner.as_ref().is_some_and(|owner| owner().is_none())
    }
}

/// A receiver's own code with its conditions: everything that is dropped when it is disconnected.
pub(crate) struct Body<S: ?Sized, P: ?Sized, O> {
    pub(crate) conditions: Conditions<S, P>,
    pub(crate) call: Call<S, P, O>,
}

/// One receiver in the list of a signal.
pub(crate) struct Slot<S: ?Sized, P: ?Sized, O> {
    pub(crate) meta: Arc<Meta>,
    /// Ties of `order` go by this: the place in the sequence of connections.
    pub(crate) sequence: u64,
    /// The hash of the sender it is bound to, for the index.
    pub(crate) bound: Option<u64>,
    connected: AtomicBool,
    blocked: AtomicBool,
    held: Mutex<Held<S, P, O>>,
    idle: Condvar,
}

struct Held<S: ?Sized, P: ?Sized, O> {
    body: Option<Arc<Body<S, P, O>>>,
    running: usize,
}

impl<S: ?Sized, P: ?Sized, O> Slot<S, P, O> {
    pub(crate) fn new(meta: Meta, sequence: u64, body: Body<S, P, O>) -> Self {
        Self {
            meta: Arc::new(meta),
            sequence,
            bound: body.conditions.bound.as_ref().map(|bound| bound.hash),
            connected: AtomicBool::new(true),
            blocked: AtomicBool::new(false),
            held: Mutex::new(Held {
                body: Some(Arc::new(body)),
                running: 0,
            }),
            idle: Condvar::new(),
        }
    }

    pub(crate) fn orphaned(&self) -> bool {
        // Taken out first: what follows may run code of the sender's key.
        let body = self.held.lock().body.clone();
        body.is_some_and(|body| body.conditions.orphaned())
    }

    /// Whether it is bound to this sender, or to none.
    pub(crate) fn concerns(&self, sender: &S) -> bool {
        let body = self.held.lock().body.clone();
        body.is_some_and(|body| {
            let bound = body.conditions.bound.as_ref();
            bound.is_none_or(|bound| (bound.matches)(sender))
        })
    }

    /// Begins a call, unless the receiver is disconnected or blocked.
    pub(crate) fn begin(self: &Arc<Self>) -> Result<Running<S, P, O>, Skip> {
        if self.blocked.load(Ordering::Acquire) {
            return Err(Skip::Blocked);
        }
        let mut held = self.held.lock();
        let body = held.body.clone().ok_or(Skip::Disconnected)?;
        held.running += 1;
        drop(held);
        Ok(Running {
            slot: Arc::clone(self),
            body: Some(body),
            keep: None,
        })
    }
}

/// What a [`Connection`](crate::Connection) needs of its slot, whatever the types of the signal.
pub(crate) trait AnySlot: Send + Sync {
    fn meta(&self) -> &Arc<Meta>;
    fn is_connected(&self) -> bool;
    fn is_blocked(&self) -> bool;
    fn set_blocked(&self, blocked: bool);
    /// Ends the connection and drops the captures, unless a call of it still runs: then that call does.
    /// `false` if it had ended before.
    fn release(&self) -> bool;
    /// Waits until no call runs.
    fn wait(&self) -> Result<(), WaitError>;
}

impl<S: ?Sized, P: ?Sized, O> AnySlot for Slot<S, P, O> {
    fn meta(&self) -> &Arc<Meta> {
        &self.meta
    }

    fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Acquire)
    }

    fn set_blocked(&self, blocked: bool) {
        self.blocked.store(blocked, Ordering::Release);
    }

    fn release(&self) -> bool {
        let was_connected = self.connected.swap(false, Ordering::AcqRel);
        let body = self.held.lock().body.take();
        drop_quietly(body);
        was_connected
    }

    fn wait(&self) -> Result<(), WaitError> {
        if depth::is_inside(&self.meta) {
            return Err(WaitError::new(self.meta.name.clone()));
        }
        let mut held = self.held.lock();
        while held.running > 0 {
            self.idle.wait(&mut held);
        }
        Ok(())
    }
}

/// A call that has begun. Until it is dropped, the receiver's captures live.
pub(crate) struct Running<S: ?Sized, P: ?Sized, O> {
    slot: Arc<Slot<S, P, O>>,
    body: Option<Arc<Body<S, P, O>>>,
    keep: Option<Keep>,
}

impl<S: ?Sized, P: ?Sized, O> Running<S, P, O> {
    /// Asks the conditions. The sender is asked first, so that `once` counts only calls that happen.
    pub(crate) fn admit(&mut self, sender: &S, payload: &P) -> Result<(), Skip> {
        let Conditions {
            bound,
            owner,
            when,
            left,
        } = &self.body().conditions;
        if bound.as_ref().is_some_and(|bound| !(bound.matches)(sender)) {
            return Err(Skip::OtherSender);
        }
        let keep = match owner {
            Some(owner) => Some(owner().ok_or(Skip::OwnerGone)?),
            None => None,
        };
        if !when.iter().all(|holds| holds(sender, payload)) {
            return Err(Skip::Condition);
        }
        if let Some(left) = left {
            left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
                left.checked_sub(1)
            })
            .map_err(|_| Skip::Spent)?;
        }
        self.keep = keep;
        Ok(())
    }

    /// A second hold on the same call.
    pub(crate) fn again(&self) -> Self {
        self.slot.held.lock().running += 1;
        Self {
            slot: Arc::clone(&self.slot),
            body: self.body.clone(),
            keep: self.keep.clone(),
        }
    }

    /// Whether this was the last call the receiver was connected for.
    pub(crate) fn is_spent(&self) -> bool {
        let left = self.body().conditions.left.as_ref();
        left.is_some_and(|left| left.load(Ordering::Acquire) == 0)
    }

    pub(crate) fn slot(&self) -> &Arc<Slot<S, P, O>> {
        &self.slot
    }

    pub(crate) fn call(&self) -> &Call<S, P, O> {
        &self.body().call
    }

    fn body(&self) -> &Body<S, P, O> {
        self.body.as_ref().expect("the body is taken only on drop")
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for Running<S, P, O> {
    fn drop(&mut self) {
        // The captures first, if this call is the last to hold them: whoever waits may rely on it.
        drop_quietly((self.body.take(), self.keep.take()));
        let mut held = self.slot.held.lock();
        held.running -= 1;
        if held.running == 0 {
            self.slot.idle.notify_all();
        }
    }
}
