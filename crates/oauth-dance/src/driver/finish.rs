//! The receivers decide: is the token stored, for which owner, and what does the browser get?

use bytes::Bytes;
use http::{HeaderValue, Response};

use super::turn::Turn;
use super::{failed, housekeeping, respond, revoke};
use crate::dance::first_reply::FirstReply;
use crate::dance::login::Login;
use crate::dance::receivers;
use crate::dance::signals::authorized::{Authorized, Decided, OAUTH_AUTHORIZED};
use crate::dance::signals::logged_in::LoggedIn;
use crate::dance::{Dance, events};
use crate::flows::Granted;
use crate::keep::cookies::RequestCookies;
use crate::keep::record::Record;
use crate::keep::session::SignIn;
use crate::keep::vault::Term;
use crate::values::error_page::Ended;
use crate::values::holder::Holder;
use crate::values::login_error::{Failed, LoginError};
use crate::values::outcome::Reply;
use crate::values::owner::Owner;
use crate::values::pending::Pending;
use crate::values::token::Token;

/// Asks the receivers, stores the token unless one discarded it, and makes the response.
pub(super) async fn finish(
    mut turn: Turn<'_>,
    granted: Granted,
    pending: Pending,
) -> Response<Bytes> {
    // Also if the login fails: a store may be full of what has expired.
    housekeeping::now_and_then(turn.dance);
    let origin = &turn.site().origin;
    let (next, location) = match &pending.next {
        Some(next) => (next.on(origin), Some(next.location(origin))),
        None => (turn.settings().redirect_to.clone(), None),
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
        // So is the token, which is not revoked: a receiver may have kept it.
        Err(failure) => return failed::failed(turn, failure).await,
    };
    let left = authorized.browser().take_effects();
    let response = match reply {
        Some(reply) => respond::reply(reply, turn.site()),
        None => respond::redirect_to(location.as_deref().unwrap_or(login.next().as_str())),
    };
    let decided = authorized.decided();
    if decided.discarded {
        if decided.revoked {
            revoke::later(turn.dance, None, login.record().token.clone());
        }
        turn.effects.extend(left);
        turn.came_to_nothing(Ended::NotAccepted);
        return turn.end(response);
    }
    let user = decided.user.clone();
    let stored = match store(&mut turn, &login, decided).await {
        Ok(stored) => stored,
        Err(failure) => {
            revoke_lost(&turn, &login.record().token).await;
            return failed::failed(turn, failure).await;
        }
    };
    let kept = match sign_in(&mut turn, stored, &login.record().token).await {
        Ok(kept) => kept,
        Err(failure) => return failed::failed(turn, failure).await,
    };
    turn.effects.extend(left);
    if kept.has_displaced {
        // A page that needs both sign-ins would send the browser to and fro.
        events::sign_in_displaced(turn.dance);
        turn.came_to_nothing(Ended::GaveWay);
    } else {
        turn.forget_ended();
    }

    let (owner, has_replaced) = (kept.owner, kept.has_replaced);
    let logged_in = LoggedIn::new(login, owner, user, has_replaced, turn.browser());
    receivers::tell(turn.dance, &logged_in).await;
    turn.collect(logged_in.browser());
    turn.end(response)
}

async fn decide(dance: &Dance, login: &Authorized) -> Result<Option<Reply>, Failed> {
    let mut replies = FirstReply::default();
    receivers::ask(dance, login, |receiver, outcome| {
        if outcome.discard {
            login.discard(outcome.revoke);
        }
        if let Some(reply) = outcome.reply {
            replies.hear(receiver, reply);
        }
    })
    .await?;
    Ok(replies.settle(dance, OAUTH_AUTHORIZED.name()).await)
}

/// A token that is stored, for a browser that is not signed in yet.
struct Stored {
    holder: Holder,
    /// The user of the application whom the browser is signed in as.
    user: Option<String>,
    cookies: Vec<HeaderValue>,
    /// The sign-in with this dance that the browser had before.
    former: Option<SignIn>,
    /// The token of the same account that was stored before.
    replaced: Option<Token>,
    term: Term,
}

