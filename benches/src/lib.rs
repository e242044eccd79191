//! What the benchmarks share: samples that alternate, and the work that every candidate does.
//!
//! `cargo test -p benches --lib` tests it. `cargo test --workspace` leaves it out, because whatever is tested
//! has the dev-dependencies of its package built, and here those are the libraries to compare with.

mod bus;
mod raw;
mod samples;
mod waits;
mod work;

pub use self::bus::{Bus, Sends, SharedBus, connect_receiver, filled};
pub use self::raw::{Boxed, Raw, boxed};
pub use self::samples::{Samples, median, time};
pub use self::waits::Waits;
pub use self::work::{Payload, SENDER, Sender};
