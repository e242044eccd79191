//! Of several replies the first one is sent. The others are reported.

use signals::ReceiverInfo;

use crate::dance::Dance;
use crate::dance::events;
use crate::dance::receivers;
use crate::dance::signals::reply_ignored::ReplyIgnored;
use crate::values::outcome::Reply;

/// The first reply of a send, and the receivers that replied after it.
#[derive(Default)]
pub(crate) struct FirstReply {
    first: Option<(String, Reply)>,
    ignored: Vec<String>,
}

impl FirstReply {
    pub(crate) fn hear(&mut self, receiver: &ReceiverInfo, reply: Reply) {
        let receiver = receiver.name().to_owned();
        if self.first.is_none() {
            self.first = Some((receiver, reply));
        } else {
            self.ignored.push(receiver);
        }
    }

    /// Returns the first reply, and reports the others.
    pub(crate) async fn settle(self, dance: &Dance, signal: &'static str) -> Option<Reply> {
        let (answered_by, reply) = self.first?;
        if !self.ignored.is_empty() {
            // Boxed, because it is rare, and every page would make room for it in its own future.
            Box::pin(tell(dance, signal, self.ignored, answered_by)).await;
        }
        Some(reply)
    }
}

async fn tell(dance: &Dance, signal: &'static str, ignored: Vec<String>, answered_by: String) {
    // One for all, so that the browser waits no longer if more receivers replied.
    let deadline = receivers::deadline(dance);
    for receiver in ignored {
        events::reply_ignored(dance, signal, &receiver, &answered_by);
        let ignored = ReplyIgnored::new(signal, receiver, answered_by.clone());
        receivers::tell_until(deadline, dance, &ignored).await;
    }
}
