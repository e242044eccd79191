//! The dance's own pages as axum routes.

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Request};
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use oauth_dance::{Dances, leaf};

/// Returns the routes of all dances. Merge them into the application's router.
pub fn router<S>(dances: &Dances) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    leaf::paths(dances).fold(Router::new(), |router, path| {
        let dances = dances.clone();
        router.route(
            &path,
            any(async move |request: Request| handle(&dances, request).await),
        )
    })
}

async fn handle(dances: &Dances, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    // axum takes a nest's prefix off the URI; the dance compares whole paths. Inside a nest it finds none,
    // rather than begin a login whose callback leads out of the nest.
    if let Some(OriginalUri(uri)) = parts.extensions.get() {
        parts.uri = uri.clone();
    }
    let body = match Limited::new(body, leaf::MAX_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return leaf::unreadable(StatusCode::PAYLOAD_TOO_LARGE).map(Body::from);
        }
        Err(_) => return leaf::unreadable(StatusCode::BAD_REQUEST).map(Body::from),
    };
    dances
        .handle(http::Request::from_parts(parts, body))
        .await
        .map(Body::from)
}
