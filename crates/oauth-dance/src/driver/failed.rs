//! A login of this browser failed: `oauth_error` is sent, and its receivers may answer.

use bytes::Bytes;
use http::Response;

use super::respond;
use super::turn::Turn;
use crate::dance::events;
use crate::dance::first_reply::FirstReply;
use crate::dance::receivers;
use crate::dance::signals::error::{LoginFailure, OAUTH_ERROR};
use crate::values::error_page::Ended;
use crate::values::login_error::Failed;

/// Sends `oauth_error` and makes the response.
pub(super) async fn failed(turn: Turn<'_>, failed: impl Into<Failed>) -> Response<Bytes> {
    // Boxed, because it is rare, and every page would make room for it in its own future.
    Box::pin(tell(turn, failed.into())).await
}

async fn tell(mut turn: Turn<'_>, failed: Failed) -> Response<Bytes> {
    let dance = turn.dance;
    events::login_failed(dance, &failed);
    let failure = LoginFailure::new(failed, turn.browser());
    let mut replies = FirstReply::default();
    // A receiver that fails here changes nothing: the login has failed already.
    let _ = receivers::ask(dance, &failure, |receiver, reply| {
        replies.hear(receiver, reply);
    })
    .await;
    let answer = replies.settle(dance, OAUTH_ERROR.name()).await;

    turn.collect(failure.browser());
    let settings = turn.settings();
    let response = match (answer, failure.error().status()) {
        (Some(reply), _) => respond::reply(reply, turn.site()),
        (None, None) => respond::redirect(&settings.error_to),
        (None, Some(status)) => {
            respond::failed(dance, failure.error(), status, turn.take_flashes())
        }
    };
    turn.came_to_nothing(if failure.error().is_denied() {
        Ended::Denied
    } else {
        Ended::Failed
    });
    turn.end(response)
}
