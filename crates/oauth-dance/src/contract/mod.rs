//! The traits that other crates implement, and their forms in memory.

pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod entropy;
pub(crate) mod in_time;
pub(crate) mod memory_pending;
pub(crate) mod memory_sessions;
pub(crate) mod memory_store;
pub(crate) mod null_store;
pub(crate) mod pending_store;
pub(crate) mod session_store;
pub(crate) mod token_store;
