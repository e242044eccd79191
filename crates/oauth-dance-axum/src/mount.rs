//! Routes and layer in one.

use axum::Router;
use oauth_dance::Dances;

use crate::route::router;
use crate::visit::layer;

/// Adds the pages of the dances to `app`, and opens a visit for every request to its routes.
///
/// Call it after the application's routes were added: axum's layers reach the routes that are there, so
/// an extractor of this crate does not work on a route that is added later. Applications that compose
/// routers and layers themselves use [`router`](crate::router()) and [`layer`](crate::layer()).
///
/// ```no_run
/// # use axum::{Router, routing::get};
/// # async fn example(dances: oauth_dance::Dances) -> std::io::Result<()> {
/// let app = Router::new().route("/welcome", get(|| async { "Welcome!" }));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// axum::serve(listener, oauth_dance_axum::mount(app, &dances)).await
/// # }
/// ```
pub fn mount<S>(app: Router<S>, dances: &Dances) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    app.merge(router(dances)).layer(layer(dances))
}
