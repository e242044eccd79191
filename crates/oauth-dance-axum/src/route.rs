//! The dance's own pages as axum routes.

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Request};
use axum::routing::any;
use oauth_dance::{Dances, leaf};
use oauth_dance_tower::routes;
use tower_service::Service as _;

/// Returns the routes of all dances. Merge them into the application's router.
pub fn router<S>(dances: &Dances) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    leaf::paths(dances).fold(Router::new(), |router, path| {
        let mut pages = routes::<Body>(dances);
        let handle = async move |mut request: Request| {
            // axum takes a nest's prefix off the URI; the dance compares whole paths. Inside a nest it finds none,
            // rather than begin a login whose callback leads out of the nest.
            if let Some(OriginalUri(uri)) = request.extensions().get() {
                *request.uri_mut() = uri.clone();
            }
            pages.call(request).await
        };
        router.route(&path, any(handle))
    })
}
