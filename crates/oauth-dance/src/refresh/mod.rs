//! One refresh per token, however many tasks and processes ask at the same time.
//!
//! Tasks of one process that hold the same refresh token join one flight. Processes on one store take a
//! lease. A process that does not get the lease waits for the record to change.
//!
//! The flight runs as a task of its own. The provider has replaced the refresh token already, so it must
//! not be lost if a browser disconnects in the middle, or if a store is down for a moment.

mod fetch;
mod goal;
mod stored;

use std::time::Duration;

use self::fetch::fetch;
pub(crate) use self::goal::Goal;
use self::goal::is_due;
use crate::dance::Dance;
use crate::dance::events;
use crate::dance::flights::{Boarded, FlightId, Pilot, Refreshed};
use crate::dance::receivers::tell;
use crate::dance::signals::token_refreshed::TokenRefreshed;
use crate::flows::RefreshError;
use crate::keep::cookies::RequestCookies;
use crate::keep::record::Record;
use crate::keep::vault::{Found, Store, Vault};
use crate::values::holder::Holder;
use crate::values::login_error::LoginError;
use crate::values::secret::RefreshToken;
use crate::values::token::Token;

/// How often a latecomer goes on with the token of a flight that had landed before it came.
const MAX_FLIGHTS: usize = 4;

/// Returns the token of `found`, refreshed if it has expired.
///
/// A token that is about to expire is refreshed ahead of time if a store keeps it, in the background: the
/// caller does not wait while the token is good. In cookies, a token is refreshed when it has expired, in a
/// request whose response can set the new cookies.
pub(crate) async fn fresh(
    dance: &Dance,
    holder: &Holder,
    cookies: &RequestCookies,
    found: Found,
) -> Result<Refreshed, RefreshError> {
    let (token, now) = (&found.record.token, dance.site().now());
    if token.is_expired(now, Duration::ZERO) {
        return renewed(dance, holder, cookies, found, Goal::Living).await;
    }
    let token = token.clone();
    if is_due(&token, now)
        && !dance.keeps_tokens_in_cookies()
        && let Some(refresh_token) = token.refresh_token.clone()
    {
        // Nobody waits for it.
        let _ = join(dance, holder, cookies, found, &Goal::Living, &refresh_token);
    }
    Ok(Refreshed::found(token))
}

/// Returns a token that reaches the goal: that of `found`, or one in its place.
pub(crate) async fn renewed(
    dance: &Dance,
    holder: &Holder,
    cookies: &RequestCookies,
    mut found: Found,
    goal: Goal,
) -> Result<Refreshed, RefreshError> {
    let site = dance.site();
    if goal.is_reached_by(&found.record.token, site.now()) {
        // Another call of the page has refreshed it, or another process.
        return Ok(Refreshed::found(found.record.token));
    }
    for _ in 0..MAX_FLIGHTS {
        let Some(refresh_token) = found.record.token.refresh_token.clone() else {
            return Err(RefreshError::LoginRequired);
        };
        let boarded = join(dance, holder, cookies, found.clone(), &goal, &refresh_token);
        let is_late = boarded.is_late;
        let refreshed = boarded.landed().await?;
        // The provider has answered while this call waited. It would not answer better if it was asked again.
        let is_news = refreshed.by_us && !is_late;
        if is_news || goal.is_reached_by(&refreshed.token, site.now()) {
            return Ok(latest(dance, holder, refreshed));
        }
        // The flight landed before this call came, or for another goal, and its token is of no use here.
        found.record.token = refreshed.token;
    }
    Err(LoginError::ProviderAnswer("lifetime of the token").into())
}

/// Returns the token that another request has got in place of this one a short while ago, or else this one. The
/// cookies of an earlier token would overwrite those of the later one, and its refresh token is spent.
fn latest(dance: &Dance, holder: &Holder, mut refreshed: Refreshed) -> Refreshed {
    for _ in 0..MAX_FLIGHTS {
        let Some(refresh_token) = &refreshed.token.refresh_token else {
            break;
        };
        let id = FlightId::new(dance.name(), holder, refresh_token);
        match dance.site().flights.brought(id) {
            // One that stays is no later one.
            Some(later)
                if later.token.access_token.secret() != refreshed.token.access_token.secret() =>
            {
                refreshed = later;
            }
            _ => break,
        }
    }
    refreshed
}

/// Joins the flight for this token, or starts it.
fn join(
    dance: &Dance,
    holder: &Holder,
    cookies: &RequestCookies,
    found: Found,
    goal: &Goal,
    refresh_token: &RefreshToken,
) -> Boarded {
    let id = FlightId::new(dance.name(), holder, refresh_token);
    let site = dance.site();
    let old = found.record.token.clone();
    let now = site.now();
    let suits = |token: &Token| goal.is_reached_by(token, now);
    site.flights.join(id, &old, suits, &site.clock, |pilot| {
        let (dance, holder, cookies) = (dance.clone(), holder.clone(), cookies.clone());
        let goal = goal.clone();
        tokio::spawn(async move { fly(&dance, &holder, &cookies, found, &goal, pilot).await });
    })
}

/// Fetches a token, keeps it, and gives it to every caller that has joined the flight.
async fn fly(
    dance: &Dance,
    holder: &Holder,
    cookies: &RequestCookies,
    found: Found,
    goal: &Goal,
    pilot: Pilot,
) {
    let vault = dance.vault(holder);
    let result = match vault.store {
        Store::Cookies => in_cookies(dance, &vault, cookies, found.record).await,
        Store::Server(store) => stored::refresh(dance, &vault, &**store, goal, &pilot).await,
    };
    let told = match &result {
        Ok(refreshed) if refreshed.by_us => Some(TokenRefreshed::new(
            holder.owner.clone(),
            refreshed.token.clone(),
        )),
        _ => None,
    };
    match &result {
        Err(RefreshError::Failed { failed, .. }) => events::refresh_failed(dance, failed),
        Err(RefreshError::LoginRequired) if dance.keeps_tokens_in_cookies() => {
            events::refused_in_cookies(dance);
        }
        Ok(_) | Err(RefreshError::LoginRequired) => {}
    }
    pilot.land(result);
    // Receivers are called after every waiting caller has the token.
    if let Some(payload) = told {
        tell(dance, &payload).await;
    }
}

async fn in_cookies(
    dance: &Dance,
    vault: &Vault<'_>,
    cookies: &RequestCookies,
    record: Record,
) -> Result<Refreshed, RefreshError> {
    let record = fetch(dance, record).await?;
    let sealed = vault.seal(&record, &mut dance.site().draws())?;
    let cookies = match vault.to_cookies(&sealed, cookies, None) {
        Ok(cookies) => cookies,
        Err(failed) => {
            // The old refresh token is spent, and must not be sent again. This page goes on with the new token.
            events::refresh_failed(dance, &failed);
            vault.delete(cookies).await?
        }
    };
    Ok(Refreshed {
        cookies,
        token: record.token,
        by_us: true,
    })
}
