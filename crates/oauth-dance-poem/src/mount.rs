//! Routes and middleware in one.

use oauth_dance::Dances;
use poem::{EndpointExt as _, Route};

use crate::route::routes;
use crate::visit::{VisitsEndpoint, visits};

/// Adds the pages of the dances to `app`, and opens a visit for every request.
///
/// Applications that compose routes and middleware themselves use [`routes`](crate::routes()) and
/// [`visits`](crate::visits()).
///
/// # Panics
///
/// If the application has a route of its own at a path of a dance. Two routes at one path are a panic in poem.
///
/// ```no_run
/// # use poem::{Route, Server, get, handler, listener::TcpListener};
/// # #[handler]
/// # fn welcome() -> &'static str { "Welcome!" }
/// # async fn example(dances: oauth_dance::Dances) -> std::io::Result<()> {
/// let app = Route::new().at("/welcome", get(welcome));
/// let app = oauth_dance_poem::mount(app, &dances);
/// Server::new(TcpListener::bind("127.0.0.1:3000")).run(app).await
/// # }
/// ```
pub fn mount(app: Route, dances: &Dances) -> VisitsEndpoint<Route> {
    routes(app, dances).with(visits(dances))
}
