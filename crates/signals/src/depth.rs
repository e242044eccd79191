//! What this thread is inside of: the receivers being called, for the recursion limit and for waits.

use std::cell::RefCell;
use std::sync::Arc;

use crate::info::Meta;

thread_local! {
    /// One entry for every receiver this thread is in the middle of, outermost first.
    static STACK: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

struct Frame {
    signal: usize,
    receiver: *const Meta,
}

/// Held while this thread runs a receiver.
pub(crate) struct Inside(());

/// Notes that this thread now runs a receiver, unless its signal is already `limit` levels deep here.
///
/// A thread that is ending has lost its stack: a send from a destructor of a thread-local goes uncounted.
pub(crate) fn enter(signal: usize, receiver: &Arc<Meta>, limit: u32) -> Option<Inside> {
    let entered = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let depth = stack.iter().filter(|frame| frame.signal == signal).count();
        if depth >= limit as usize {
            return false;
        }
        stack.push(Frame {
            signal,
            receiver: Arc::as_ptr(receiver),
        });
        true
    });
    entered.unwrap_or(true).then_some(Inside(()))
}

/// Whether this thread is in the middle of that receiver.
pub(crate) fn is_inside(receiver: &Arc<Meta>) -> bool {
    let receiver = Arc::as_ptr(receiver);
    let found = STACK.try_with(|stack| {
        let stack = stack.borrow();
        stack.iter().any(|frame| frame.receiver == receiver)
    });
    found.unwrap_or(false)
}

impl Drop for Inside {
    fn drop(&mut self) {
        // Guards are dropped in the reverse order of their making, because each lives in one call.
        let _ = STACK.try_with(|stack| stack.borrow_mut().pop());
    }
}
