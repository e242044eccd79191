//! What threads make at the first use of a signal, each for itself, until one of them has finished.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The drafts of one signal. There are as many as threads have been at it at the same time: most signals have one.
pub(crate) struct Drafts<T>(OnceLock<Box<Draft<T>>>);

struct Draft<T> {
    /// The number of the thread that is at it, or [`FREE`], or [`DONE`].
    maker: AtomicU64,
    value: T,
    next: Drafts<T>,
}

const FREE: u64 = 0;
const DONE: u64 = u64::MAX;

/// A draft that this thread is at. When this is dropped, another thread may take the draft over.
pub(crate) struct Making<'d, T>(&'d Draft<T>);

impl<T> Drafts<T> {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Returns the draft that this thread is at.
    pub(crate) fn own(&self) -> Option<&T> {
        let thread = this_thread();
        let mut drafts = self;
        while let Some(draft) = drafts.0.get() {
            if draft.maker.load(Ordering::Relaxed) == thread {
                return Some(&draft.value);
            }
            drafts = &draft.next;
        }
        None
    }

    /// Begins a draft, or takes one over that another thread has left.
    pub(crate) fn begin(&self, make: impl Fn() -> T) -> Making<'_, T> {
        let thread = this_thread();
        let mut drafts = self;
        loop {
            let draft = drafts.0.get_or_init(|| {
                Box::new(Draft {
                    maker: AtomicU64::new(FREE),
                    value: make(),
                    next: Self::new(),
                })
            });
            let (acquire, relaxed) = (Ordering::Acquire, Ordering::Relaxed);
            let took = draft.maker.compare_exchange(FREE, thread, acquire, relaxed);
            if took.is_ok() {
                return Making(draft);
            }
            drafts = &draft.next;
        }
    }
}

impl<T> Making<'_, T> {
    /// Keeps all others off the draft for good.
    pub(crate) fn finish(self) {
        self.0.maker.store(DONE, Ordering::Relaxed);
    }
}

impl<T> Deref for Making<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Drop for Making<'_, T> {
    fn drop(&mut self) {
        if self.0.maker.load(Ordering::Relaxed) != DONE {
            self.0.maker.store(FREE, Ordering::Release);
        }
    }
}

/// A number that no other thread ever has. It can be asked for until the very end of a thread.
fn this_thread() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(FREE + 1);
    thread_local! {
        static NUMBER: Cell<u64> = const { Cell::new(FREE) };
    }
    NUMBER.with(|number| {
        if number.get() == FREE {
            number.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        number.get()
    })
}
