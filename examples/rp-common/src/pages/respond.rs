//! Responses: HTML and JSON that no cache keeps, and errors as JSON.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use oauth_dance::ApiError;
use serde_json::{Value, json};

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page, which may hold a form that posts to this site.
pub(super) fn html(status: StatusCode, html: String) -> Response<Bytes> {
    let policy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    respond(status, HTML, policy, html.into())
}

pub(super) fn json(status: StatusCode, value: &Value) -> Response<Bytes> {
    data(status, JSON, value.to_string().into())
}

/// Data, which a browser is to show and never to run.
pub(super) fn data(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Response<Bytes> {
    let policy = "default-src 'none'; frame-ancestors 'none'; sandbox";
    respond(status, content_type, policy, body)
}

/// A request that makes no sense.
pub(super) fn bad_request(message: &str) -> Response<Bytes> {
    let body = json!({ "error": "bad_request", "message": message });
    json(StatusCode::BAD_REQUEST, &body)
}

/// The error as JSON; when nobody is signed in, with the place where the login begins.
pub(super) fn failed(error: &ApiError) -> Response<Bytes> {
    let body = match error.as_login_required() {
        Some(required) => json!({
            "error": "login_required",
            "message": required.to_string(),
            "login_url": required.login_url(None).as_str(),
        }),
        None => json!({ "error": "call_failed", "message": error.to_string() }),
    };
    json(error.status(), &body)
}

fn respond(
    status: StatusCode,
    content_type: HeaderValue,
    policy: &'static str,
    body: Bytes,
) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not `no-referrer`: browsers then hide the origin of our own logout form too, and a logout from
    // an unknown origin is refused.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
