//! `POST /logout/{name}`: the browser signs out.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::ORIGIN;
use http::request::Parts;
use url::Url;

use super::respond;
use super::turn::Turn;
use crate::dance::Dance;
use crate::dance::events;
use crate::dance::receivers;
use crate::dance::signals::logged_out::LoggedOut;
use crate::dance::signals::token_revoked::TokenRevoked;
use crate::keep::session::Session;

/// Signs the browser out: the stored token first, then the session. The provider is asked to revoke the
/// token. If the provider refuses, the browser is signed out nevertheless (RFC 7009 §2.2).
pub(crate) async fn logout(dance: &Dance, request: &Arc<Parts>) -> Response<Bytes> {
    let site = dance.site();
    if is_cross_site(request, &site.origin) {
        return respond::cross_site();
    }
    let mut turn = Turn::begin(dance, request);
    let mut response = respond::redirect(&dance.settings().logged_out_to);
    let Some(Session { owner, .. }) = dance.session(&turn.cookies, site.now()) else {
        return response;
    };

    let vault = dance.vault(&owner);
    let loaded = vault.load(&turn.cookies).await;
    // Also if it could not be loaded: a token that cannot be revoked can still be deleted here.
    let deleted = vault.delete(&turn.cookies).await;
    let forget = Session::forget(dance.place(), &site.cookies);
    turn.effects.set_cookie(forget);
    match deleted {
        Ok(deletions) => deletions
            .into_iter()
            .for_each(|cookie| turn.effects.set_cookie(cookie)),
        // The browser is signed out, but its token has stayed. The page says so.
        Err(_) => response = respond::not_forgotten(&dance.settings().login_url),
    }

    if let Ok(Some(found)) = loaded {
        match dance.flow().revoke(&found.record.token).await {
            Ok(true) => receivers::tell(dance, &TokenRevoked::new(owner.clone())).await,
            Ok(false) => {}
            Err(failed) => events::revocation_failed(dance, &failed),
        }
    }
    let logout = LoggedOut::new(owner, turn.browser());
    receivers::tell(dance, &logout).await;
    turn.collect(logout.browser());
    turn.end(response)
}

/// Returns whether the browser says that a page of another site sent this request.
///
/// A client that sends neither header is not a current browser, or a proxy has removed them. If that
/// client does not know `SameSite`, another site can sign it out, which is a nuisance and nothing worse.
fn is_cross_site(request: &Parts, origin: &Url) -> bool {
    let header = |name: &str| request.headers.get(name).map(http::HeaderValue::as_bytes);
    match (header("sec-fetch-site"), header(ORIGIN.as_str())) {
        (Some(site), _) => site != b"same-origin" && site != b"none",
        (None, Some(sender)) => sender != origin.origin().ascii_serialization().as_bytes(),
        (None, None) => false,
    }
}
