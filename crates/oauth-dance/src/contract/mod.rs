//! The traits that other crates implement, and their forms in memory.

pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod entropy;
pub(crate) mod pending_memory;
pub(crate) mod pending_store;
pub(crate) mod storage;
