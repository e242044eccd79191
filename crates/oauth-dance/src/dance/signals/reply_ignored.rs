//! `oauth_reply_ignored`: two receivers answered.

use std::convert::Infallible;

use signals::AsyncSignal;

use crate::dance::Dance;

/// Sent when a receiver's reply was ignored because an earlier receiver had replied: once for each
/// ignored reply. If two receivers both reply, that is mostly a mistake, and this signal shows it.
///
/// ```
/// use oauth_dance::{Dance, OAUTH_REPLY_IGNORED, ReplyIgnored};
///
/// OAUTH_REPLY_IGNORED.connect(|_: &Dance, ignored: &ReplyIgnored| {
///     eprintln!(
///         "{}: {} answered, so {} was not heard",
///         ignored.signal(),
///         ignored.answered_by(),
///         ignored.receiver(),
///     );
/// });
/// ```
pub static OAUTH_REPLY_IGNORED: AsyncSignal<Dance, ReplyIgnored, Infallible> =
    AsyncSignal::new("oauth_reply_ignored");

/// The payload of [`OAUTH_REPLY_IGNORED`].
#[derive(Debug, Clone)]
pub struct ReplyIgnored {
    signal: &'static str,
    receiver: String,
    answered_by: String,
}

impl ReplyIgnored {
    pub(crate) fn new(signal: &'static str, receiver: String, answered_by: String) -> Self {
        Self {
            signal,
            receiver,
            answered_by,
        }
    }

    /// Returns the name of the signal that both receivers are connected to, such as `oauth_authorized`.
    #[must_use]
    pub fn signal(&self) -> &'static str {
        self.signal
    }

    /// Returns the name of the receiver whose reply was ignored.
    #[must_use]
    pub fn receiver(&self) -> &str {
        &self.receiver
    }

    /// Returns the name of the receiver whose reply was sent.
    #[must_use]
    pub fn answered_by(&self) -> &str {
        &self.answered_by
    }
}
