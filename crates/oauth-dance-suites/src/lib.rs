//! The contracts of `oauth-dance`, as tests: one suite for framework adapters, one for HTTP clients, one for
//! token stores.
//!
//! [`adapter_suite!`], [`client_suite!`] and [`store_suite!`] make a test for each promise of the contract. [`FaultyStore`] is a store whose calls fail or wait when a test wants it.

pub mod adapter_suite;
pub mod client_suite;
mod events;
mod faulty_store;
pub mod session_suite;
pub mod store_suite;

pub use self::events::{Event, events_of};
pub use self::faulty_store::{FaultyStore, Gate, Verb};