/// Stores the token. If it fails, the token is not stored.
async fn store(turn: &mut Turn<'_>, login: &Login, decided: Decided) -> Result<Stored, Failed> {
    let (dance, site) = (turn.dance, turn.site());
    let user = decided.user;
    if let Some(user) = &user
        && !Owner::user(user).is_storable()
    {
        return Err(LoginError::StoreRefused.into());
    }
    let owner = match decided.owner {
        Some(owner) => owner,
        // A new identifier at every login, so that one that was planted or seen before is worthless.
        None => Owner::Browser(turn.draws.text()?),
    };
    let account = match &login.record().identity {
        // A browser signs in with one account at a time.
        Some(identity) if owner.is_user() && !dance.keeps_tokens_in_cookies() => identity.account(),
        _ => String::new(),
    };
    let holder = Holder { owner, account };
    let place = dance.place();
    // Read before anything is kept, so that a store that is down refuses the login as a whole.
    let sessions = site.sessions(&turn.cookies);
    let before = sessions.open(|_| true).await?;
    let former = before.of(place).cloned();
    let stays = |it: &&SignIn| it.user.is_none() || user.is_none() || it.user == user;
    let others: Vec<String> = before
        .iter()
        .filter(stays)
        .map(|it| it.dance.clone())
        .collect();
    let vault = dance.vault(&holder);
    let replaced = match holder.owner {
        Owner::User(_) => vault.load(&turn.cookies).await?,
        // The identifier is new, so nothing can be there.
        Owner::Browser(_) => None,
    };

    let now = site.now();
    let expires_at = now.plus(site.session_lifetime);
    let term = Term {
        stored_at: now,
        expires_at: (!holder.owner.is_user()).then_some(expires_at),
    };
    let beside = (&turn.cookies, &*others);
    let saved = vault.save(login.record(), term, beside, &mut turn.draws);
    let cookies = saved.await?;
    Ok(Stored {
        holder,
        user,
        cookies,
        former,
        replaced: replaced.map(|found| found.record.token),
        term,
    })
}

/// The result of keeping a login.
struct Kept {
    owner: Owner,
    /// Whether a token of the same account, or of the same browser, was there before.
    has_replaced: bool,
    /// Whether another sign-in of this browser has given way.
    has_displaced: bool,
}

/// Revokes a token that could not be stored, if the provider then ends that token alone, and if it is not the one
/// with which the browser goes on.
async fn revoke_lost(turn: &Turn<'_>, token: &Token) {
    let (dance, site) = (turn.dance, turn.site());
    let place = dance.place();
    let sessions = site.sessions(&turn.cookies);
    let Ok(before) = sessions.open(|it| it.is_of(place)).await else {
        return;
    };
    if let Some(former) = before.of(place) {
        match dance.vault(&former.holder).load(&turn.cookies).await {
            Ok(Some(found)) if found.record.token.shares_a_secret_with(token) => return,
            Err(_) => return,
            Ok(_) => {}
        }
    }
    revoke::if_alone(dance, None, token.clone());
}

/// Signs the browser in. If it fails, a token that belongs to the browser is deleted, and one that belongs to
/// a user of the application stays, for their other browsers and jobs.
async fn sign_in(turn: &mut Turn<'_>, stored: Stored, token: &Token) -> Result<Kept, Failed> {
    let (dance, site) = (turn.dance, turn.site());
    let Stored { holder, former, .. } = stored;
    let at = stored.term.stored_at;
    let expires_at = at.plus(site.session_lifetime);
    let sign_in = SignIn::new(dance.place(), holder.clone(), stored.user, at, expires_at);
    let sessions = site.sessions(&turn.cookies);
    let signed_in = match sessions.sign_in(sign_in, &mut turn.draws).await {
        Ok(signed_in) => signed_in,
        Err(failure) => {
            if !holder.owner.is_user() || dance.keeps_tokens_in_cookies() {
                forget_of_browser(dance, &holder, token).await;
                revoke_lost(turn, token).await;
            }
            return Err(failure);
        }
    };
    if let Some(replaced) = &stored.replaced
        && !replaced.shares_a_secret_with(token)
    {
        revoke::if_alone(dance, Some(holder.owner.clone()), replaced.clone());
    }
    // The token last: it may be in slots that a token had whose sign-in has ended.
    for cookie in signed_in.cookies.into_iter().chain(stored.cookies) {
        turn.effects.set_cookie(cookie);
    }
    let mut has_replaced = stored.replaced.is_some();
    if let Some(former) = former {
        has_replaced |= !former.holder.owner.is_user();
        forget_of_browser(dance, &former.holder, token).await;
    }
    // Of callbacks at once, no cookie reaches the sign-in of all but one.
    for ended in signed_in.ended.iter().filter(|it| it.is_of(dance.place())) {
        forget_of_browser(dance, &ended.holder, token).await;
    }
    Ok(Kept {
        owner: holder.owner,
        has_replaced,
        has_displaced: signed_in.has_displaced,
    })
}

/// Deletes the record of a browser that has no cookie for it any more. No other browser knows its identifier.
/// If the store fails, the record stays until it expires, out of reach.
///
/// The token is revoked if it is `unlike` that of the login. Some providers have one token for a user and a client.
async fn forget_of_browser(dance: &Dance, holder: &Holder, unlike: &Token) {
    if holder.owner.is_user() || dance.keeps_tokens_in_cookies() {
        return;
    }
    let no_cookies = RequestCookies::default();
    let vault = dance.vault(holder);
    if dance
        .registration()
        .provider
        .quirks
        .revocation_ends_one_token
        && let Ok(Some(found)) = vault.load(&no_cookies).await
        && !unlike.shares_a_secret_with(&found.record.token)
    {
        revoke::later(dance, Some(holder.owner.clone()), found.record.token);
    }
    let _ = vault.delete(&no_cookies).await;
}
