//! The relying parties that are compared: what both need to know.

pub(crate) mod by_hand;
pub(crate) mod ours;

pub(crate) const CLIENT_ID: &str = "bench";
pub(crate) const CLIENT_SECRET: &str = "bench-secret";

/// The callback of the dance at the application of this origin.
pub(crate) fn callback(origin: &str) -> String {
    format!("{origin}/login/op/authorized")
}
