//! The protocol of the list engine, tried in every order that two threads, or three, can take.
//!
//! This is a model of `src/engine`, step by step, with the names used there: what a send writes down before
//! it loads, what a change makes unreachable before it looks, and who drops captures that were in use. The
//! barriers are the fences they stand for.
#![allow(unsafe_code, reason = "the model checks each access to its cells")]

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use loom::sync::{Arc, Mutex};
use loom::thread;

const NOTHING: usize = 0;

/// One frame of one record, and what is kept by it.
struct World {
    /// The hazard: what the reader uses.
    written_down: AtomicUsize,
    /// Somebody waits for the hazard to go.
    wake: AtomicBool,
    /// What may be reached: an index into `things`.
    reachable: AtomicUsize,
    /// Memory that is read by the reader and freed by a writer: a race or a use after free is an error.
    things: [UnsafeCell<bool>; 3],
    /// Under the mutex: what is unreachable and not freed.
    retired: Mutex<Vec<usize>>,
}

impl World {
    fn new() -> Self {
        Self {
            written_down: AtomicUsize::new(NOTHING),
            wake: AtomicBool::new(false),
            reachable: AtomicUsize::new(1),
            things: [
                UnsafeCell::new(false),
                UnsafeCell::new(true),
                UnsafeCell::new(true),
            ],
            retired: Mutex::new(Vec::new()),
        }
    }

    /// A send: write down, look again, use, clear, see whether somebody waits.
    fn send(&self) {
        let mut thing = self.reachable.load(Ordering::Acquire);
        loop {
            self.written_down.store(thing, Ordering::Release);
            fence(Ordering::SeqCst);
            let again = self.reachable.load(Ordering::Acquire);
            if again == thing {
                break;
            }
            thing = again;
        }
        if thing != NOTHING {
            let is_alive = self.things[thing].with(|thing| {
                // SAFETY: that nobody writes to it now is what the model is to show; it checks each access.
                unsafe { *thing }
            });
            assert!(is_alive, "used after its end");
        }
        self.written_down.store(NOTHING, Ordering::Release);
        fence(Ordering::SeqCst);
        if self.wake.load(Ordering::Relaxed) && self.wake.swap(false, Ordering::Relaxed) {
            self.settle();
        }
    }

    /// A change: another thing (or nothing) is to be reached.
    fn change(&self, next: usize) {
        let mut retired = self.retired.lock().unwrap();
        retired.push(self.reachable.swap(next, Ordering::SeqCst));
        drop(retired);
        self.settle();
    }

    /// Frees what is not written down; whoever is in the way is told.
    fn settle(&self) {
        let mut retired = self.retired.lock().unwrap();
        let in_use = loop {
            fence(Ordering::SeqCst);
            let in_use = self.written_down.load(Ordering::Acquire);
            let is_blocked = retired.contains(&in_use);
            let is_news = is_blocked && !self.wake.swap(true, Ordering::Relaxed);
            if !is_news {
                break in_use;
            }
        };
        retired.retain(|&thing| {
            if thing == in_use {
                return true;
            }
            self.things[thing].with_mut(|thing| {
                // SAFETY: see `send`.
                unsafe { *thing = false }
            });
            false
        });
    }
}

fn is_everything_freed(world: &World) -> bool {
    world.retired.lock().unwrap().is_empty()
}

#[test]
fn what_a_send_uses_is_not_freed_and_what_nobody_uses_is() {
    loom::model(|| {
        let world = Arc::new(World::new());
        let sender = thread::spawn({
            let world = Arc::clone(&world);
            move || world.send()
        });
        world.change(NOTHING);
        sender.join().unwrap();
        assert!(is_everything_freed(&world), "nobody was told");
    });
}

#[test]
fn two_changes_in_a_row_leave_nothing_behind() {
    loom::model(|| {
        let world = Arc::new(World::new());
        let sender = thread::spawn({
            let world = Arc::clone(&world);
            move || world.send()
        });
        world.change(2);
        world.change(NOTHING);
        sender.join().unwrap();
        assert!(is_everything_freed(&world), "nobody was told");
    });
}

#[test]
fn a_thread_that_sends_twice_misses_no_change() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let world = Arc::new(World::new());
        let sender = thread::spawn({
            let world = Arc::clone(&world);
            move || {
                world.send();
                world.send();
            }
        });
        world.change(2);
        world.change(NOTHING);
        sender.join().unwrap();
        // A flag set as the first send left may be seen by the second only.
        world.settle();
        assert!(is_everything_freed(&world));
    });
}

