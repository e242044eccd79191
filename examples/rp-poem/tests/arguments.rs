//! The suite of the relying parties on the command line, for this one.

#[path = "../../rp-axum/tests/arguments.rs"]
mod suite;
