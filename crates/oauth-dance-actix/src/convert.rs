//! Requests and responses between actix-web, which has the types of `http` 0.2, and `http` 1.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use http::request::Parts;
use oauth_dance::leaf;

use crate::values::Shared;

/// The request without its body. Receivers find the visit among its extensions, and what the application shares
/// with them.
pub(crate) fn parts(request: &HttpRequest) -> Parts {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = method(request.method());
    parts.uri = uri(request.uri());
    parts.headers = headers(request.headers());
    let extensions = request.extensions();
    if let Some(Shared(shared)) = extensions.get() {
        parts.extensions = shared.clone();
    }
    if let Some(visit) = extensions.get::<oauth_dance::Visit>() {
        parts.extensions.insert(visit.clone());
    }
    parts
}

/// Both crates take the same names, so the other branch is never taken. It is a method that no page of a dance takes.
fn method(method: &actix_web::http::Method) -> http::Method {
    http::Method::from_bytes(method.as_str().as_bytes()).unwrap_or(http::Method::TRACE)
}

/// A URI that the newer parser refuses becomes `/`: a page of the application still has its visit.
pub(crate) fn uri(uri: &actix_web::http::Uri) -> http::Uri {
    uri.to_string().parse().unwrap_or_default()
}

pub(crate) fn status(status: http::StatusCode) -> StatusCode {
    StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

pub(crate) fn headers(headers: &HeaderMap) -> http::HeaderMap {
    let mut converted = http::HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes());
        let value = http::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            // A map that is full, at 32,768 headers, takes no more.
            let _ = converted.try_append(name, value);
        }
    }
    converted
}

pub(crate) fn response(response: http::Response<Bytes>) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let mut response = HttpResponseBuilder::new(status(parts.status)).body(body);
    put_head(&mut response, parts);
    response
}

/// The head of a response without its body. What receivers have handed over, and errors on their way to the log, go
/// along.
pub(crate) fn head<B>(response: &mut HttpResponse<B>) -> http::response::Parts {
    let (mut parts, ()) = http::Response::new(()).into_parts();
    let status = http::StatusCode::from_u16(response.status().as_u16());
    parts.status = status.unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    parts.headers = headers(response.headers());
    parts.extensions = response.extensions_mut().remove().unwrap_or_default();
    parts
}

/// Puts a head on a response. A header that is repeated, as `Set-Cookie` is, stays repeated.
pub(crate) fn put_head<B>(response: &mut HttpResponse<B>, parts: http::response::Parts) {
    *response.status_mut() = status(parts.status);
    response.headers_mut().clear();
    for (name, value) in &parts.headers {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().append(name, value);
        }
    }
    response.extensions_mut().insert(parts.extensions);
}

/// What the log says of a request, for a page that fails.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    method: http::Method,
    uri: http::Uri,
    route: Option<String>,
}

impl Asked {
    pub(crate) fn new(method: http::Method, uri: http::Uri) -> Self {
        let route = None;
        Self { method, uri, route }
    }

    /// With the route that actix-web has matched.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self {
            route: request.match_pattern(),
            ..Self::new(method(request.method()), uri(request.uri()))
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