/// A list whose last receiver is cut off in place, and where another may take its place.
struct End {
    written_down: AtomicUsize,
    /// Is the current list replaced by another?
    is_copied: AtomicBool,
    /// With what generation of the end it is as long as that.
    len: AtomicUsize,
    entry: AtomicUsize,
    things: [UnsafeCell<bool>; 3],
}

const SHORT: usize = 0;
const WITH_OLD: usize = 1;
const WITH_NEW: usize = 2;

#[test]
fn a_place_that_is_taken_again_is_not_seen_by_who_knows_the_old_length() {
    loom::model(|| {
        let end = Arc::new(End {
            written_down: AtomicUsize::new(NOTHING),
            is_copied: AtomicBool::new(false),
            len: AtomicUsize::new(WITH_OLD),
            entry: AtomicUsize::new(WITH_OLD),
            things: [
                UnsafeCell::new(false),
                UnsafeCell::new(true),
                UnsafeCell::new(true),
            ],
        });
        let sender = thread::spawn({
            let end = Arc::clone(&end);
            move || {
                end.written_down.store(1, Ordering::Release);
                fence(Ordering::SeqCst);
                if end.is_copied.load(Ordering::Acquire) {
                    return;
                }
                let len = end.len.load(Ordering::Acquire);
                if len != SHORT {
                    let entry = end.entry.load(Ordering::Relaxed);
                    assert_eq!(entry, len, "a receiver that was connected later");
                    let is_alive = end.things[entry].with(|thing| {
                        // SAFETY: that nobody writes to it now is what the model is to show.
                        unsafe { *thing }
                    });
                    assert!(is_alive, "used after its end");
                }
                end.written_down.store(NOTHING, Ordering::Release);
            }
        });
        end.len.store(SHORT, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if end.written_down.load(Ordering::Acquire) == NOTHING {
            end.things[WITH_OLD].with_mut(|thing| {
                // SAFETY: see above.
                unsafe { *thing = false }
            });
            end.entry.store(WITH_NEW, Ordering::Relaxed);
            end.len.store(WITH_NEW, Ordering::Release);
        } else {
            end.is_copied.store(true, Ordering::SeqCst);
        }
        sender.join().unwrap();
    });
}

#[test]
fn who_changes_something_alone_needs_no_barrier_in_others() {
    loom::model(|| {
        let world = Arc::new(World::new());
        let is_taken = Arc::new(AtomicBool::new(false));
        let newcomer = thread::spawn({
            let (world, is_taken) = (Arc::clone(&world), Arc::clone(&is_taken));
            move || {
                // Takes a record; after that, its light barriers are nothing.
                is_taken.swap(true, Ordering::AcqRel);
                fence(Ordering::SeqCst);
                let thing = world.reachable.load(Ordering::Acquire);
                world.written_down.store(thing, Ordering::Release);
                if thing != NOTHING {
                    let is_alive = world.things[thing].with(|thing| {
                        // SAFETY: see `World::send`.
                        unsafe { *thing }
                    });
                    assert!(is_alive, "used after its end");
                }
            }
        });
        let gone = world.reachable.swap(NOTHING, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        // If it is not alone, it has a barrier run in all other threads, as in the other models.
        if !is_taken.load(Ordering::Acquire) {
            world.things[gone].with_mut(|thing| {
                // SAFETY: see `World::send`.
                unsafe { *thing = false }
            });
        }
        newcomer.join().unwrap();
    });
}

#[test]
fn a_call_is_over_when_its_frame_is_left_and_whatever_it_is_used_for_next() {
    const SLOT: usize = 1;
    const OWN: usize = 1;
    const OTHER: usize = 2;
    loom::model(|| {
        // A frame: what it says was called last stays there.
        let list = Arc::new(AtomicUsize::new(NOTHING));
        let current = Arc::new(AtomicUsize::new(NOTHING));
        let is_live = Arc::new(AtomicBool::new(true));
        let captures = Arc::new(UnsafeCell::new(true));
        let sender = thread::spawn({
            let (list, current) = (Arc::clone(&list), Arc::clone(&current));
            let (is_live, captures) = (Arc::clone(&is_live), Arc::clone(&captures));
            move || {
                list.store(OWN, Ordering::Release);
                fence(Ordering::SeqCst);
                current.store(SLOT, Ordering::Release);
                fence(Ordering::SeqCst);
                if is_live.load(Ordering::Acquire) {
                    let are_there = captures.with(|captures| {
                        // SAFETY: that nobody writes to it now is what the model is to show.
                        unsafe { *captures }
                    });
                    assert!(are_there, "used after their end");
                }
                list.store(NOTHING, Ordering::Release);
                // A send of another signal, which has called nobody yet.
                list.store(OTHER, Ordering::Release);
            }
        });
        is_live.store(false, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let is_called = list.load(Ordering::Acquire) != NOTHING
            && current.load(Ordering::Acquire) == SLOT
            && list.load(Ordering::Acquire) == OWN;
        if !is_called {
            captures.with_mut(|captures| {
                // SAFETY: see above.
                unsafe { *captures = false }
            });
        }
        sender.join().unwrap();
    });
}

/// A frame that is used for one signal after another, and what somebody waits for in either.
struct TwoSignals {
    list: AtomicUsize,
    /// Who waits for the frame to be left.
    wake: AtomicUsize,
    is_left_behind: [Mutex<bool>; 3],
}

const ONE: usize = 1;
const OTHER: usize = 2;

impl TwoSignals {
    fn send(&self, signal: usize) {
        self.list.store(signal, Ordering::Release);
        fence(Ordering::SeqCst);
        self.list.store(NOTHING, Ordering::Release);
        fence(Ordering::SeqCst);
        if self.wake.load(Ordering::Relaxed) != NOTHING {
            self.wake.store(NOTHING, Ordering::Relaxed);
            self.settle(signal);
        }
    }

    fn settle(&self, signal: usize) {
        let mut is_left_behind = self.is_left_behind[signal].lock().unwrap();
        *is_left_behind = loop {
            fence(Ordering::SeqCst);
            let is_in_use = self.list.load(Ordering::Acquire) == signal;
            let is_news = is_in_use && self.wake.swap(signal, Ordering::Relaxed) != signal;
            if !is_news {
                break is_in_use;
            }
        };
    }
}

#[test]
fn two_signals_that_wait_for_the_same_thread_are_both_told() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let signals = Arc::new(TwoSignals {
            list: AtomicUsize::new(NOTHING),
            wake: AtomicUsize::new(NOTHING),
            is_left_behind: [false, false, false].map(Mutex::new),
        });
        let sender = thread::spawn({
            let signals = Arc::clone(&signals);
            move || {
                signals.send(ONE);
                signals.send(OTHER);
            }
        });
        let changer = thread::spawn({
            let signals = Arc::clone(&signals);
            move || signals.settle(ONE)
        });
        signals.settle(OTHER);
        sender.join().unwrap();
        changer.join().unwrap();
        for is_left_behind in &signals.is_left_behind {
            assert!(!*is_left_behind.lock().unwrap(), "nobody was told");
        }
    });
}

