//! `GET /login/{name}/authorized`: the provider sends the browser back.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use super::turn::Turn;
use super::{failed, finish, respond, revoke};
use crate::dance::Dance;
use crate::dance::events;
use crate::dance::receivers;
use crate::dance::signals::rejected::Rejected;
use crate::flows::{self, Unfinished};
use crate::keep::pending_logins::Taken;
use crate::values::login_error::RejectReason;

/// Finishes a login: takes the pending login out, finishes the conversation with the provider, and lets
/// the receivers decide.
pub(crate) async fn callback(dance: &Dance, request: &Arc<Parts>) -> Response<Bytes> {
    let mut turn = Turn::begin(dance, request);
    let parameters = match flows::parameters(&request.uri) {
        Ok(parameters) => parameters,
        Err(reason) => return rejected(turn, reason).await,
    };

    // From here on the pending login is used up, also if the callback fails.
    let logins = turn.site().pending_logins(&turn.cookies);
    let Taken {
        pending,
        delete_cookies,
    } = match logins.take(dance.place(), &parameters.state).await {
        Ok(taken) => taken,
        Err(failure) => return failed::failed(turn, failure).await,
    };
    for cookie in delete_cookies {
        turn.effects.set_cookie(cookie);
    }
    let pending = match pending {
        Ok(pending) => pending,
        Err(reason) => return rejected(turn, reason).await,
    };

    match dance.flow().finish(parameters, pending).await {
        Ok((granted, pending)) => finish::finish(turn, granted, pending).await,
        Err(Unfinished { failed, lost }) => {
            if let Some(token) = lost {
                revoke::if_alone(dance, None, *token);
            }
            failed::failed(turn, failed).await
        }
    }
}

async fn rejected(turn: Turn<'_>, reason: RejectReason) -> Response<Bytes> {
    let dance = turn.dance;
    events::callback_rejected(dance, reason);
    receivers::tell(dance, &Rejected::new(reason)).await;
    let sessions = turn.site().sessions(&turn.cookies);
    // If the session store fails, the page says less.
    let sign_ins = sessions.open(|it| it.is_of(dance.place())).await;
    let is_signed_in = sign_ins.is_ok_and(|it| it.of(dance.place()).is_some());
    turn.end(respond::rejected(dance, reason, is_signed_in))
}
