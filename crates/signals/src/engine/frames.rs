//! The signals that this thread is in the middle of, each inside a receiver of the one before.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use super::sync::thread_local;

/// What a thread is in the middle of, of one signal: a task of the receiver with this sequence number. One word, for it
/// is noted with every send.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope(pub(super) u64);

impl Scope {
    /// A send: any receiver of the signal may be held. No receiver has this number.
    pub(super) const SEND: Self = Self(0);
    /// Something else that may hold any receiver, such as the drop of captures. No receiver comes to this number.
    pub(crate) const SIGNAL: Self = Self(u64::MAX);
}

/// The address of a signal's exits, and what the thread is in the middle of.
#[derive(Clone, Copy)]
struct Frame(usize, Scope);

/// So many are kept in place.
const FEW: usize = 16;

struct Frames {
    depth: Cell<usize>,
    few: [Cell<Frame>; FEW],
    more: RefCell<ManuallyDrop<Vec<Frame>>>,
}

// Nothing that has to be dropped, so that a send works in the destructors of other thread-locals. What is there more
// of goes when the sends do.
thread_local!(static FRAMES: Frames = const {
    Frames {
        depth: Cell::new(0),
        few: [const { Cell::new(Frame(0, Scope::SEND)) }; FEW],
        more: RefCell::new(ManuallyDrop::new(Vec::new())),
    }
});

/// Notes a signal until it is dropped.
#[must_use]
pub(crate) struct Entered {
    at: usize,
}

/// Notes that this thread is in the middle of a signal. Returns `None` if it is in `limit` sends of that already.
#[inline(always)]
pub(super) fn enter(signal: usize, scope: Scope, limit: u32) -> Option<Entered> {
    FRAMES.with(|frames| {
        if frames.depth.get() > 0 || limit == 0 {
            return frames.enter_again(Frame(signal, scope), limit);
        }
        frames.few[0].set(Frame(signal, scope));
        frames.depth.set(1);
        Some(Entered { at: 0 })
    })
}

/// Returns whether this thread is in the middle of something that may hold this receiver.
pub(super) fn is_inside(signal: usize, sequence: u64) -> bool {
    let scopes = [Scope::SEND, Scope::SIGNAL, Scope(sequence)];
    let may_hold = |Frame(of, scope)| of == signal && scopes.contains(&scope);
    FRAMES.with(|frames| frames.count(&may_hold) > 0)
}

/// Returns whether this thread is in the middle of a task of this signal, or of any.
pub(crate) fn is_in_task(signal: Option<usize>) -> bool {
    let is_such = |of| signal.is_none_or(|signal| of == signal);
    let is_task = |Frame(of, scope)| is_such(of) && ![Scope::SEND, Scope::SIGNAL].contains(&scope);
    FRAMES.with(|frames| frames.count(&is_task) > 0)
}

impl Frames {
    /// Enters inside of others. Out of line, for most sends are not.
    #[cold]
    fn enter_again(&self, frame: Frame, limit: u32) -> Option<Entered> {
        let at = self.depth.get();
        if self.count(&|Frame(of, scope)| of == frame.0 && scope == Scope::SEND) >= limit as usize {
            return None;
        }
        if let Some(few) = self.few.get(at) {
            few.set(frame);
        } else {
            let mut more = self.more.borrow_mut();
            more.truncate(at - FEW);
            more.push(frame);
        }
        self.depth.set(at + 1);
        Some(Entered { at })
    }

    /// Returns how many frames are such.
    #[cold]
    fn count(&self, is_such: &dyn Fn(Frame) -> bool) -> usize {
        let more = self.more.borrow();
        let all = self.few.iter().map(Cell::get).chain(more.iter().copied());
        let all = all.take(self.depth.get());
        all.filter(|frame| is_such(*frame)).count()
    }
}

impl Drop for Entered {
    #[inline(always)]
    fn drop(&mut self) {
        FRAMES.with(|frames| {
            // Coroutines may leave out of turn. What a send was inside of has then left already.
            frames.depth.set(frames.depth.get().min(self.at));
            if self.at == FEW {
                **frames.more.borrow_mut() = Vec::new();
            }
        });
    }
}
