//! The name of a dance as a type.

/// Names a dance in a type, for extractors of adapters such as `Api<providers::GitHub>`.
///
/// Every constructor of [`providers`](crate::providers) has a type of its own. For a dance with another
/// name, declare one:
///
/// ```
/// struct Intranet;
///
/// impl oauth_dance::DanceName for Intranet {
///     const NAME: &'static str = "intranet";
/// }
/// ```
pub trait DanceName {
    /// The name of the dance, as in its URLs.
    const NAME: &'static str;
}
