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
    if let Some(response) = leaf::wrong_method(dances, &parts.method, parts.uri.path()) {
        return response.map(Body::from);
    }
    let body = Limited::new(body, leaf::MAX_BODY_BYTES).collect();
    let status = match tokio::time::timeout(leaf::BODY_DEADLINE, body).await {
        Ok(Ok(body)) => {
            let request = http::Request::from_parts(parts, body.to_bytes());
            return dances.handle(request).await.map(Body::from);
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => StatusCode::PAYLOAD_TOO_LARGE,
        Ok(Err(_)) => StatusCode::BAD_REQUEST,
        Err(_) => StatusCode::REQUEST_TIMEOUT,
    };
    leaf::unreadable(dances, status).map(Body::from)
}
