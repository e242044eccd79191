//! What costs no memory: sends whose receivers have nothing to say.
#![allow(unsafe_code, reason = "an allocator that counts is unsafe to write")]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use signals::{AsyncSignal, Signal};
use support::block_on;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the same is asked of our caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the same is asked of our caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(run: impl Fn()) -> usize {
    // The first send of a thread makes its record.
    run();
    let before = COUNT.get();
    run();
    COUNT.get() - before
}

#[test]
fn a_send_to_silent_receivers_allocates_nothing() {
    let signal = Signal::<str, u32, u32>::new("a");
    assert_eq!(allocations(|| drop(signal.send("s", &1))), 0);
    for _ in 0..100 {
        signal.connect(|_: &str, _: &u32| ());
        signal
            .receiver(|_: &str, _: &u32| ())
            .when(|_, n| *n > 0)
            .connect();
    }
    assert_eq!(allocations(|| drop(signal.send("s", &1))), 0);
}

#[test]
fn an_async_send_to_plain_receivers_allocates_no_more_than_a_plain_one() {
    let signal = AsyncSignal::<str, u32, u32>::new("a");
    for _ in 0..100 {
        signal.connect(|_: &str, _: &u32| ());
    }
    let idle = allocations(|| block_on(async {}));
    assert_eq!(allocations(|| drop(block_on(signal.send("s", &1)))), idle);
}
