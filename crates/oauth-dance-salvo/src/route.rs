//! The dances' own pages as a salvo router.

use std::collections::HashSet;

use async_trait::async_trait;
use oauth_dance::{Dances, leaf};
use oauth_dance_tower::Routes;
use salvo_core::http::{ReqBody, ResBody};
use salvo_core::{Depot, FlowCtrl, Handler, Request, Response, Router};
use tower_service::Service as _;

use crate::convert;

/// Returns a router of the pages of all dances, for every method.
///
/// The paths of the dances are whole paths: [`mount_at`](oauth_dance::DancesBuilder::mount_at) puts a prefix before
/// them, and a router above does not. Below a router with another path they are not found, rather than begin a login
/// whose callback leads elsewhere. A path with a slash at its end is another path.
///
/// salvo takes the first router that matches: push this one before a router that matches every path.
#[must_use]
pub fn routes(dances: &Dances) -> Router {
    let paths: HashSet<String> = leaf::paths(dances).collect();
    Router::with_path("{**page_of_a_dance}")
        .filter_fn(move |request, _| paths.contains(request.uri().path()))
        .goal(Pages {
            routes: oauth_dance_tower::routes(dances),
        })
}

struct Pages {
    routes: Routes<ResBody>,
}

#[async_trait]
impl Handler for Pages {
    async fn handle(
        &self,
        request: &mut Request,
        _: &mut Depot,
        page: &mut Response,
        _: &mut FlowCtrl,
    ) {
        let body: ReqBody = request.take_body();
        let request = http::Request::from_parts(convert::head(request), body);
        let Ok(response) = self.routes.clone().call(request).await;
        let (parts, body) = response.into_parts();
        // Not in place of all: hoops before this one may have set headers.
        page.status_code(parts.status);
        for (name, value) in &parts.headers {
            page.headers.append(name, value.clone());
        }
        page.extensions.extend(parts.extensions);
        // A body, also if it is empty: the catcher leaves this page alone.
        page.body = body;
    }
}
