//! What the log says of a request, for a page that fails.

use std::sync::Arc;

use http::request::Parts;
use http::{Method, Uri};
use oauth_dance::leaf;

/// The method of a request, the URI that the browser has asked for, and the route if a router has matched one.
///
/// The log names them if the page fails, and the browser returns to the URI after a login. A router of a framework
/// says what it knows in the function that [`VisitLayer::asked_by`](crate::VisitLayer::asked_by) is given.
#[derive(Debug, Clone)]
pub struct Asked {
    method: Method,
    uri: Uri,
    route: Option<Arc<str>>,
}

impl Asked {
    /// Returns what the request itself says.
    #[must_use]
    pub fn of(request: &Parts) -> Self {
        Self::new(&request.method, &request.uri)
    }

    pub(crate) fn new(method: &Method, uri: &Uri) -> Self {
        Self {
            method: method.clone(),
            uri: uri.clone(),
            route: None,
        }
    }

    /// Says which URI the browser has asked for, if a router has taken a prefix off it.
    #[must_use]
    pub fn at(self, uri: &Uri) -> Self {
        Self {
            uri: uri.clone(),
            ..self
        }
    }

    /// Says which route of a router has matched, such as `/users/{id}`.
    #[must_use]
    pub fn route(self, route: &str) -> Self {
        Self {
            route: Some(route.into()),
            ..self
        }
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the form that the functions of [`leaf`] take.
    #[must_use]
    pub fn for_the_log(&self) -> leaf::Asked<'_> {
        let asked = leaf::Asked::new(&self.method, &self.uri);
        match &self.route {
            Some(route) => asked.route(route),
            None => asked,
        }
    }
}
