//! What the log says of a request, for a page that fails.

use axum::extract::{MatchedPath, OriginalUri};
use http::request::Parts;
use http::{Method, Uri};
use oauth_dance::leaf;

/// The method of a request, and its route if axum's router has matched one.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    method: Method,
    uri: Uri,
    route: Option<MatchedPath>,
}

impl Asked {
    pub(crate) fn of(request: &Parts) -> Self {
        let original = request.extensions.get::<OriginalUri>();
        Self {
            method: request.method.clone(),
            uri: original
                .map_or(&request.uri, |OriginalUri(uri)| uri)
                .clone(),
            route: request.extensions.get::<MatchedPath>().cloned(),
        }
    }

    pub(crate) fn for_the_log(&self) -> leaf::Asked<'_> {
        let asked = leaf::Asked::new(&self.method, &self.uri);
        match &self.route {
            Some(route) => asked.route(route.as_str()),
            None => asked,
        }
    }
}
