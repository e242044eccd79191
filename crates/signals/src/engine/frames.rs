//! The signals that this thread is in the middle of, each inside a receiver of the one before.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use super::sync::thread_local;

/// What a thread is in the middle of, of one signal.
#[derive(Clone, Copy)]
pub(crate) enum Scope {
    /// A send, or the drop of captures: any receiver of the signal may be held.
    Signal,
    /// A task of the receiver with this sequence number.
    Receiver(u64),
}

/// So many are kept in place.
const FEW: usize = 16;

struct Frames {
    depth: Cell<usize>,
    few: [Frame; FEW],
    more: RefCell<ManuallyDrop<Vec<Frame>>>,
}

/// The address of a signal's exits, and the sequence number of the receiver, if it is one only. Else 0, which is none's.
#[derive(Default)]
struct Frame {
    signal: Cell<usize>,
    receiver: Cell<u64>,
}

impl Frame {
    const fn none() -> Self {
        Self {
            signal: Cell::new(0),
            receiver: Cell::new(0),
        }
    }

    #[inline(always)]
    fn set(&self, signal: usize, scope: Scope) {
        self.signal.set(signal);
        self.receiver.set(match scope {
            Scope::Signal => 0,
            Scope::Receiver(sequence) => sequence,
        });
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

/// Notes a signal until it is dropped.
#[must_use]
pub(crate) struct Entered {
    at: usize,
}

/// Notes that this thread is in the middle of a signal. Returns `None` if it is in `limit` frames of that already.
#[inline(always)]
pub(super) fn enter(signal: usize, scope: Scope, limit: u32) -> Option<Entered> {
    FRAMES.with(|frames| {
        let at = frames.depth.get();
        if (at > 0 || limit == 0)
            && frames.count(&move |it| it.signal.get() == signal) >= limit as usize
        {
            return None;
        }
        match frames.few.get(at) {
            Some(frame) => frame.set(signal, scope),
            None => frames.add(at, signal, scope),
        }
        frames.depth.set(at + 1);
        Some(Entered { at })
    })
}

/// Returns whether this thread is in the middle of something that may hold this receiver.
pub(super) fn is_inside(signal: usize, sequence: u64) -> bool {
    let may_hold = |frame: &Frame| {
        let receiver = frame.receiver.get();
        frame.signal.get() == signal && (receiver == 0 || receiver == sequence)
    };
    FRAMES.with(|frames| frames.count(&may_hold) > 0)
}

/// Returns whether this thread is in the middle of a task of this signal, or of any.
pub(crate) fn is_in_task(signal: Option<usize>) -> bool {
    let is_task = |frame: &Frame| {
        let is_of_signal = signal.is_none_or(|signal| frame.signal.get() == signal);
        is_of_signal && frame.receiver.get() != 0
    };
    FRAMES.with(|frames| frames.count(&is_task) > 0)
}

impl Frames {
    #[cold]
    fn add(&self, at: usize, signal: usize, scope: Scope) {
        let mut more = self.more.borrow_mut();
        more.truncate(at - FEW);
        more.push(Frame::none());
        more[at - FEW].set(signal, scope);
    }

    #[cold]
    fn shrink(&self) {
        **self.more.borrow_mut() = Vec::new();
    }

    /// Returns how many frames are such.
    #[cold]
    fn count(&self, is_such: &dyn Fn(&Frame) -> bool) -> usize {
        let more = self.more.borrow();
        let all = self.few.iter().chain(more.iter()).take(self.depth.get());
        all.filter(|frame| is_such(frame)).count()
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
                frames.shrink();
            }
        });
    }
}
