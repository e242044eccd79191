//! The steps of the dance: pure functions from values to values.
//!
//! No step awaits, reads the clock or draws randomness. The driver hands those in. `Verified`, which only
//! `callback` can make, is the one key to `exchange`.

pub(crate) mod begin;
mod body;
pub(crate) mod callback;
pub(crate) mod exchange;
pub(crate) mod identify;
pub(crate) mod normalise;
pub(crate) mod refresh;
pub(crate) mod reserved;
pub(crate) mod revoke;
pub(crate) mod wire;
