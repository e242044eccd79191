//! What the log says of a request.

use oauth_dance::leaf;
use rocket::Request;

use crate::local::Local;
use crate::{convert, route};

/// What the log says of a request, for a page that fails.
pub(crate) struct Asked {
    method: http::Method,
    uri: http::Uri,
    route: Option<String>,
}

impl Asked {
    pub(crate) fn of(request: &Request<'_>) -> Self {
        let opened = Local::of(request).opened();
        let sent = opened.map(|opened| opened.request.method.clone());
        // Rocket tries the route of the dances' pages first, and leaves it there if no other route matches.
        let route = request.route().filter(|route| !route::is_ours(route));
        Self {
            method: sent.unwrap_or_else(|| convert::method(request.method())),
            uri: convert::uri(request),
            route: route.map(|route| route.uri.path().to_owned()),
        }
    }

    pub(crate) fn for_the_log(&self) -> leaf::Asked<'_> {
        let asked = leaf::Asked::new(&self.method, &self.uri);
        match &self.route {
            Some(route) => asked.route(route),
            None => asked,
        }
    }
}
