//! `GET /login/{name}/authorized`: the provider sends the browser back.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use signals::AsyncSignal;

use super::turn::Turn;
use super::{failed, finish, receivers};
use crate::dance::Dance;
use crate::driver::respond;
use crate::keep::pending_logins::Taken;
use crate::keep::record::Record;
use crate::steps::oauth2::callback::{self, Parameters};
use crate::steps::oauth2::{exchange, identify};
use crate::values::failure::{Failed, RejectReason};
use crate::values::pending::Pending;

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
    let mut turn = Turn::begin(dance, request);
    let parameters = match callback::parameters(&request.uri) {
        Ok(parameters) => parameters,
        Err(reason) => return rejected(turn, reason).await,
    };

    // From here on the pending login is used up, whatever comes of it.
    let jar = turn.site().jar();
    let taken = jar.take(turn.settings(), &parameters.state, &turn.cookies);
    let Taken {
        pending,
        delete_cookie,
    } = match taken.await {
        Ok(taken) => taken,
        Err(failure) => return failed::failed(turn, failure).await,
    };
    if let Some(cookie) = delete_cookie {
        turn.effects.set_cookie(cookie);
    }
    let pending = match pending {
        Ok(pending) => pending,
        Err(reason) => return rejected(turn, reason).await,
    };

    match sign_in(dance, parameters, pending).await {
        Ok(login) => finish::finish(turn, login).await,
        Err(failure) => failed::failed(turn, failure).await,
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

async fn rejected(turn: Turn<'_>, reason: RejectReason) -> Response<Bytes> {
    let dance = turn.dance;
    #[cfg(feature = "tracing")]
    tracing::info!(dance = dance.name(), %reason, "a callback was rejected");

    receivers::tell(dance, &OAUTH_REJECTED, &Rejected { reason }).await;
    turn.end(respond::rejected(reason, &dance.settings().login_url))
}
