//! One refresh per token, however many tasks and processes ask at the same time.
//!
//! Tasks of one process that hold the same refresh token join one flight. Processes on one storage
//! take a lease; who does not get it waits for the record to change. The flight runs as a task of its
//! own: a browser that disconnects in the middle must not lose a refresh token that the provider has
//! already replaced, and neither must a storage that is down for a moment.

mod stored;

use std::time::Duration;

use http::HeaderValue;
use signals::AsyncSignal;

use crate::api::error::ApiError;
use crate::dance::Dance;
use crate::dance::flights::{Flown, Pilot};
use crate::driver::tell;
use crate::keep::cookies::RequestCookies;
use crate::keep::record::Record;
use crate::keep::vault::{Found, Store, Vault};
use crate::steps::oauth2::refresh::{read_refreshed, refresh_request};
use crate::values::failure::{Failed, LoginFailure};
use crate::values::owner::Owner;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// Sent by the process that refreshed a token, once the new one is stored. Nothing can be answered.
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

/// What a refresh brought.
#[derive(Clone)]
pub(crate) struct Refreshed {
    pub(crate) token: Token,
    /// The cookies that keep the new token, if the browser keeps it.
    pub(crate) cookies: Vec<HeaderValue>,
}

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

/// The token of `found`, refreshed if that is due.
pub(crate) async fn fresh(
    dance: &Dance,
    owner: &Owner,
    cookies: &RequestCookies,
    found: Found,
) -> Result<Refreshed, ApiError> {
    let token = found.record.token.clone();
    if !is_due(&token, dance.site().now()) {
        let cookies = Vec::new();
        return Ok(Refreshed { token, cookies });
    }
    match refresh(dance, owner, cookies, found).await {
        // It was ahead of time: the token is still good, and the provider may be back for the next call.
        Err(RefreshError::Failed(_)) if !token.is_expired(dance.site().now(), Duration::ZERO) => {
            let cookies = Vec::new();
            Ok(Refreshed { token, cookies })
        }
        result => result.map_err(|error| ApiError::refresh(dance, error)),
    }
}

/// Joins the flight for this token, or starts it.
async fn refresh(
    dance: &Dance,
    owner: &Owner,
    cookies: &RequestCookies,
    found: Found,
) -> Result<Refreshed, RefreshError> {
    let Some(refresh_token) = found.record.token.refresh_token.clone() else {
        return Err(RefreshError::LoginRequired);
    };
    let flights = &dance.site().flights;
    flights
        .join(dance, owner, &refresh_token, |pilot| {
            let (dance, owner, cookies) = (dance.clone(), owner.clone(), cookies.clone());
            tokio::spawn(async move { fly(&dance, &owner, &cookies, found, pilot).await });
        })
        .await
        // The task panicked: it fell in a client or a storage.
        .unwrap_or(Err(LoginFailure::ProviderUnreachable.into()))
}

/// One flight: fetches a token, keeps it, and lets everybody aboard have it.
async fn fly(dance: &Dance, owner: &Owner, cookies: &RequestCookies, found: Found, pilot: Pilot) {
    let vault = dance.vault(owner);
    let flown = match vault.store {
        Store::Cookies => in_cookies(dance, &vault, cookies, found.record).await,
        Store::Server(storage) => stored::refresh(dance, &vault, &**storage, &pilot).await,
    };
    let told = match &flown {
        Ok(Flown {
            refreshed,
            by_us: true,
        }) => Some(TokenRefreshed {
            owner: owner.clone(),
            token: refreshed.token.clone(),
        }),
        _ => None,
    };
    pilot.land(flown.map(|flown| flown.refreshed));
    // Receivers hear of it after everybody who waits has the token.
    if let Some(payload) = told {
        tell(dance, &OAUTH_TOKEN_REFRESHED, &payload).await;
    }
}

async fn in_cookies(
    dance: &Dance,
    vault: &Vault<'_>,
    cookies: &RequestCookies,
    record: Record,
) -> Result<Flown, RefreshError> {
    let record = fetch(dance, record).await?;
    let sealed = vault.seal(&record, &mut vault.site.draws())?;
    Ok(Flown {
        refreshed: Refreshed {
            cookies: vault.to_cookies(&sealed, cookies)?,
            token: record.token,
        },
        by_us: true,
    })
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
