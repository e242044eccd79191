//! Where the kernel refuses `membarrier`, as old ones and some sandboxes do, sends use fences instead.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "the kernel is asked to refuse a call")]

mod load;
mod model;
mod support;

use model::{Way, agrees_with_the_model};

/// Has the kernel refuse `membarrier` to this thread, and to those that it will start.
fn refuse_membarrier() {
    let word = |code: u32, yes, no, value: u32| libc::sock_filter {
        code: u16::try_from(code).unwrap(),
        jt: yes,
        jf: no,
        k: value,
    };
    let membarrier = u32::try_from(libc::SYS_membarrier).unwrap();
    let refused = libc::SECCOMP_RET_ERRNO | u32::try_from(libc::ENOSYS).unwrap();
    let mut filter = [
        // The number of the call is the first word of what the filter is shown.
        word(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        word(
            libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
            0,
            1,
            membarrier,
        ),
        word(libc::BPF_RET | libc::BPF_K, 0, 0, refused),
        word(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).unwrap(),
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the program and its filter live until the calls return, which copy them.
    let is_refused = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(
                libc::PR_SET_SECCOMP,
                libc::SECCOMP_MODE_FILTER,
                std::ptr::from_ref(&program),
            ) == 0
            && libc::syscall(libc::SYS_membarrier, 0, 0, 0) == -1
    };
    assert!(is_refused, "{}", std::io::Error::last_os_error());
}

// One test: the first use of a signal settles for the whole process what it does without.
#[test]
fn all_holds_where_the_kernel_refuses_membarrier() {
    refuse_membarrier();
    load::plain_sends_against_changes();
    load::async_sends_against_changes();
    load::async_sends_change_threads_and_are_dropped_midway();
    load::captures_go_when_the_sends_are_done_that_called_them();
    load::captures_go_with_the_call_in_the_background_that_ends_last();
    load::signals_and_threads_come_and_go();
    agrees_with_the_model(Way::Send);
}
