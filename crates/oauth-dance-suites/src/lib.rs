//! The contracts of `oauth-dance`, as tests: one suite for framework adapters, one for token storages.
//!
//! [`adapter_suite!`] and [`storage_suite!`] make a `#[tokio::test]` for each promise of the contract.

pub mod adapter_suite;
pub mod storage_suite;
