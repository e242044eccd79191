//! `GET /login/{name}`: a login begins.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use super::turn::Turn;
use super::{failed, respond};
use crate::dance::Dance;
use crate::dance::effects::Effects;
use crate::dance::first_reply::FirstReply;
use crate::dance::receivers;
use crate::dance::signals::before_login::{BeforeLogin, OAUTH_BEFORE_LOGIN};
use crate::dance::site::Site;
use crate::flows::Begun;
use crate::values::error_page::Ended;
use crate::values::form;
use crate::values::login_error::Failed;
use crate::values::next::Next;
use crate::values::pending::State;
use crate::values::secret::CodeVerifier;

/// Begins a login: authorization request, receivers, the pending login put away, 303.
pub(crate) async fn login(dance: &Dance, request: &Arc<Parts>) -> Response<Bytes> {
    let mut turn = Turn::begin(dance, request);
    match begin_login(&mut turn).await {
        Ok(response) => turn.end(response),
        Err(failure) => {
            // The effects collected so far speak of a login that did not begin.
            turn.effects = Effects::default();
            failed::failed(turn, failure).await
        }
    }
}

async fn begin_login(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failed> {
    let (dance, site) = (turn.dance, turn.site());
    let state = State::new(turn.draws.text()?);
    let verifier = CodeVerifier::new(turn.draws.text()?);
    let next = next(turn.request, site);
    let expires_at = site.now().plus(site.login_lifetime);
    let Begun { url, mut pending } =
        dance
            .flow()
            .begin(dance.name(), &state, verifier, next, expires_at);

    let login = BeforeLogin::new(url, pending.next.clone(), turn.browser());
    let mut replies = FirstReply::default();
    receivers::ask(dance, &login, |receiver, reply| {
        replies.hear(receiver, reply);
    })
    .await?;
    let answer = replies.settle(dance, OAUTH_BEFORE_LOGIN.name()).await;

    turn.collect(login.browser());
    if let Some(reply) = answer {
        // The browser does not go to the provider, so nothing is pending.
        turn.came_to_nothing(Ended::NotAccepted);
        return Ok(respond::reply(reply, &site.origin));
    }
    let (url, remembered) = login.into_parts();
    pending.remembered = remembered;
    let logins = site.pending_logins(&turn.cookies);
    for cookie in logins.put(&pending, &state, &mut turn.draws).await? {
        turn.effects.set_cookie(cookie);
    }
    turn.forget_ended();
    Ok(respond::redirect(&url))
}

/// Returns the `next` of the query, if it is one path of the application and not one of the dance's own.
fn next(request: &Parts, site: &Site) -> Option<Next> {
    let query = request.uri.query()?;
    if query.len() > 4 * Next::MAX_BYTES {
        return None;
    }
    let mut values = form::pairs(query)
        .filter(|(name, _)| form::decode(name).is_some_and(|name| name == "next"))
        .map(|(_, value)| value);
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let next = Next::parse(&form::decode(value)?, &site.origin)?;
    // Decoded, as a router may see it.
    let path = percent_encoding::percent_decode_str(next.path()).decode_utf8_lossy();
    let own = site.own_paths.iter().any(|own| {
        path.strip_prefix(own.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    (!own).then_some(next)
}
