//! The place that sealed data belongs to.

/// The dance that data is kept for, and the registration that the dance has.
///
/// Data that was sealed under one registration does not open under another: a dance that keeps its name
/// and gets another provider must not send the tokens of the former one to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// The name of the dance.
    pub(crate) dance: &'a str,
    /// The fingerprint of the registration.
    pub(crate) registration: &'a str,
}
