//! The suite of the relying parties' command line, for this one.

#[path = "../../rp-axum/tests/arguments.rs"]
mod suite;
