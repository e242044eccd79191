//! `POST /logout/{name}`: the browser signs out.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::ORIGIN;
use http::request::Parts;
use url::Url;

use super::respond;
use super::sign_out::{Done, Of, sign_out};
use super::turn::Turn;
use crate::dance::Dance;

/// Ends this browser's sign-in with the dance. If a part of it fails, the browser is signed out nevertheless,
/// and the response says so.
/// `dances` are those of the application.
pub(crate) async fn logout(
    dance: &Dance,
    dances: Vec<Dance>,
    request: &Arc<Parts>,
) -> Response<Bytes> {
    if is_cross_site(request, &dance.site().origin) {
        return respond::cross_site(dance.site());
    }
    let mut turn = Turn::begin(dance, request);
    let of = Of::One(dance.name().to_owned());
    let (cookies, request) = (turn.cookies.clone(), Arc::clone(request));
    let Done { effects, failure } = sign_out(of, dances, cookies, request).await;
    turn.effects.extend(effects);
    let response = match &failure {
        None => respond::redirect(&dance.settings().logged_out_to),
        Some(failed) => respond::not_forgotten(dance, &failed.error),
    };
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
