//! Requests and responses between poem's types and those of `http`.

use http::{Extensions, Method, Uri, request, response};
use oauth_dance::leaf;
use poem::{Body, PathPattern, Request, Response, ResponseParts};

/// The whole URI that the browser has asked for: `nest` takes its prefix off.
fn asked_for(request: &Request) -> &Uri {
    match request.original_uri() {
        // A request that a test has built by hand has none.
        unknown if *unknown == Uri::default() => request.uri(),
        whole => whole,
    }
}

/// The head of the request, with the whole URI.
pub(crate) fn head(request: &Request) -> request::Parts {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = request.method().clone();
    parts.uri = asked_for(request).clone();
    parts.version = request.version();
    parts.headers = request.headers().clone();
    parts.extensions = request.extensions().clone();
    parts
}

/// The response, with the extensions that it carries.
pub(crate) fn response(response: http::Response<Body>) -> Response {
    let (parts, body) = response.into_parts();
    put_head(parts, body)
}

/// The head of a response, and its body.
pub(crate) fn split(page: Response) -> (response::Parts, Body) {
    let (page, body) = page.into_parts();
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.status = page.status;
    parts.version = page.version;
    parts.headers = page.headers;
    parts.extensions = page.extensions;
    if let Some(Carried(carried)) = parts.extensions.remove() {
        parts.extensions.extend(carried);
    }
    (parts, body)
}

pub(crate) fn put_head(parts: response::Parts, body: Body) -> Response {
    let head = ResponseParts {
        status: parts.status,
        version: parts.version,
        headers: parts.headers,
        extensions: parts.extensions,
    };
    Response::from_parts(head, body)
}

/// The error that becomes this response.
pub(crate) fn error(page: Response) -> poem::Error {
    // poem puts the extensions of the error in place of those of the response.
    let carried = page.extensions().clone();
    let mut error = poem::Error::from_response(page);
    // Middleware that counts reads it from the error itself.
    if let Some(route) = carried.get::<PathPattern>() {
        error.set_data(route.clone());
    }
    error.set_data(Carried(carried));
    error
}

/// The extensions of a response that an error will become.
#[derive(Clone)]
struct Carried(Extensions);

/// What the log says of a request, for a page that fails.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    method: Method,
    uri: Uri,
    route: Option<PathPattern>,
}

impl Asked {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            uri: asked_for(request).clone(),
            route: request.data().cloned(),
        }
    }

    /// With the route that has matched in the end.
    pub(crate) fn at(self, extensions: &Extensions) -> Self {
        let route = extensions.get().cloned().or(self.route);
        Self { route, ..self }
    }

    pub(crate) fn for_the_log(&self) -> leaf::Asked<'_> {
        let asked = leaf::Asked::new(&self.method, &self.uri);
        match &self.route {
            Some(PathPattern(route)) => asked.route(route),
            None => asked,
        }
    }
}
