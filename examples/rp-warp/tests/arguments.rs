//! The command line of the relying parties, for this one.

#[path = "../../rp-axum/tests/arguments.rs"]
mod suite;
