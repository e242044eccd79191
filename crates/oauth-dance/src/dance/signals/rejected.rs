//! `oauth_rejected`: a callback that belongs to no login of this browser.

use std::convert::Infallible;

use signals::AsyncSignal;

use crate::dance::Dance;
use crate::values::login_error::RejectReason;

/// Sent for a callback that proved no link to a pending login of this browser.
///
/// Any client can cause it. The signal therefore carries a reason and nothing of the request, and
/// receivers cannot answer.
///
/// ```
/// use oauth_dance::{Dance, OAUTH_REJECTED, Rejected};
///
/// OAUTH_REJECTED.connect(|dance: &Dance, rejected: &Rejected| {
///     eprintln!("{}: {}", dance.name(), rejected.reason());
/// });
/// ```
pub static OAUTH_REJECTED: AsyncSignal<Dance, Rejected, Infallible> =
    AsyncSignal::new("oauth_rejected");

/// The payload of [`OAUTH_REJECTED`].
#[derive(Debug, Clone, Copy)]
pub struct Rejected {
    reason: RejectReason,
}

impl Rejected {
    pub(crate) fn new(reason: RejectReason) -> Self {
        Self { reason }
    }

    /// Returns why the callback was rejected.
    #[must_use]
    pub fn reason(&self) -> RejectReason {
        self.reason
    }
}
