//! What a receiver takes of memory.
#![allow(unsafe_code, reason = "an allocator that counts is unsafe to write")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use signals::Signal;

thread_local! {
    /// Bytes and blocks that this thread holds.
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

fn note(bytes: isize, blocks: isize) {
    let (all_bytes, all_blocks) = HELD.get();
    HELD.set((all_bytes + bytes, all_blocks + blocks));
}

struct Counting;

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as isize, 1);
        // SAFETY: the same is asked of our caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(-(layout.size() as isize), -1);
        // SAFETY: the same is asked of our caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const RECEIVERS: isize = 1000;

fn held_by_receivers() -> (isize, isize) {
    let signal = Signal::<str, u32, u32>::new("a");
    signal.connect(|_: &str, _: &u32| ());
    let before = HELD.get();
    for n in 0..RECEIVERS {
        let captured = n as usize;
        signal.connect(move |_: &str, _: &u32| assert!(captured < 1000));
    }
    let after = HELD.get();
    (after.0 - before.0, after.1 - before.1)
}

#[test]
fn a_receiver_with_one_captured_word_takes_48_bytes_at_most_its_place_in_the_list_included() {
    let (bytes, _) = held_by_receivers();
    assert!(bytes <= 48 * RECEIVERS, "{bytes} bytes");
}

#[test]
fn a_receiver_takes_one_block() {
    let (_, blocks) = held_by_receivers();
    // What the signal itself needs does not grow with them.
    assert!(
        (RECEIVERS..RECEIVERS + 10).contains(&blocks),
        "{blocks} blocks"
    );
}
