//! Of several replies the first one goes out; of the others it is said that they did not.

use std::convert::Infallible;

use signals::{AsyncSignal, ReceiverInfo};

use super::receivers;
use crate::dance::Dance;
use crate::values::outcome::Reply;

/// Sent when a receiver's reply did not go out because another receiver had answered before: once for
/// each such reply. Two receivers that both answer are mostly a mistake, and this is how to notice it.
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
    /// The name of the signal that both receivers are connected to, such as `oauth_authorized`.
    #[must_use]
    pub fn signal(&self) -> &'static str {
        self.signal
    }

    /// The name of the receiver whose reply did not go out.
    #[must_use]
    pub fn receiver(&self) -> &str {
        &self.receiver
    }

    /// The name of the receiver whose reply went out.
    #[must_use]
    pub fn answered_by(&self) -> &str {
        &self.answered_by
    }
}

/// The first reply of a send, and who came too late with another.
#[derive(Default)]
pub(super) struct FirstReply {
    first: Option<(String, Reply)>,
    ignored: Vec<String>,
}

impl FirstReply {
    pub(super) fn hear(&mut self, receiver: &ReceiverInfo, reply: Reply) {
        let receiver = receiver.name().to_owned();
        if self.first.is_none() {
            self.first = Some((receiver, reply));
        } else {
            self.ignored.push(receiver);
        }
    }

    /// The reply that goes out. Tells of the others.
    pub(super) async fn settle(self, dance: &Dance, signal: &'static str) -> Option<Reply> {
        let (answered_by, reply) = self.first?;
        if !self.ignored.is_empty() {
            // Boxed, because it is rare, and every page would make room for it in its own future.
            Box::pin(tell(dance, signal, self.ignored, answered_by)).await;
        }
        Some(reply)
    }
}

async fn tell(dance: &Dance, signal: &'static str, ignored: Vec<String>, answered_by: String) {
    for receiver in ignored {
        #[cfg(feature = "tracing")]
        tracing::warn!(
            dance = dance.name(),
            signal,
            receiver,
            answered_by,
            "a reply was ignored"
        );
        let ignored = ReplyIgnored {
            signal,
            receiver,
            answered_by: answered_by.clone(),
        };
        receivers::tell(dance, &OAUTH_REPLY_IGNORED, &ignored).await;
    }
}
