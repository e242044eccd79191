//! One refresh per token, however many tasks and processes ask at the same time.
//!
//! Tasks of one process that hold the same refresh token join one flight. Processes on one storage
//! take a lease; who does not get it waits for the record to change. The flight runs as a task of its
//! own: a browser that disconnects in the middle must not lose a refresh token that the provider has
//! already replaced.

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderValue;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use signals::AsyncSignal;
use tokio::sync::watch;

use crate::api::ApiError;
use crate::cookies::RequestCookies;
use crate::dance::Dance;
use crate::driver::tell;
use crate::entropy::random_text;
use crate::failure::{Failed, LoginFailure};
use crate::owner::Owner;
use crate::record::Record;
use crate::secret::RefreshToken;
use crate::steps::refresh::{read_refreshed, refresh_request};
use crate::storage::{Lease, SealedToken, TokenStorage};
use crate::time::Timestamp;
use crate::token::Token;
use crate::vault::{Found, Store, Vault};

/// Sent when a token was refreshed and the new one is stored. Nothing can be answered.
pub static OAUTH_TOKEN_REFRESHED: AsyncSignal<Dance, TokenRefreshed, std::convert::Infallible> =
    AsyncSignal::new("oauth_token_refreshed");

/// The payload of [`OAUTH_TOKEN_REFRESHED`].
#[derive(Debug, Clone)]
pub struct TokenRefreshed {
    owner: Owner,
    token: Token,
}

impl TokenRefreshed {
    /// Whose token it is.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The new token.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }
}

/// A token is refreshed when it has this long to live or less, so that it survives the call it is
/// fetched for.
const LEEWAY: Duration = Duration::from_secs(30);

/// Whether a token is to be refreshed before it is used. One that cannot be refreshed lives to its end.
fn is_due(token: &Token, now: Timestamp) -> bool {
    let leeway = token
        .refresh_token
        .as_ref()
        .map_or(Duration::ZERO, |_| LEEWAY);
    token.is_expired(now, leeway)
}

/// How long a finished flight answers latecomers: requests of one browser that left with the old
/// cookies while the new ones were on their way.
const GRACE: Duration = Duration::from_secs(30);

/// How long a process may hold the lease on a refresh.
const LEASE: Duration = Duration::from_secs(30);

/// How often, and how long, a process looks whether the holder of the lease is done.
const POLL: Duration = Duration::from_millis(100);
const MAX_POLLS: u32 = 150;

/// What a refresh brought.
#[derive(Clone)]
pub(crate) struct Refreshed {
    pub(crate) token: Token,
    /// The cookies that keep the new token, if the browser keeps it.
    pub(crate) cookies: Vec<HeaderValue>,
}

type Landing = Option<Result<Refreshed, RefreshError>>;

/// Why there is no fresh token.
#[derive(Debug, Clone)]
pub(crate) enum RefreshError {
    /// The provider no longer honours the refresh token, or somebody signed out.
    LoginRequired,
    /// The provider did not grant a token this time; the stored one is untouched.
    Failed(Failed),
}

impl<F: Into<Failed>> From<F> for RefreshError {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}

/// The refreshes of this process that are under way or have just landed, by the hash of the refresh
/// token.
#[derive(Default)]
pub(crate) struct Flights {
    by_token: Mutex<HashMap<[u8; 32], Flight>>,
}

struct Flight {
    landing: watch::Receiver<Landing>,
    forget_at: Timestamp,
}

impl Flights {
    /// Joins the flight for this token, or starts it with `start`.
    fn join(
        &self,
        token: &RefreshToken,
        now: Timestamp,
        start: impl FnOnce(watch::Sender<Landing>),
    ) -> watch::Receiver<Landing> {
        let id: [u8; 32] = Sha256::digest(token.secret().as_bytes()).into();
        let mut flights = self.by_token.lock();
        flights.retain(|_, flight| !flight.is_over(now));
        let flight = flights.entry(id).or_insert_with(|| {
            let (sender, landing) = watch::channel(None);
            start(sender);
            Flight {
                landing,
                forget_at: now.plus(LEASE + GRACE),
            }
        });
        flight.landing.clone()
    }
}

impl Flight {
    /// A failed flight answers nobody but those aboard: the next one tries again. A successful one is
    /// kept for latecomers.
    fn is_over(&self, now: Timestamp) -> bool {
        let crashed = self.landing.has_changed().is_err() && self.landing.borrow().is_none();
        let failed = matches!(*self.landing.borrow(), Some(Err(_)));
        crashed || failed || self.forget_at <= now
    }
}

/// The token of `found`, refreshed if that is due.
pub(crate) async fn fresh(
    dance: &Dance,
    owner: &Owner,
    cookies: &RequestCookies,
    found: Found,
) -> Result<Refreshed, ApiError> {
    let (token, now) = (found.record.token.clone(), dance.site().now());
    let as_it_is = Refreshed {
        token,
        cookies: Vec::new(),
    };
    if !is_due(&as_it_is.token, now) {
        return Ok(as_it_is);
    }
    match refresh(dance, owner, cookies, found).await {
        // It was ahead of time: the token is still good, and the provider may be back for the next call.
        Err(ApiError::Refresh { .. }) if !as_it_is.token.is_expired(now, Duration::ZERO) => {
            Ok(as_it_is)
        }
        result => result,
    }
}

