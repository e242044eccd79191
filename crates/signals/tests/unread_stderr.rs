//! A.5 without a hook and without `tracing`: a failure that a sender does not read is a line of standard error.
#![cfg(not(feature = "tracing"))]

use std::process::Command;

use signals::Signal;

/// Is run by the test below, in a process of its own.
#[test]
#[ignore = "a part of another test"]
fn sender_that_reads_nothing() {
    let signal = Signal::<str, u32, u32>::new("a");
    let fails = |_: &str, _: &u32| Err::<(), _>("disk\nfull");
    signal.receiver(fails).named("backup").connect();
    signal.send("s", &4);
}

#[test]
fn a05_a_failure_that_is_unread_is_one_line_of_standard_error() {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program)
        .args(["--exact", "sender_that_reads_nothing", "--ignored"])
        .output()
        .unwrap();
    let written = String::from_utf8(output.stderr).unwrap();
    let begin = format!("signals: backup ({}:", file!());
    assert!(written.starts_with(&begin), "{written}");
    let end = ") failed, and the failure was not read: disk full\n";
    assert!(written.ends_with(end), "{written}");
    assert_eq!(written.lines().count(), 1);
}
