//! The receivers decide: is the token stored, for which owner, and what does the browser get?

use bytes::Bytes;
use http::Response;

use super::turn::Turn;
use super::{failed, respond};
use crate::dance::Dance;
use crate::dance::first_reply::FirstReply;
use crate::dance::login::Login;
use crate::dance::receivers;
use crate::dance::signals::authorized::{Authorized, OAUTH_AUTHORIZED};
use crate::dance::signals::logged_in::LoggedIn;
use crate::flows::Granted;
use crate::keep::cookies::RequestCookies;
use crate::keep::record::Record;
use crate::keep::session::Session;
use crate::values::login_error::Failed;
use crate::values::outcome::Reply;
use crate::values::owner::Owner;
use crate::values::pending::Pending;

/// Asks the receivers, stores the token unless one discarded it, and makes the response.
pub(super) async fn finish(
    mut turn: Turn<'_>,
    granted: Granted,
    pending: Pending,
) -> Response<Bytes> {
    let origin = &turn.site().origin;
    let next = match &pending.next {
        Some(next) => next.on(origin),
        None => turn.settings().redirect_to.clone(),
    };
    let Granted { token, identity } = granted;
    let login = Login::new(
        turn.dance.clone(),
        Record { token, identity },
        pending,
        next,
    );
    let authorized = Authorized::new(login.clone(), turn.browser());

    let reply = match decide(turn.dance, &authorized).await {
        Ok(reply) => reply,
        // The effects of receivers speak of a login that did not happen, so they are dropped.
        Err(failure) => return failed::failed(turn, failure).await,
    };
    let left = authorized.browser().take_effects();
    let response = match reply {
        Some(reply) => respond::reply(reply, origin),
        None => respond::redirect(login.next()),
    };
    if authorized.is_discarded() {
        turn.effects.extend(left);
        return turn.end(response);
    }
    let chosen = authorized.chosen_owner();
    let owner = match store(&mut turn, &login, chosen).await {
        Ok(owner) => owner,
        Err(failure) => return failed::failed(turn, failure).await,
    };
    turn.effects.extend(left);

    let logged_in = LoggedIn::new(login, owner, turn.browser());
    receivers::tell(turn.dance, &logged_in).await;
    turn.collect(logged_in.browser());
    turn.end(response)
}

async fn decide(dance: &Dance, login: &Authorized) -> Result<Option<Reply>, Failed> {
    let mut replies = FirstReply::default();
    receivers::ask(dance, login, |receiver, outcome| {
        if outcome.discard {
            login.discard();
        }
        if let Some(reply) = outcome.reply {
            replies.hear(receiver, reply);
        }
    })
    .await?;
    Ok(replies.settle(dance, OAUTH_AUTHORIZED.name()).await)
}

/// Stores the token and signs the browser in as its owner. Returns the owner.
async fn store(turn: &mut Turn<'_>, login: &Login, chosen: Option<Owner>) -> Result<Owner, Failed> {
    let (dance, site) = (turn.dance, turn.site());
    let owner = match chosen {
        Some(owner) => owner,
        // A new identifier at every login, so that one that was planted or seen before is worthless.
        None => Owner::Browser(turn.draws.text()?),
    };
    let vault = dance.vault(&owner);
    let saved = vault.save(login.record(), &turn.cookies, &mut turn.draws);
    for cookie in saved.await? {
        turn.effects.set_cookie(cookie);
    }

    let now = site.now();
    let former = dance.session(&turn.cookies, now);
    if let Some(former @ Owner::Browser(_)) = former.map(|session| session.owner) {
        // The browser forgets that identifier now, and no other browser knew it. If the store fails, a
        // record stays that cannot be reached any more.
        let no_cookies = RequestCookies::default();
        let _ = dance.vault(&former).delete(&no_cookies).await;
    }
    let expires_at = now.plus(site.session_lifetime);
    let session = Session::begin(dance.place(), owner.clone(), expires_at);
    let cookie = session.cookie(dance.place(), &site.cookies, now, &mut turn.draws)?;
    turn.effects.set_cookie(cookie);
    Ok(owner)
}