/// A token for the refresh token of `found`: ours, or what another task or process fetched.
async fn refresh(
    dance: &Dance,
    owner: &Owner,
    cookies: &RequestCookies,
    found: Found,
) -> Result<Refreshed, ApiError> {
    let Some(refresh_token) = found.record.token.refresh_token.clone() else {
        return Err(ApiError::login_required(dance));
    };
    let site = dance.site();
    let mut landing = site.flights.join(&refresh_token, site.now(), |sender| {
        let (dance, owner, cookies) = (dance.clone(), owner.clone(), cookies.clone());
        tokio::spawn(async move {
            let result = fly(&dance, &owner, &cookies, found).await;
            let payload = result.as_ref().ok().map(|refreshed| TokenRefreshed {
                owner,
                token: refreshed.token.clone(),
            });
            sender.send_replace(Some(result));
            // Receivers hear of it after everybody who waits has the token.
            if let Some(payload) = payload {
                tell(&dance, &OAUTH_TOKEN_REFRESHED, &payload).await;
            }
        });
    });
    let landed = landing.wait_for(Option::is_some).await;
    let result = landed.ok().and_then(|landed| landed.clone());
    result
        // The task panicked: it fell in a client or a storage.
        .unwrap_or(Err(LoginFailure::ProviderUnreachable.into()))
        .map_err(|error| ApiError::refresh(dance, error))
}

async fn fly(
    dance: &Dance,
    owner: &Owner,
    cookies: &RequestCookies,
    found: Found,
) -> Result<Refreshed, RefreshError> {
    let vault = dance.vault(owner);
    match vault.store {
        Store::Cookies => {
            let record = fetch(dance, found.record).await?;
            let sealed = vault.seal(&record)?;
            Ok(Refreshed {
                cookies: vault.to_cookies(&sealed, cookies)?,
                token: record.token,
            })
        }
        Store::Server(storage) => {
            let token = fly_with_lease(dance, &vault, &**storage).await?;
            Ok(Refreshed {
                token,
                cookies: Vec::new(),
            })
        }
    }
}

/// Refreshes under the storage's lease, or waits for the process that has it.
async fn fly_with_lease(
    dance: &Dance,
    vault: &Vault<'_>,
    storage: &dyn TokenStorage,
) -> Result<Token, RefreshError> {
    let site = dance.site();
    let holder = random_text(&*site.entropy)?;
    for _ in 0..MAX_POLLS {
        let now = site.now();
        let lease = Lease {
            holder: &holder,
            now,
            until: now.plus(LEASE),
        };
        if storage.lease(&vault.key, lease).await? {
            let result = refresh_stored(dance, vault, storage).await;
            // A lease that is not given back lapses by itself.
            let _ = storage.release(&vault.key, &holder).await;
            return result;
        }
        match stored(vault).await?.record.token {
            token if !is_due(&token, now) => return Ok(token),
            _ => tokio::time::sleep(POLL).await,
        }
    }
    Err(LoginFailure::ProviderTimeout.into())
}

/// The record as it is stored now. A lease can only be had on a record, so none means that somebody
/// signed out.
async fn stored(vault: &Vault<'_>) -> Result<Found, RefreshError> {
    vault
        .load(&RequestCookies::default())
        .await?
        .ok_or(RefreshError::LoginRequired)
}

async fn refresh_stored(
    dance: &Dance,
    vault: &Vault<'_>,
    storage: &dyn TokenStorage,
) -> Result<Token, RefreshError> {
    // Another process may have been here between our look and our lease.
    let found = stored(vault).await?;
    if !is_due(&found.record.token, dance.site().now()) {
        return Ok(found.record.token);
    }
    let revision = found.revision.ok_or(RefreshError::LoginRequired)?;
    let (record, result) = match fetch(dance, found.record.clone()).await {
        Ok(record) => (record.clone(), Ok(record.token)),
        // The provider has taken the whole grant back. Remembered, so that nobody asks with it again, and
        // nobody goes on with an access token that has a few seconds left.
        Err(RefreshError::LoginRequired) => {
            let mut record = found.record;
            record.token.refresh_token = None;
            record.token.expires_at = Some(dance.site().now());
            (record, Err(RefreshError::LoginRequired))
        }
        Err(error) => return Err(error),
    };
    let sealed = SealedToken::from_bytes(vault.seal(&record)?);
    match storage.replace(&vault.key, revision, sealed).await? {
        Some(_) => result,
        // Changed under our hands: a login or a logout, and it has the last word.
        None => Ok(stored(vault).await?.record.token),
    }
}

/// Asks the provider.
async fn fetch(dance: &Dance, record: Record) -> Result<Record, RefreshError> {
    let settings = dance.settings();
    let Some(refresh_token) = &record.token.refresh_token else {
        return Err(RefreshError::LoginRequired);
    };
    let request = refresh_request(settings, refresh_token);
    let response = dance.site().call(request).await?;
    let token = read_refreshed(settings, &response, &record.token, dance.site().now());
    match token {
        Ok(token) => Ok(Record { token, ..record }),
        // RFC 6749 §5.2: the refresh token is invalid, expired or revoked.
        Err(LoginFailure::Provider(error)) if error.code() == "invalid_grant" => {
            Err(RefreshError::LoginRequired)
        }
        Err(failure) => Err(failure.into()),
    }
}
