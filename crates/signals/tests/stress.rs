//! A.3 under load: many threads send, connect and disconnect at once.

mod load;
mod support;

#[test]
fn plain_sends_against_changes() {
    load::plain_sends_against_changes();
}

#[test]
fn async_sends_against_changes() {
    load::async_sends_against_changes();
}

#[test]
fn async_sends_change_threads_and_are_dropped_midway() {
    load::async_sends_change_threads_and_are_dropped_midway();
}

#[test]
fn captures_go_when_the_sends_are_done_that_called_them() {
    load::captures_go_when_the_sends_are_done_that_called_them();
}

#[test]
fn signals_and_threads_come_and_go() {
    load::signals_and_threads_come_and_go();
}

#[test]
fn captures_go_with_the_call_in_the_background_that_ends_last() {
    load::captures_go_with_the_call_in_the_background_that_ends_last();
}
