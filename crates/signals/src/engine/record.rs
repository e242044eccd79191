//! What each thread is in the middle of, written where others can read it.

use std::cell::Cell;
use std::iter;
use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use super::barrier;
use super::slot::SlotId;

/// Sends that are nested deeper take another chunk.
const CHUNK: usize = 16;

/// A thread's record. It is never freed: a thread that ends leaves it to the next.
#[repr(align(128))]
#[derive(Default)]
struct Record {
    is_taken: AtomicBool,
    /// How many frames are in use. Written by the thread that has the record only.
    depth: AtomicUsize,
    frames: Chunk,
    next: OnceLock<&'static Record>,
}

#[derive(Default)]
struct Chunk {
    frames: [Frame; CHUNK],
    next: OnceLock<Box<Chunk>>,
}

/// One send, or one call, that a thread is in the middle of.
#[derive(Default)]
pub(super) struct Frame {
    /// The address of the core, to tell signals apart.
    core: AtomicUsize,
    /// The list that is walked.
    pub(super) list: AtomicPtr<()>,
    /// The slot that is called.
    pub(super) current: AtomicPtr<()>,
    /// Somebody waits for this frame to be left.
    wake: AtomicBool,
}

impl Record {
    fn frame(&'static self, depth: usize) -> &'static Frame {
        let mut chunk = &self.frames;
        let mut depth = depth;
        while depth >= CHUNK {
            chunk = chunk.next.get_or_init(Box::default);
            depth -= CHUNK;
        }
        &chunk.frames[depth]
    }

    fn frames(&'static self) -> impl Iterator<Item = &'static Frame> {
        let chunks = iter::successors(Some(&self.frames), |chunk| {
            chunk.next.get().map(AsRef::as_ref)
        });
        chunks.flat_map(|chunk| &chunk.frames)
    }
}

static FIRST: OnceLock<&'static Record> = OnceLock::new();

fn records() -> impl Iterator<Item = &'static Record> {
    iter::successors(FIRST.get().copied(), |record| record.next.get().copied())
}

thread_local! {
    /// Without a destructor, so that it can be read at any time and costs nothing to read.
    static MINE: Cell<Option<&'static Record>> = const { Cell::new(None) };
    /// Gives the record back when the thread ends.
    static LEASE: Lease = const { Lease };
}

struct Lease;

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(record) = MINE.take() {
            record.is_taken.store(false, Ordering::Release);
        }
    }
}

/// Takes a record that is free, or makes one.
#[cold]
fn take() -> &'static Record {
    barrier::settle();
    let mut place = &FIRST;
    loop {
        let record = *place.get_or_init(|| Box::leak(Box::default()));
        if !record.is_taken.swap(true, Ordering::AcqRel) {
            return record;
        }
        place = &record.next;
    }
}

/// Held while this thread is in the middle of a send or a call.
pub(crate) struct Entered {
    record: &'static Record,
    pub(super) frame: &'static Frame,
    depth: usize,
    /// The thread is ending and has no record any more: this one is for this send only.
    is_borrowed: bool,
}

/// Begins a frame for the core at this address, unless this thread is `limit` levels deep in it already.
#[inline]
pub(crate) fn enter(core: usize, limit: u32) -> Option<Entered> {
    let (record, is_borrowed) = match MINE.get() {
        Some(record) => (record, false),
        None => lease(),
    };
    let depth = record.depth.load(Ordering::Relaxed);
    if depth > 0 && is_too_deep(record, depth, core, limit) {
        return None;
    }
    let frame = if depth < CHUNK {
        &record.frames.frames[depth]
    } else {
        record.frame(depth)
    };
    frame.core.store(core, Ordering::Relaxed);
    record.depth.store(depth + 1, Ordering::Relaxed);
    Some(Entered {
        record,
        frame,
        depth,
        is_borrowed,
    })
}

#[cold]
fn lease() -> (&'static Record, bool) {
    let record = take();
    let is_leased = LEASE.try_with(|_| MINE.set(Some(record))).is_ok();
    (record, !is_leased)
}

#[cold]
fn is_too_deep(record: &'static Record, depth: usize, core: usize, limit: u32) -> bool {
    let frames = record.frames().take(depth);
    let levels = frames.filter(|frame| frame.core.load(Ordering::Relaxed) == core);
    levels.count() >= limit as usize
}

impl Entered {
    /// Notes that this slot is called.
    pub(crate) fn call<T>(&self, slot: *const T) {
        self.frame
            .current
            .store(slot.cast::<()>().cast_mut(), Ordering::Release);
    }

    /// Leaves the frame; `true` if somebody waits for that.
    #[inline(always)]
    pub(super) fn leave<const IS_FENCED: bool>(self) -> bool {
        self.clear();
        barrier::light::<IS_FENCED>();
        let wake = &self.frame.wake;
        let is_awaited = wake.load(Ordering::Relaxed) && wake.swap(false, Ordering::Relaxed);
        self.give_back();
        std::mem::forget(self);
        is_awaited
    }

    #[inline(always)]
    fn clear(&self) {
        // Release: who finds the hazards gone may free what they stood for.
        self.frame.current.store(null_mut(), Ordering::Release);
        self.frame.list.store(null_mut(), Ordering::Release);
        self.record.depth.store(self.depth, Ordering::Relaxed);
    }

    #[inline(always)]
    fn give_back(&self) {
        if self.is_borrowed {
            self.record.is_taken.store(false, Ordering::Release);
        }
    }
}

/// For calls that hold a pin on their slot too: if somebody waits, the pin's end tells.
impl Drop for Entered {
    fn drop(&mut self) {
        self.clear();
        self.give_back();
    }
}

/// Whether this thread is in the middle of a call of that slot.
pub(crate) fn is_inside(slot: SlotId) -> bool {
    let Some(record) = MINE.get() else {
        return false;
    };
    let depth = record.depth.load(Ordering::Relaxed);
    let mut frames = record.frames().take(depth);
    frames.any(|frame| frame.current.load(Ordering::Relaxed).addr() == slot.address)
}

/// What a writer looks for in the records.
#[derive(Clone, Copy)]
pub(super) enum Hazard {
    List(*mut ()),
    Slot(*mut ()),
}

/// Whether any thread has written this down. Those that have are told to say when they are done.
///
/// To be called after a heavy barrier. Who had not been told before may be leaving right now and miss it:
/// then `is_news` is set, and all is to be done again, from the barrier on.
pub(super) fn is_written_down(hazard: Hazard, is_news: &mut bool) -> bool {
    let mut found = false;
    for frame in records().flat_map(Record::frames) {
        let holds = match hazard {
            Hazard::List(list) => frame.list.load(Ordering::Acquire) == list,
            Hazard::Slot(slot) => frame.current.load(Ordering::Acquire) == slot,
        };
        if holds {
            *is_news |= !frame.wake.swap(true, Ordering::Relaxed);
            found = true;
        }
    }
    found
}
