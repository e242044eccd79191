//! What the compiler refuses, in which words; and the same things done right, which it takes.

#![cfg(feature = "inventory")]

#[test]
fn misuse_is_refused_in_words_that_name_the_fix() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/right.rs");
    cases.compile_fail("tests/ui/[a-qs-z]*.rs");
}

/// Compiled in the run of the tests that switches the feature off.
#[test]
#[cfg(not(feature = "tokio"))]
fn options_that_need_tokio_are_refused_in_words_that_name_the_feature() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/without_tokio/*.rs");
}
