//! A refresh of a token in a store that several processes share.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::fetch::fetch;
use super::goal::Goal;
use crate::contract::token_store::{Lease, Revision, SealedToken, StoreError, TokenStore};
use crate::dance::Dance;
use crate::dance::events;
use crate::dance::flights::{Pilot, Refreshed};
use crate::flows::RefreshError;
use crate::keep::cookies::RequestCookies;
use crate::keep::vault::{Found, Vault};
use crate::values::login_error::LoginError;
use crate::values::no_answer::ClientErrorKind;
use crate::values::token::Token;

/// How many calls of the store a lease lasts for, each of them as long as it may take: the one that takes the
/// lease, a look, a write, and the one that renews the lease after a write that failed.
const CALLS: u32 = 4;

/// The part of a lease that is for no call: the pause after a write that failed, and a little more.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// How often a process looks whether the holder of the lease is done.
const POLL: Duration = Duration::from_millis(100);

/// The pause between attempts to keep a token that the provider has already rotated.
const PAUSE: Duration = Duration::from_secs(1);

/// How many pauses a waiting caller is kept for. The token is kept in the background after that.
const PATIENCE: usize = 2;

/// How many times the attempt is made: for about five minutes.
const MAX_ATTEMPTS: usize = 300;

/// Refreshes under the store's lease, or waits for the process that has it.
pub(super) async fn refresh(
    dance: &Dance,
    vault: &Vault<'_>,
    store: &dyn TokenStore,
    goal: &Goal,
    pilot: &Pilot,
) -> Result<Refreshed, RefreshError> {
    let site = dance.site();
    let holder = site.draws().text()?;
    let store_time = site.store_deadline.saturating_mul(CALLS);
    let provider_time = site.outbound.limits.deadline;
    let lifetime = store_time
        .saturating_add(provider_time)
        .saturating_add(LEASE_MARGIN);
    // A holder that died does not block this process for longer than its lease.
    let give_up = Instant::now().checked_add(lifetime.saturating_add(2 * POLL));
    loop {
        let lease = Lease {
            holder: &holder,
            lasts: lifetime,
        };
        if store.lease(&vault.key, lease).await? {
            let work = with_lease(dance, vault, store, lease, goal, pilot);
            // A client or a store that panics must not hold up the next refresh until the lease ends.
            let result = caught(work).await;
            // A lease that is not released ends by itself.
            let _ = store.release(&vault.key, &holder).await;
            return result.unwrap_or_else(|panic| resume_unwind(panic));
        }
        let token = stored(vault).await?.record.token;
        if goal.is_reached_by(&token, site.now()) {
            return Ok(Refreshed::found(token));
        }
        if give_up.is_some_and(|give_up| give_up <= Instant::now()) {
            return Err(LoginError::NoAnswer(ClientErrorKind::Timeout).into());
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Runs `work` to its end, or to its panic.
async fn caught<T>(work: impl Future<Output = T>) -> std::thread::Result<T> {
    let mut work = pin!(work);
    poll_fn(|context| {
        let poll = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        poll.map_or_else(|panic| Poll::Ready(Err(panic)), |poll| poll.map(Ok))
    })
    .await
}

async fn with_lease(
    dance: &Dance,
    vault: &Vault<'_>,
    store: &dyn TokenStore,
    lease: Lease<'_>,
    goal: &Goal,
    pilot: &Pilot,
) -> Result<Refreshed, RefreshError> {
    // Another process may have refreshed the token between the look and the lease.
    let found = stored(vault).await?;
    if goal.is_reached_by(&found.record.token, dance.site().now()) {
        return Ok(Refreshed::found(found.record.token));
    }
    let revision = found.revision.ok_or(RefreshError::LoginRequired)?;
    match fetch(dance, found.record.clone()).await {
        Ok(record) => {
            let refreshed = Refreshed {
                token: record.token.clone(),
                cookies: Vec::new(),
                by_us: true,
            };
            let sealed = vault.seal_for_store(&record, found.term, &mut dance.site().draws())?;
            match keep(vault, store, lease, revision, sealed, || {
                pilot.land(Ok(refreshed.clone()));
            })
            .await?
            {
                Some(_) => Ok(refreshed),
                None => overtaken(dance, vault, &record.token).await,
            }
        }
        Err(RefreshError::LoginRequired) => {
            match bury(dance, vault, store, revision, found).await? {
                Some(_) => Err(RefreshError::LoginRequired),
                // A login, or another process that had the lease, has put another token in its place.
                None => Ok(Refreshed::found(stored(vault).await?.record.token)),
            }
        }
        Err(error) => Err(error),
    }
}

/// Puts the rotated token in place of the old one.
///
/// The old refresh token is worthless by now, so a store that is down for a moment is asked again, every
/// second. The lease is renewed with each attempt, so that no other process spends the old refresh token
/// meanwhile. If that takes too long for a waiting caller, `impatient` is called.
async fn keep(
    vault: &Vault<'_>,
    store: &dyn TokenStore,
    lease: Lease<'_>,
    revision: Revision,
    sealed: SealedToken,
    impatient: impl Fn(),
) -> Result<Option<Revision>, StoreError> {
    for attempt in 1..MAX_ATTEMPTS {
        match store.replace(&vault.key, revision, sealed.clone()).await {
            Err(error) if !error.is_refused() => {
                if attempt > PATIENCE {
                    impatient();
                }
                tokio::time::sleep(PAUSE).await;
                // A store that cannot be asked gives the lease to no other process either.
                let _ = store.lease(&vault.key, lease).await;
            }
            result => return result,
        }
    }
    store.replace(&vault.key, revision, sealed).await
}

/// Uses the record that another request or process has put in place of ours. If it was a login, its token is
/// returned. If it was a logout, the refreshed token is revoked, so that it does not live on unseen.
async fn overtaken(
    dance: &Dance,
    vault: &Vault<'_>,
    token: &Token,
) -> Result<Refreshed, RefreshError> {
    let result = stored(vault).await;
    if matches!(result, Err(RefreshError::LoginRequired))
        && let Err(failed) = dance.flow().revoke(token).await
    {
        events::revocation_failed(dance, &failed);
    }
    result.map(|found| Refreshed::found(found.record.token))
}

/// Remembers that the provider has revoked the whole grant. The refresh token is not used again, and
/// neither is an access token that has a few seconds left. Returns `None` if the record was replaced meanwhile.
async fn bury(
    dance: &Dance,
    vault: &Vault<'_>,
    store: &dyn TokenStore,
    revision: Revision,
    found: Found,
) -> Result<Option<Revision>, RefreshError> {
    let mut record = found.record;
    record.token.refresh_token = None;
    record.token.expires_at = Some(dance.site().now());
    let sealed = vault.seal_for_store(&record, found.term, &mut dance.site().draws())?;
    Ok(store.replace(&vault.key, revision, sealed).await?)
}

/// Returns the record as it is stored now. A lease can only be had on a record, so an absent record means
/// that the user has signed out.
async fn stored(vault: &Vault<'_>) -> Result<Found, RefreshError> {
    vault
        .load(&RequestCookies::default())
        .await?
        .ok_or(RefreshError::LoginRequired)
}