#[test]
fn a_call_that_ends_as_its_receiver_leaves_is_not_overlooked() {
    loom::model(|| {
        let pins = Arc::new(AtomicUsize::new(1));
        let dying = Arc::new(AtomicUsize::new(0));
        let is_settled = Arc::new(Mutex::new(false));
        let settle = |pins: &AtomicUsize, dying: &AtomicUsize, is_settled: &Mutex<bool>| {
            let mut is_settled = is_settled.lock().unwrap();
            fence(Ordering::SeqCst);
            *is_settled = pins.load(Ordering::SeqCst) == 0;
            dying.store(usize::from(!*is_settled), Ordering::SeqCst);
        };
        let call = thread::spawn({
            let (pins, dying) = (Arc::clone(&pins), Arc::clone(&dying));
            let is_settled = Arc::clone(&is_settled);
            move || {
                pins.fetch_sub(1, Ordering::SeqCst);
                fence(Ordering::SeqCst);
                if dying.load(Ordering::SeqCst) > 0 {
                    settle(&pins, &dying, &is_settled);
                }
            }
        });
        dying.fetch_add(1, Ordering::SeqCst);
        settle(&pins, &dying, &is_settled);
        call.join().unwrap();
        assert!(*is_settled.lock().unwrap(), "nobody was told");
    });
}
