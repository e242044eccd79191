//! The suite of the relying parties against the development provider, for this one.

#[path = "../../rp-axum/tests/dev_provider.rs"]
mod suite;
