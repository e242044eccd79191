//! What only the authors of leaf crates call: adapters, HTTP clients, stores.

pub use crate::values::loopback::is_loopback;
