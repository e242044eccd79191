//! `GET /login/{name}/authorized`: the provider sends the browser back.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use signals::AsyncSignal;

use super::{failed, finish, receivers};
use crate::dance::Dance;
use crate::effects::Effects;
use crate::failure::{Failed, RejectReason};
use crate::jar::Taken;
use crate::pending::Pending;
use crate::record::Record;
use crate::respond;
use crate::steps::callback::{self, Parameters};
use crate::steps::{exchange, identify};

/// Sent for a callback that proved no link to a pending login of this browser: anybody can cause it,
/// so it carries a reason, nothing of the request, and receivers can only watch.
///
/// ```
/// use oauth_dance::{Dance, OAUTH_REJECTED, Rejected};
///
/// OAUTH_REJECTED.connect(|dance: &Dance, rejected: &Rejected| {
///     eprintln!("{}: {}", dance.name(), rejected.reason());
/// });
/// ```
pub static OAUTH_REJECTED: AsyncSignal<Dance, Rejected, Infallible> =
    AsyncSignal::new("oauth_rejected");

/// The payload of [`OAUTH_REJECTED`].
#[derive(Debug, Clone, Copy)]
pub struct Rejected {
    reason: RejectReason,
}

impl Rejected {
    /// Why the callback was rejected.
    #[must_use]
    pub fn reason(&self) -> RejectReason {
        self.reason
    }
}

/// Finishes a login: the pending login taken out, the callback verified, the code exchanged, the
/// person identified; then the receivers decide.
pub(crate) async fn callback(dance: &Dance, request: &Arc<Parts>) -> Response<Bytes> {
    let site = dance.site();
    let cookies = site.read_cookies(&request.headers);
    let parameters = match callback::parameters(&request.uri) {
        Ok(parameters) => parameters,
        Err(reason) => return rejected(dance, reason, Effects::default()).await,
    };

    // From here on the pending login is used up, whatever comes of it.
    let mut effects = Effects::default();
    let mut draws = site.draws();
    let taken = site
        .jar()
        .take(dance.settings(), &parameters.state, &cookies)
        .await;
    let Taken {
        pending,
        delete_cookie,
    } = match taken {
        Ok(taken) => taken,
        Err(failure) => {
            return failed::failed(dance, request, &cookies, failure, effects, &mut draws).await;
        }
    };
    if let Some(cookie) = delete_cookie {
        effects.set_cookie(cookie);
    }
    let pending = match pending {
        Ok(pending) => pending,
        Err(reason) => return rejected(dance, reason, effects).await,
    };

    match sign_in(dance, parameters, pending).await {
        Ok(login) => finish::finish(dance, request, &cookies, login, effects, &mut draws).await,
        Err(failure) => {
            failed::failed(dance, request, &cookies, failure, effects, &mut draws).await
        }
    }
}

/// What the provider granted, and to whom; checked, and not stored yet.
pub(super) struct SignedIn {
    pub(super) record: Record,
    pub(super) pending: Pending,
}

async fn sign_in(
    dance: &Dance,
    parameters: Parameters,
    pending: Pending,
) -> Result<SignedIn, Failed> {
    let (site, settings) = (dance.site(), dance.settings());
    let verified = callback::verify(settings, parameters, pending)?;

    let request = exchange::token_request(settings, &verified);
    let response = site.call(request).await?;
    let pending = verified.into_pending();
    let token = exchange::read_token(settings, &response, &pending.requested, site.now())?;

    let identity = match &settings.userinfo_endpoint {
        None => None,
        Some(endpoint) => {
            let request = identify::userinfo_request(endpoint, &token.access_token);
            let response = site.call(request).await?;
            Some(identify::read_userinfo(settings, &response)?)
        }
    };
    Ok(SignedIn {
        record: Record { token, identity },
        pending,
    })
}

async fn rejected(dance: &Dance, reason: RejectReason, effects: Effects) -> Response<Bytes> {
    #[cfg(feature = "tracing")]
    tracing::info!(dance = dance.name(), %reason, "a callback was rejected");

    receivers::tell(dance, &OAUTH_REJECTED, &Rejected { reason }).await;
    let mut response = respond::rejected(reason, &dance.settings().login_url);
    effects.append_to(response.headers_mut());
    response
}
