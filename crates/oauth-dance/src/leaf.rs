//! What only the authors of leaf crates call: adapters, HTTP clients, storages.

pub use crate::values::loopback::is_loopback;
