//! The sends that this thread is in the middle of, each inside a receiver of the one before.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use super::sync::thread_local;

/// The receivers that a send can reach.
#[derive(Clone, Copy)]
pub(super) struct Reach {
    /// What identifies the signal: the address of its exits.
    pub(super) signal: usize,
    /// The version of the list of those of every sender.
    pub(super) version: u64,
    pub(super) bound: Bound,
}

/// Which of the receivers that are bound to senders a send can reach.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    Nobody,
    /// Those in this bucket, and the version of the list.
    One(u64, u64),
    All,
    /// None, and of the others only the one with this number as its version.
    Only,
    /// The captures of a receiver are being dropped, and with them perhaps those of others. None of the signal's can be
    /// waited for.
    Released,
}

/// So many are kept in place.
const FEW: usize = 16;

struct Frames {
    depth: Cell<usize>,
    few: [Frame; FEW],
    more: RefCell<ManuallyDrop<Vec<Reach>>>,
}

/// A [`Reach`], whose words are written one by one: to copy it as a whole stalls the processor.
struct Frame {
    signal: Cell<usize>,
    version: Cell<u64>,
    bound: Cell<Bound>,
}

impl Frame {
    const fn none() -> Self {
        Self {
            signal: Cell::new(0),
            version: Cell::new(0),
            bound: Cell::new(Bound::Nobody),
        }
    }

    #[inline(always)]
    fn set(&self, reach: &Reach) {
        self.signal.set(reach.signal);
        self.version.set(reach.version);
        match reach.bound {
            Bound::Nobody => self.bound.set(Bound::Nobody),
            Bound::One(bucket, version) => self.bound.set(Bound::One(bucket, version)),
            other => self.bound.set(other),
        }
    }

    fn get(&self) -> Reach {
        Reach {
            signal: self.signal.get(),
            version: self.version.get(),
            bound: self.bound.get(),
        }
    }
}

impl Frames {
    const fn none() -> Self {
        Self {
            depth: Cell::new(0),
            few: [const { Frame::none() }; FEW],
            more: RefCell::new(ManuallyDrop::new(Vec::new())),
        }
    }
}

// Nothing that has to be dropped, so that a send works in the destructors of other thread-locals. What is there more
// of goes when the sends do.
#[cfg(not(signals_loom))]
thread_local!(static FRAMES: Frames = const { Frames::none() });
#[cfg(signals_loom)]
thread_local!(static FRAMES: Frames = Frames::none());

/// Notes a send until it is dropped.
#[must_use]
pub(crate) struct Entered {
    at: usize,
}

/// Notes that this thread is in the middle of a send. Returns `None` if it is in `limit` of that signal already.
#[inline(always)]
pub(super) fn enter(reach: Reach, limit: u32) -> Option<Entered> {
    FRAMES.with(|frames| {
        let at = frames.depth.get();
        if at > 0 || limit == 0 {
            let within = frames.count(&mut |it| it.signal == reach.signal);
            if within >= limit as usize {
                return None;
            }
        }
        match frames.few.get(at) {
            Some(frame) => frame.set(&reach),
            None => frames.add(at, reach),
        }
        frames.depth.set(at + 1);
        Some(Entered { at })
    })
}

impl Frames {
    #[cold]
    fn add(&self, at: usize, reach: Reach) {
        let mut more = self.more.borrow_mut();
        more.truncate(at - FEW);
        more.push(reach);
    }

    /// Returns how many sends are such.
    #[cold]
    fn count(&self, is_such: &mut dyn FnMut(&Reach) -> bool) -> usize {
        let depth = self.depth.get();
        let few = self.few.iter().take(depth).map(Frame::get);
        let in_few = few.filter(|reach| is_such(reach)).count();
        let more = self.more.borrow();
        let more = more.iter().take(depth.saturating_sub(FEW));
        in_few + more.filter(|reach| is_such(reach)).count()
    }
}

impl Drop for Entered {
    #[inline(always)]
    fn drop(&mut self) {
        FRAMES.with(|frames| {
            // Coroutines may leave out of turn. What a send was inside of has then left already.
            if self.at < frames.depth.get() {
                frames.depth.set(self.at);
            }
            if self.at == FEW {
                **frames.more.borrow_mut() = Vec::new();
            }
        });
    }
}

/// Returns whether this thread is in the middle of something that can reach a receiver: one that was there from one
/// version to another.
pub(super) fn is_inside(signal: usize, bucket: Option<u64>, from: u64, to: u64) -> bool {
    let mut reaches = |reach: &Reach| {
        let version = match (bucket, reach.bound) {
            (_, Bound::Released) => return reach.signal == signal,
            (_, Bound::Only) => return reach.signal == signal && reach.version == from,
            (None, _) | (_, Bound::All) => reach.version,
            (Some(bucket), Bound::One(of, version)) if of == bucket => version,
            _ => return false,
        };
        reach.signal == signal && from <= version && version < to
    };
    FRAMES.with(|frames| frames.count(&mut reaches) > 0)
}
