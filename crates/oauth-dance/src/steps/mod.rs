//! The steps: pure functions from values to values, one folder per protocol.
//!
//! No step awaits, reads the clock or draws randomness. The driver hands those in.

pub(crate) mod oauth2;
pub(crate) mod registration;
