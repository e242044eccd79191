//! The two barriers between sends, which must be quick, and changes, which may be slow.
//!
//! Between a light barrier in one thread and a heavy one in another, one comes first: what the first
//! wrote before its barrier, the second sees after its own.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

use super::record;

/// Whether light barriers must be fences. Settled before the first record exists, and never changed.
static FENCED: AtomicBool = AtomicBool::new(true);

/// Settles which kind of barriers this process uses.
pub(super) fn settle() {
    static SETTLED: OnceLock<()> = OnceLock::new();
    SETTLED.get_or_init(|| FENCED.store(!membarrier::register(), Ordering::SeqCst));
}

/// Whether [`light`] must be asked for the fence. For threads that have [settled](settle).
pub(super) fn is_fenced() -> bool {
    FENCED.load(Ordering::Relaxed)
}

/// The barrier of a send.
#[inline(always)]
pub(super) fn light<const IS_FENCED: bool>() {
    if IS_FENCED {
        fence(Ordering::SeqCst);
    } else {
        compiler_fence(Ordering::SeqCst);
    }
}

/// The barrier of a change. Alone in a process, a thread is spared the system call.
pub(super) fn heavy() {
    settle();
    fence(Ordering::SeqCst);
    if !is_fenced() && record::is_anyone_else_here() {
        membarrier::run();
        fence(Ordering::SeqCst);
    }
}

/// `membarrier(2)`: a full barrier in every running thread of this process.
#[cfg(all(target_os = "linux", not(miri)))]
mod membarrier {
    const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

    /// Says that this process will use it; `false` where the kernel has not got it.
    pub(super) fn register() -> bool {
        call(REGISTER_PRIVATE_EXPEDITED)
    }

    pub(super) fn run() {
        // The registration goes with the address space; a child process registers again.
        let done = call(PRIVATE_EXPEDITED)
            || (call(REGISTER_PRIVATE_EXPEDITED) && call(PRIVATE_EXPEDITED));
        // Going on without the barrier would free what others use.
        assert!(done, "the kernel refuses a barrier it has granted before");
    }

    fn call(command: libc::c_int) -> bool {
        // SAFETY: the call takes three integers and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }
}

/// Other systems: light barriers are fences.
#[cfg(not(all(target_os = "linux", not(miri))))]
mod membarrier {
    pub(super) fn register() -> bool {
        false
    }

    pub(super) fn run() {}
}
