//! The layer that opens a visit for every request, told what axum's router knows.

use axum::extract::{MatchedPath, OriginalUri};
use http::request::Parts;
use oauth_dance::Dances;
use oauth_dance_tower::{Asked, VisitLayer};

/// Returns a layer that opens a visit for every request, for the extractors of this crate, and adds the
/// visit's cookies to the response.
///
/// If a handler asks for a login, the response is that of [`leaf::login_required`](oauth_dance::leaf::login_required): a redirect to the login,
/// after which the browser returns to the same address, or 401 for a script.
///
/// After a login that was refused, discarded or failed, the response is a small page with the status 403 instead:
/// until the browser begins another login at `/login/…`, and for ten minutes at most. The page of the guide on
/// [failures](oauth_dance::guide::failures) has the rule.
pub fn layer(dances: &Dances) -> VisitLayer {
    oauth_dance_tower::layer(dances).asked_by(asked)
}

/// A nest takes its prefix off the URI; the browser wants all of it.
pub(crate) fn asked(request: &Parts) -> Asked {
    let mut asked = Asked::of(request);
    if let Some(OriginalUri(uri)) = request.extensions.get() {
        asked = asked.at(uri);
    }
    match request.extensions.get::<MatchedPath>() {
        Some(route) => asked.route(route.as_str()),
        None => asked,
    }
}
