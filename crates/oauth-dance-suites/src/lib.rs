//! The contracts of `oauth-dance`, as tests: one suite for framework adapters, one for token stores.
//!
//! [`adapter_suite!`] and [`store_suite!`] make a `#[tokio::test]` for each promise of the contract.

pub mod adapter_suite;
pub mod store_suite;
