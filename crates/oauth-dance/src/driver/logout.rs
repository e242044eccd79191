//! `POST /logout/{name}`: the browser signs out.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::ORIGIN;
use http::request::Parts;
use http::{Response, StatusCode};
use signals::AsyncSignal;
use url::Url;

use super::receivers;
use super::turn::Turn;
use crate::dance::Dance;
use crate::dance::effects::{Browser, reaches_the_browser};
use crate::driver::respond;
use crate::keep::session::Session;
use crate::steps::oauth2::revoke;
use crate::values::failure::LoginFailure;
use crate::values::owner::Owner;
use crate::values::token::Token;

/// Sent when a browser has signed out, also if the storage was down and the token has stayed. Nothing
/// can be answered, but the payload reaches the browser: an application ends its own session here.
///
/// ```
/// use oauth_dance::{Dance, LoggedOut, OAUTH_LOGGED_OUT};
///
/// OAUTH_LOGGED_OUT.connect(|_: &Dance, logout: &LoggedOut| {
///     let expired = "app-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
///     logout.set_cookie(http::HeaderValue::from_static(expired));
/// });
/// ```
pub static OAUTH_LOGGED_OUT: AsyncSignal<Dance, LoggedOut, Infallible> =
    AsyncSignal::new("oauth_logged_out");

/// Sent when the provider has taken a token back (RFC 7009). Nothing can be answered.
pub static OAUTH_TOKEN_REVOKED: AsyncSignal<Dance, TokenRevoked, Infallible> =
    AsyncSignal::new("oauth_token_revoked");

/// The payload of [`OAUTH_LOGGED_OUT`].
///
/// Clones are the same logout, for receivers that run on in the background.
#[derive(Debug, Clone)]
pub struct LoggedOut {
    owner: Owner,
    browser: Arc<Browser>,
}

reaches_the_browser!(LoggedOut);

impl LoggedOut {
    fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Who was signed in.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }
}

/// The payload of [`OAUTH_TOKEN_REVOKED`].
#[derive(Debug, Clone)]
pub struct TokenRevoked {
    owner: Owner,
}

impl TokenRevoked {
    /// Whose token it was.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }
}

/// Signs the browser out: the stored token first, then the session; the provider is told, but it
/// cannot keep anybody signed in (RFC 7009 §2.2).
pub(crate) async fn logout(dance: &Dance, request: &Arc<Parts>) -> Response<Bytes> {
    let site = dance.site();
    if is_cross_site(request, &site.origin) {
        return respond::cross_site();
    }
    let mut turn = Turn::begin(dance, request);
    let mut response = respond::redirect(&dance.settings().logged_out_to);
    let Some(Session { owner, .. }) = Session::open(dance, &turn.cookies, site.now()) else {
        return response;
    };

    let vault = dance.vault(&owner);
    let loaded = vault.load(&turn.cookies).await;
    // Also if it could not be loaded: what cannot be told to the provider can still be forgotten here.
    let deleted = vault.delete(&turn.cookies).await;
    turn.effects.set_cookie(Session::forget(dance));
    match deleted {
        Ok(deletions) => deletions
            .into_iter()
            .for_each(|cookie| turn.effects.set_cookie(cookie)),
        // The browser is signed out all the same, but its token has stayed: say so, do not pretend.
        Err(_) => {
            let failure = LoginFailure::StorageUnavailable;
            let status = StatusCode::SERVICE_UNAVAILABLE;
            response = respond::failed(&failure, status, &dance.settings().login_url);
        }
    }

    if let Ok(Some(found)) = loaded
        && revoke(dance, &found.record.token).await
    {
        let payload = TokenRevoked {
            owner: owner.clone(),
        };
        receivers::tell(dance, &OAUTH_TOKEN_REVOKED, &payload).await;
    }
    let logout = LoggedOut {
        owner,
        browser: Arc::new(turn.browser()),
    };
    receivers::tell(dance, &OAUTH_LOGGED_OUT, &logout).await;
    turn.collect(&logout.browser);
    turn.end(response)
}

/// Asks the provider to take the token back, if it has an endpoint for that.
async fn revoke(dance: &Dance, token: &Token) -> bool {
    let settings = dance.settings();
    let request = settings
        .revocation_endpoint
        .as_ref()
        .and_then(|endpoint| revoke::revocation_request(settings, endpoint, token));
    match request {
        None => false,
        Some(request) => dance
            .site()
            .call(request)
            .await
            .is_ok_and(|response| response.status() == StatusCode::OK),
    }
}

/// Whether a browser says that another site's page sent this request.
///
/// What sends neither header is no browser of these years, or has had them taken away. Whether it knows
/// `SameSite` is unknown then; if it does not, another site can sign it out, which is a nuisance and
/// no more.
fn is_cross_site(request: &Parts, origin: &Url) -> bool {
    let header = |name: &str| request.headers.get(name).map(http::HeaderValue::as_bytes);
    match (header("sec-fetch-site"), header(ORIGIN.as_str())) {
        (Some(site), _) => site != b"same-origin" && site != b"none",
        (None, Some(sender)) => sender != origin.origin().ascii_serialization().as_bytes(),
        (None, None) => false,
    }
}
