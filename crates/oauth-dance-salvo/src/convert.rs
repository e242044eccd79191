//! Requests and responses between salvo's types and those of `http`.

use std::mem::take;

use http::{Method, StatusCode, Uri, request, response};
use oauth_dance::leaf;
use salvo_core::{Request, Response};

/// The head of the request.
pub(crate) fn head(request: &Request) -> request::Parts {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = request.method().clone();
    parts.uri = request.uri().clone();
    parts.version = request.version();
    parts.headers = request.headers().clone();
    parts.extensions = request.extensions().clone();
    parts
}

/// Takes the head off a response. The status of a page that has set none is `OK`, for as long as salvo gives it none.
pub(crate) fn take_head(page: &mut Response) -> response::Parts {
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.status = page.status_code.unwrap_or_default();
    parts.headers = take(&mut page.headers);
    parts.extensions = take(&mut page.extensions);
    parts
}

/// Puts a head on a response. A page that has set no status keeps none, unless the head has another.
pub(crate) fn put_head(page: &mut Response, parts: response::Parts) {
    if page.status_code.is_some() || parts.status != StatusCode::OK {
        page.status_code = Some(parts.status);
    }
    page.headers = parts.headers;
    page.extensions = parts.extensions;
}

/// What the log says of a request, for a page that fails.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    method: Method,
    uri: Uri,
    route: Option<String>,
}

impl Asked {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            route: match request.matched_path() {
                "" => None,
                path => Some(format!("/{path}")),
            },
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
