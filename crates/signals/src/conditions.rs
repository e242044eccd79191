//! The conditions of a receiver, and the reasons for which a send skips it.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use crate::failure::{Quietly, drop_quietly};
use crate::sender::Bound;

/// The reason for which a send did not call a connected receiver.
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
    /// Its own condition returned `false`.
    Condition,
    /// It has run the number of times it was connected for.
    Spent,
    /// The owner it was tied to is gone.
    OwnerGone,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disconnected => "disconnected during the send",
            Self::Blocked => "blocked",
            Self::Muted => "the signal is muted",
            Self::OtherSender => "bound to another sender",
            Self::Condition => "its condition is not met",
            Self::Spent => "has run the number of times it was connected for",
            Self::OwnerGone => "its owner is gone",
        })
    }
}

pub(crate) type Predicate<S, P> = Box<dyn Fn(&S, &P) -> bool + Send + Sync>;

/// What keeps an owner alive for the length of one call.
pub(crate) type Keep = Arc<dyn Any + Send + Sync>;

/// A call that may happen.
pub(crate) struct Admitted {
    /// To be kept until its end.
    pub(crate) keep: Option<Keep>,
    /// It is the last the receiver was connected for.
    pub(crate) is_last: bool,
}

/// What must hold for a receiver to be called.
pub(crate) struct Conditions<S: ?Sized, P: ?Sized> {
    pub(crate) bound: Option<Arc<dyn Bound<S>>>,
    pub(crate) owner: Option<Box<dyn Owner>>,
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

    /// Asks them all but the sender: a send calls no receiver that is bound to another one. `left` counts down last:
    /// only calls that happen count.
    pub(crate) fn admit(&self, sender: &S, payload: &P) -> Result<Admitted, Skip> {
        // Quietly: it may be the last of the owner, if this comes to nothing.
        let mut keep = Quietly(None);
        if let Some(owner) = &self.owner {
            keep.0 = Some(owner.keep().ok_or(Skip::OwnerGone)?);
        }
        if !self.when.iter().all(|holds| holds(sender, payload)) {
            return Err(Skip::Condition);
        }
        let is_last = match &self.left {
            Some(left) => {
                let count_down = |left: u64| left.checked_sub(1);
                let before = left.fetch_update(Ordering::AcqRel, Ordering::Acquire, count_down);
                before.map_err(|_| Skip::Spent)? == 1
            }
            None => false,
        };
        let keep = keep.0.take();
        Ok(Admitted { keep, is_last })
    }

    /// Whether there is none but the sender it is bound to.
    pub(crate) fn is_sender_only(&self) -> bool {
        self.owner.is_none() && self.when.is_empty() && self.left.is_none()
    }

    /// Whether the receiver is tied to something that may go.
    pub(crate) fn is_tied(&self) -> bool {
        self.bound.is_some() || self.owner.is_some()
    }

    /// What the receiver is tied to, to be asked where no lock is held.
    pub(crate) fn ties(&self) -> Ties<S> {
        Ties {
            bound: self.bound.clone(),
            is_owner_gone: self.owner.as_ref().is_some_and(|owner| owner.is_gone()),
        }
    }
}

/// Drops each of them, though one panics: all are code of the user.
impl<S: ?Sized, P: ?Sized> Drop for Conditions<S, P> {
    fn drop(&mut self) {
        drop_quietly(self.bound.take());
        drop_quietly(self.owner.take());
        self.when.drain(..).for_each(drop_quietly);
    }
}

/// What a receiver is tied to.
pub(crate) struct Ties<S: ?Sized> {
    bound: Option<Arc<dyn Bound<S>>>,
    is_owner_gone: bool,
}

impl<S: ?Sized> Ties<S> {
    /// Whether any of it is gone. Senders are asked, which are code of the user.
    pub(crate) fn are_gone(&self) -> bool {
        self.is_owner_gone || self.bound.as_ref().is_some_and(|bound| bound.is_gone())
    }
}

/// The owner that a receiver is tied to.
pub(crate) trait Owner: Send + Sync {
    /// Keeps the owner alive, if it lives.
    fn keep(&self) -> Option<Keep>;
    /// Whether it is gone. This runs no code of the user.
    fn is_gone(&self) -> bool;
}

impl<T: Any + Send + Sync> Owner for Weak<T> {
    fn keep(&self) -> Option<Keep> {
        self.upgrade().map(|owner| -> Keep { owner })
    }

    fn is_gone(&self) -> bool {
        self.strong_count() == 0
    }
}
