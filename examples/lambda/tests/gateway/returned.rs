//! The response to the browser, of what a function has returned.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::response::Builder;
use http::{Response, StatusCode};
use serde_json::Value;

/// Reads both kinds: an HTTP API knows `cookies`, and a REST API `multiValueHeaders`.
pub(crate) fn to_browser(returned: &Value) -> Response<Bytes> {
    let status = returned["statusCode"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let status = StatusCode::from_u16(status.expect("a status")).expect("a status");
    let mut response = Response::builder().status(status);
    for (name, value) in returned["headers"].as_object().into_iter().flatten() {
        response = response.header(name, text(value));
    }
    for (name, values) in returned["multiValueHeaders"]
        .as_object()
        .into_iter()
        .flatten()
    {
        response = all(response, name, values);
    }
    response = all(response, SET_COOKIE.as_str(), &returned["cookies"]);
    let body = returned["body"].as_str().unwrap_or_default();
    let body = match returned["isBase64Encoded"] {
        Value::Bool(true) => BASE64_STANDARD.decode(body).expect("base64"),
        _ => body.as_bytes().to_vec(),
    };
    response.body(body.into()).expect("a response")
}

fn all(response: Builder, name: &str, values: &Value) -> Builder {
    let values = values.as_array().into_iter().flatten();
    values.fold(response, |response, value| {
        response.header(name, text(value))
    })
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}
