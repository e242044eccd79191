//! `POST /logout/{name}`: the browser signs out.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use super::cross_site::is_cross_site;
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
        Some(failed) => respond::not_forgotten(dance, &failed.error, turn.take_flashes()),
    };
    turn.end(response)
}
