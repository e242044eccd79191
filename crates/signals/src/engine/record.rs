//! What each thread is in the middle of, written where others can read it.

use std::cell::Cell;
use std::iter;
use std::mem::ManuallyDrop;
use std::ptr::{self, null_mut, without_provenance_mut};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence};

use super::barrier;
use super::slot::SlotId;

/// Sends that are nested deeper take another chunk.
const CHUNK: usize = 16;

/// No address of a core: for frames that nobody is called in.
pub(super) const NO_CORE: usize = 0;

/// A thread's record. It is never freed: a thread that ends leaves it to the next.
#[repr(C, align(128))]
#[derive(Default)]
struct Record {
    frames: Chunk,
    /// The last of its frames that has ever been in use.
    nested: AtomicUsize,
    is_taken: AtomicBool,
    next: OnceLock<&'static Record>,
}

#[repr(C)]
#[derive(Default)]
struct Chunk {
    frames: [Frame; CHUNK],
    next: OnceLock<Box<Chunk>>,
}

/// One send, or one call, that a thread is in the middle of.
#[repr(C)]
#[derive(Default)]
pub(super) struct Frame {
    /// The list that is walked, or [`NO_LIST`]. Null while the frame is not in use.
    pub(super) list: AtomicPtr<()>,
    /// The slot that is called. Means nothing while the frame is not in use; and while the walk of `list`
    /// has not called anybody yet, it is what was called in the frame last, maybe of another signal.
    current: AtomicPtr<()>,
    /// The address of the core that waits for this frame to be left, or [`NO_CORE`]. A flag would not do: one
    /// that was set for another signal says nothing about whether ours will be told.
    wake: AtomicUsize,
    /// The address of the core, to tell signals apart, if no list is walked, which would tell.
    core: AtomicUsize,
}

/// No address of a list.
const NO_LIST: usize = 1;

impl Frame {
    fn is_in_use(&self) -> bool {
        // Acquire: what was done before it was left is over.
        !self.list.load(Ordering::Acquire).is_null()
    }

    /// The core whose receivers are called. For frames of this thread only.
    fn core(&self) -> usize {
        let list = self.list.load(Ordering::Relaxed);
        if list.addr() == NO_LIST {
            return self.core.load(Ordering::Relaxed);
        }
        // SAFETY: the frame keeps the list, for it is this thread's, and a list begins with its core's address.
        unsafe { *list.cast::<usize>() }
    }
}

impl Record {
    /// For this thread's record only.
    fn first_free_frame(&'static self) -> &'static Frame {
        let (mut chunk, mut before) = (&self.frames, 0);
        loop {
            if let Some(free) = chunk.frames.iter().position(|frame| !frame.is_in_use()) {
                if before + free > self.nested.load(Ordering::Relaxed) {
                    // Before the frame is in use: who does not see this made its changes before.
                    self.nested.store(before + free, Ordering::Release);
                }
                return &chunk.frames[free];
            }
            chunk = chunk.next.get_or_init(Box::default);
            before += CHUNK;
        }
    }

    /// The frames that something may be written down in. Also behind one that is free: stacks that take turns
    /// on a thread, as coroutines do, leave theirs in any order.
    fn frames_in_use(&'static self) -> impl Iterator<Item = &'static Frame> {
        let ever_used = 1 + self.nested.load(Ordering::Acquire);
        let chunks = iter::successors(Some(&self.frames), |chunk| {
            chunk.next.get().map(AsRef::as_ref)
        });
        let frames = chunks.flat_map(|chunk| &chunk.frames).take(ever_used);
        frames.filter(|frame| frame.is_in_use())
    }
}

static FIRST: OnceLock<&'static Record> = OnceLock::new();

fn records() -> impl Iterator<Item = &'static Record> {
    iter::successors(FIRST.get().copied(), |record| record.next.get().copied())
}

thread_local! {
    // Without destructors, so that they can be read at any time and cost nothing to read.
    static MINE: Cell<Option<&'static Record>> = const { Cell::new(None) };
    /// Its first frame, where light barriers are no fences: what a send looks at first.
    static FIRST_FRAME: Cell<Option<&'static Frame>> = const { Cell::new(None) };
    /// Gives the record back when the thread ends.
    static LEASE: Lease = const { Lease };
}

struct Lease;

impl Drop for Lease {
    fn drop(&mut self) {
        FIRST_FRAME.set(None);
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
            // Whoever does not see from here on that the record is taken made its changes before.
            fence(Ordering::SeqCst);
            return record;
        }
        place = &record.next;
    }
}

/// Held while this thread is in the middle of a send or a call.
pub(crate) struct Entered {
    pub(super) frame: &'static Frame,
    /// The thread is ending and has no record any more: this one is for this send only, and those inside.
    borrowed: Option<&'static Record>,
}

/// The first frame of this thread, if it takes no more than writing a list down to begin it: the thread has
/// its record, barriers are free, and it is in the middle of nothing.
///
/// Then nothing is written that was read before. A depth that is read, set aside and written back makes
/// each send wait for the one before, which costs more than all the rest.
#[inline(always)]
pub(super) fn enter_quickly() -> Option<Entered> {
    let frame = FIRST_FRAME.get()?;
    let is_free = frame.list.load(Ordering::Relaxed).is_null();
    // Not made before that is known: its end would be that of the frame in use.
    is_free.then(|| Entered {
        frame,
        borrowed: None,
    })
}

