//! The dances' own pages as poem routes.

use std::io;

use http_body_util::combinators::BoxBody;
use oauth_dance::{Dances, leaf};
use poem::{Body, Endpoint, Request, Response, Route};
use tower_service::Service as _;

use crate::convert;

/// Adds the pages of all dances to `app`, for every method.
///
/// The paths of the dances are whole paths: [`mount_at`](oauth_dance::DancesBuilder::mount_at) puts a prefix before
/// them, and [`nest`](Route::nest) does not. Inside of a nest they are not found, rather than begin a login whose
/// callback leads out of the nest. A path with a slash at its end is another path.
///
/// # Panics
///
/// If `app` has a route at one of these paths. Two routes at one path are a panic in poem.
#[must_use]
pub fn routes(app: Route, dances: &Dances) -> Route {
    leaf::paths(dances).fold(app, |app, path| {
        let dances = dances.clone();
        app.at(path, Page { dances })
    })
}

struct Page {
    dances: Dances,
}

impl Endpoint for Page {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let body: BoxBody<_, io::Error> = request.take_body().into();
        let request = http::Request::from_parts(convert::head(&request), body);
        let Ok(response) = oauth_dance_tower::routes::<Body>(&self.dances)
            .call(request)
            .await;
        Ok(convert::response(response))
    }
}
