//! One refresh per token, however many tasks and processes ask at the same time.
//!
//! Tasks of one process that hold the same refresh token join one flight. Processes on one store take a
//! lease. A process that does not get the lease waits for the record to change.
//!
//! The flight runs as a task of its own. The provider has replaced the refresh token already, so it must
//! not be lost if a browser disconnects in the middle, or if a store is down for a moment.

mod fetch;
mod stored;

use std::time::Duration;

use self::fetch::{Flown, fetch, is_due};
use crate::dance::Dance;
use crate::dance::events;
use crate::dance::flights::{FlightId, Pilot, Refreshed};
use crate::dance::receivers::tell;
use crate::dance::signals::token_refreshed::TokenRefreshed;
use crate::flows::RefreshError;
use crate::keep::cookies::RequestCookies;
use crate::keep::record::Record;
use crate::keep::vault::{Found, Store, Vault};
use crate::values::holder::Holder;
use crate::values::login_error::LoginError;

/// Returns the token of `found`, refreshed if that is due.
pub(crate) async fn fresh(
    dance: &Dance,
    holder: &Holder,
    cookies: &RequestCookies,
    found: Found,
) -> Result<Refreshed, RefreshError> {
    let token = found.record.token.clone();
    if !is_due(&token, dance.site().now()) {
        let cookies = Vec::new();
        return Ok(Refreshed { token, cookies });
    }
    match refresh(dance, holder, cookies, found).await {
        // The refresh came early: the token is still good, and the provider may be back at the next call.
        Err(RefreshError::Failed(_)) if !token.is_expired(dance.site().now(), Duration::ZERO) => {
            let cookies = Vec::new();
            Ok(Refreshed { token, cookies })
        }
        result => result,
    }
}

/// Joins the flight for this token, or starts it.
async fn refresh(
    dance: &Dance,
    holder: &Holder,
    cookies: &RequestCookies,
    found: Found,
) -> Result<Refreshed, RefreshError> {
    let Some(refresh_token) = found.record.token.refresh_token.clone() else {
        return Err(RefreshError::LoginRequired);
    };
    let id = FlightId::new(dance.name(), holder, &refresh_token);
    let site = dance.site();
    site.flights
        .join(id, &site.clock, |pilot| {
            let (dance, holder, cookies) = (dance.clone(), holder.clone(), cookies.clone());
            tokio::spawn(async move { fly(&dance, &holder, &cookies, found, pilot).await });
        })
        .await
        // The task panicked, in a client or a store.
        .unwrap_or(Err(LoginError::ProviderUnreachable.into()))
}

/// Fetches a token, keeps it, and gives it to every caller that has joined the flight.
async fn fly(dance: &Dance, holder: &Holder, cookies: &RequestCookies, found: Found, pilot: Pilot) {
    let vault = dance.vault(holder);
    let flown = match vault.store {
        Store::Cookies => in_cookies(dance, &vault, cookies, found.record).await,
        Store::Server(store) => stored::refresh(dance, &vault, &**store, &pilot).await,
    };
    let told = match &flown {
        Ok(Flown {
            refreshed,
            by_us: true,
        }) => Some(TokenRefreshed::new(
            holder.owner.clone(),
            refreshed.token.clone(),
        )),
        _ => None,
    };
    if let Err(RefreshError::Failed(failed)) = &flown {
        events::refresh_failed(dance, failed);
    }
    pilot.land(flown.map(|flown| flown.refreshed));
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
) -> Result<Flown, RefreshError> {
    let record = fetch(dance, record).await?;
    let sealed = vault.seal(&record, &mut dance.site().draws())?;
    Ok(Flown {
        refreshed: Refreshed {
            cookies: vault.to_cookies(&sealed, cookies)?,
            token: record.token,
        },
        by_us: true,
    })
}