/// Begins a frame for the core at this address, unless this thread is `limit` levels deep in it already.
pub(super) fn enter(core: usize, limit: u32) -> Option<Entered> {
    let (record, is_borrowed) = match MINE.get() {
        Some(record) => (record, false),
        None => lease(),
    };
    // The outermost send is not inside of any.
    let limit = limit.max(1) as usize;
    let levels = record.frames_in_use().filter(|frame| frame.core() == core);
    if core != NO_CORE && levels.take(limit).count() == limit {
        return None;
    }
    let frame = record.first_free_frame();
    frame.core.store(core, Ordering::Relaxed);
    frame.current.store(null_mut(), Ordering::Relaxed);
    frame
        .list
        .store(without_provenance_mut(NO_LIST), Ordering::Release);
    Some(Entered {
        frame,
        borrowed: is_borrowed.then_some(record),
    })
}

#[cold]
fn lease() -> (&'static Record, bool) {
    let record = take();
    let lease = LEASE.try_with(|_| {
        if !barrier::is_fenced() {
            FIRST_FRAME.set(Some(&record.frames.frames[0]));
        }
    });
    // Known meanwhile, so that what is sent inside counts its levels, and finds who is called.
    MINE.set(Some(record));
    (record, lease.is_err())
}

impl Entered {
    /// Leaves the frame to [`resume`](Self::resume), in one word. Only for what [`enter_quickly`] gave.
    #[inline(always)]
    pub(super) fn suspend(self) -> &'static Frame {
        ManuallyDrop::new(self).frame
    }

    /// Takes over a frame that was [suspended](Self::suspend).
    pub(super) fn resume(frame: &'static Frame) -> Self {
        // What was called last has ended.
        frame.current.store(null_mut(), Ordering::Release);
        Self {
            frame,
            borrowed: None,
        }
    }

    /// Notes that this slot is called.
    #[inline(always)]
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
        let is_awaited = wake.load(Ordering::Relaxed) != NO_CORE;
        if is_awaited {
            wake.store(NO_CORE, Ordering::Relaxed);
        }
        self.give_back();
        std::mem::forget(self);
        is_awaited
    }

    #[inline(always)]
    fn clear(&self) {
        // Release: who finds the frame left may free what was written down in it.
        self.frame.list.store(null_mut(), Ordering::Release);
    }

    #[inline(always)]
    fn give_back(&self) {
        if let Some(record) = self.borrowed {
            MINE.set(None);
            record.is_taken.store(false, Ordering::Release);
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
    let mut frames = record.frames_in_use();
    frames.any(|frame| frame.current.load(Ordering::Relaxed).addr() == slot.address)
}

/// Tells a thread from all others that run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Thread(usize);

pub(super) fn this_thread() -> Thread {
    Thread(MINE.with(|mine| ptr::from_ref(mine).addr()))
}

/// What a writer looks for in the records.
#[derive(Clone, Copy)]
pub(super) enum Hazard<'a> {
    List(*mut ()),
    /// A slot, and whether a list is of its signal: who walks another has ended its call, and would not tell
    /// this signal when it leaves.
    Slot(*mut (), &'a dyn Fn(*mut ()) -> bool),
}

impl Hazard<'_> {
    fn is_in(self, frame: &Frame) -> bool {
        match self {
            Self::List(list) => frame.list.load(Ordering::Acquire) == list,
            Self::Slot(slot, is_own) => {
                // The slot first: who has gone on to another list since is done with it. Acquire, for then
                // what the call did is over.
                frame.current.load(Ordering::Acquire) == slot && {
                    let list = frame.list.load(Ordering::Acquire);
                    list.addr() == NO_LIST || (!list.is_null() && is_own(list))
                }
            }
        }
    }
}

/// A look at all records, by the core at this address.
pub(super) struct Look {
    by: usize,
    /// Somebody who had not been told before is now told to say when they are done. They may be leaving right
    /// now and miss it: all is to be done again, from the barrier on.
    pub(super) is_news: bool,
}

impl Look {
    /// To be made after a heavy barrier.
    pub(super) fn by(core: usize) -> Self {
        Self {
            by: core,
            is_news: false,
        }
    }

    /// Whether any thread has written this down. Those that have are told to say when they are done.
    pub(super) fn finds(&mut self, hazard: Hazard<'_>) -> bool {
        let mut found = false;
        for frame in records().flat_map(Record::frames_in_use) {
            if hazard.is_in(frame) {
                self.is_news |= frame.wake.swap(self.by, Ordering::Relaxed) != self.by;
                found = true;
            }
        }
        found
    }
}

/// Whether any other thread may be in the middle of a send.
///
/// To be called after a fence, behind the changes that are to be seen. Where this says no, threads that
/// take a record later see them without a heavy barrier.
pub(super) fn is_anyone_else_here() -> bool {
    let mine = MINE.get();
    let is_mine = |record| mine.is_some_and(|mine| ptr::eq(mine, record));
    // Acquire: what a thread did with a record it has given back is over.
    records().any(|record| record.is_taken.load(Ordering::Acquire) && !is_mine(record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_seen_though_the_one_before_it_was_left_first() {
        // Never read, only compared.
        let list = without_provenance_mut(4096);
        let outer = enter(NO_CORE, 0).unwrap();
        let inner = enter(NO_CORE, 0).unwrap();
        inner.frame.list.store(list, Ordering::Release);
        drop(outer);
        let mut look = Look::by(1);
        assert!(look.finds(Hazard::List(list)));
        drop(inner);
        assert!(!look.finds(Hazard::List(list)));
    }
}
