//! Requests and responses between Rocket, which has types of its own, and `http`.

use std::io::Cursor;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use rocket::form::Form;
use rocket::http::{Header, Method, Status};
use rocket::{Data, Request, Response};

/// How much of a body Rocket reads before any fairing runs, to look for a method, in bytes.
const METHOD_FIELD_BYTES: usize = "_method=delete".len();

/// What the beginning of a body says of its request.
pub(crate) struct Beginning {
    /// The method that the browser has sent.
    pub(crate) method: http::Method,
    /// Whether the body has broken off already.
    pub(crate) broke_off: bool,
}

/// Looks at the bytes of the body that Rocket has read, so that this waits for none.
///
/// Rocket gives a POST another method if the first field of its form is `_method`. A form on another site could then ask
/// for a page by GET, which begins a login. So a body that begins with that field makes a POST again of any request.
///
/// If the body breaks off in these bytes, Rocket takes the error for the end of the body. It says of a body that has ended
/// that it is complete, and not of this one.
pub(crate) async fn beginning(request: &Request<'_>, data: &mut Data<'_>) -> Beginning {
    // Before `peek`, which reads on after the error and finds the end.
    let is_complete = data.peek_complete();
    let body = data.peek(METHOD_FIELD_BYTES).await;
    let broke_off = body.len() < METHOD_FIELD_BYTES && !is_complete;
    let names_a_method = std::str::from_utf8(body).is_ok_and(|form| {
        let first = Form::values(form).next();
        first.is_some_and(|field| field.name == "_method")
    });
    let method = if names_a_method {
        http::Method::POST
    } else {
        method(request.method())
    };
    Beginning { method, broke_off }
}

/// Both crates take the same names, so the other branch is never taken. It is a method that no page of a dance takes.
pub(crate) fn method(method: Method) -> http::Method {
    http::Method::from_bytes(method.as_str().as_bytes()).unwrap_or(http::Method::TRACE)
}

/// A URI that the other parser refuses becomes `/`: a page of the application still has its visit.
pub(crate) fn uri(request: &Request<'_>) -> http::Uri {
    request.uri().to_string().parse().unwrap_or_default()
}

/// The request without its body.
pub(crate) fn parts(request: &Request<'_>, method: http::Method) -> http::request::Parts {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = method;
    parts.uri = uri(request);
    parts.headers = headers(request.headers());
    if !parts.headers.contains_key(http::header::HOST) {
        add_host(request, &mut parts.headers);
    }
    if !parts.headers.contains_key(http::header::COOKIE) {
        add_cookies(request, &mut parts.headers);
    }
    parts
}

/// HTTP/2 has the host in the URI, of which Rocket keeps path and query.
fn add_host(request: &Request<'_>, headers: &mut HeaderMap) {
    let host = request.host().map(ToString::to_string);
    if let Some(Ok(host)) = host.map(HeaderValue::try_from) {
        headers.insert(http::header::HOST, host);
    }
}

/// The client of `rocket::local` puts its cookies into the jar alone. Those of a browser are in its header.
fn add_cookies(request: &Request<'_>, headers: &mut HeaderMap) {
    for cookie in request.cookies().iter() {
        if let Ok(value) = HeaderValue::try_from(cookie.stripped().to_string()) {
            let _ = headers.try_append(http::header::COOKIE, value);
        }
    }
}

pub(crate) fn status(status: StatusCode) -> Status {
    Status::new(status.as_u16())
}

fn headers(headers: &rocket::http::HeaderMap<'_>) -> HeaderMap {
    let mut converted = HeaderMap::with_capacity(headers.len());
    for header in headers.iter() {
        let name = HeaderName::from_bytes(header.name().as_str().as_bytes());
        let value = HeaderValue::from_bytes(header.value().as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            // A map that is full, at 32,768 headers, takes no more.
            let _ = converted.try_append(name, value);
        }
    }
    converted
}

pub(crate) fn response(response: http::Response<Bytes>) -> Response<'static> {
    let (parts, body) = response.into_parts();
    let mut response = Response::new();
    response.set_status(status(parts.status));
    put_headers(&mut response, &parts.headers);
    set_body(&mut response, body);
    response
}

pub(crate) fn set_body(response: &mut Response<'_>, body: Bytes) {
    response.set_sized_body(body.len(), Cursor::new(body));
}

/// The head of a response without its body.
pub(crate) fn head(response: &Response<'_>) -> http::response::Parts {
    let (mut parts, ()) = http::Response::new(()).into_parts();
    let status = StatusCode::from_u16(response.status().code);
    parts.status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    parts.headers = headers(response.headers());
    parts
}

/// Puts a head on a response.
pub(crate) fn put_head(response: &mut Response<'_>, parts: &http::response::Parts) {
    response.set_status(status(parts.status));
    let headers = response.headers().iter();
    let names: Vec<String> = headers.map(|it| it.name().to_string()).collect();
    for name in names {
        response.remove_header(&name);
    }
    put_headers(response, &parts.headers);
}

/// A header that is repeated, as `Set-Cookie` is, stays repeated. Rocket's values are text, so that one of other bytes
/// is left out.
fn put_headers(response: &mut Response<'_>, headers: &HeaderMap) {
    for (name, value) in headers {
        if let Ok(value) = std::str::from_utf8(value.as_bytes()) {
            response.adjoin_header(Header::new(name.to_string(), value.to_owned()));
        }
    }
}
