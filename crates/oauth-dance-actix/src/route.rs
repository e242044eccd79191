//! The dance's own pages as actix-web routes.

use std::collections::HashSet;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, guard, rt};
use http::StatusCode;
use oauth_dance::{Dances, leaf};

use crate::convert;

/// Returns the routes of all dances, for `configure` of an `App` or a `web::scope`.
///
/// The paths of the dances are whole paths: [`mount_at`](oauth_dance::DancesBuilder::mount_at) puts a prefix before
/// them, and a scope does not. So `web::scope("/auth").configure(routes(&dances))` has the pages of dances that are
/// mounted at `/auth`, and of no others. A path with a slash at its end is another path, so that the pages are
/// not found below `NormalizePath` with `TrailingSlash::Always`. `NormalizePath::trim()` takes the slash off.
///
/// Routes that are added before take precedence, as always in actix-web. Add these before a route that matches every
/// path.
pub fn routes(dances: &Dances) -> impl FnOnce(&mut ServiceConfig) + Clone + use<> {
    let dances = dances.clone();
    move |config| {
        let paths: HashSet<String> = leaf::paths(&dances).collect();
        // One route for all. The guard compares whole paths, while a pattern would begin after the scope's prefix.
        let pages = web::resource("/{page_of_a_dance}*")
            .guard(guard::fn_guard(move |request| {
                paths.contains(request.head().uri.path())
            }))
            .to(move |request: HttpRequest, body: web::Payload| {
                let dances = dances.clone();
                async move { handle(&dances, &request, body).await }
            });
        config.service(pages);
    }
}

async fn handle(dances: &Dances, request: &HttpRequest, body: web::Payload) -> HttpResponse {
    let parts = convert::parts(request);
    if let Some(response) = leaf::wrong_method(dances, &parts.method, parts.uri.path()) {
        return convert::response(response);
    }
    // Not the extractor of `Bytes`: the application's own limit is for its own pages.
    let body = body.to_bytes_limited(leaf::MAX_BODY_BYTES);
    let status = match rt::time::timeout(leaf::BODY_DEADLINE, body).await {
        Ok(Ok(Ok(body))) => {
            let request = http::Request::from_parts(parts, body);
            return convert::response(dances.handle(request).await);
        }
        Ok(Ok(Err(_))) => StatusCode::BAD_REQUEST,
        Ok(Err(_)) => StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => StatusCode::REQUEST_TIMEOUT,
    };
    convert::response(leaf::unreadable(dances, status))
}
