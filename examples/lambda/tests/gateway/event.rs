//! The event for a request of a browser: a recorded one, with what the request says.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{COOKIE, HOST};
use http::{HeaderName, Request};
use serde_json::{Value, json};

use super::Api;

/// Makes the event. The URI of the request is the one that the browser has asked for.
pub(crate) fn of(api: Api, request: &Request<Bytes>) -> Value {
    let mut event = match api {
        Api::Http(stage) => http(stage, request),
        Api::Rest(stage) => rest(stage, request),
    };
    if !request.body().is_empty() {
        event["body"] = json!(BASE64_STANDARD.encode(request.body()));
        event["isBase64Encoded"] = json!(true);
    }
    event
}

/// Payload 2.0: the path has the stage, and cookies are a list of their own.
fn http(stage: &str, request: &Request<Bytes>) -> Value {
    let mut event = recorded(include_str!("../events/http-api.json"));
    let (method, uri) = (request.method().as_str(), request.uri());
    event["rawPath"] = json!(uri.path());
    event["rawQueryString"] = json!(uri.query().unwrap_or_default());
    event["requestContext"]["stage"] = json!(stage);
    event["requestContext"]["http"]["path"] = json!(uri.path());
    event["requestContext"]["http"]["method"] = json!(method);
    for (name, value) in headers(request) {
        if name == COOKIE {
            event["cookies"] = value.split("; ").collect();
        } else {
            event["headers"][name.as_str()] = json!(value);
        }
    }
    event
}

/// The path is without the stage, the query is decoded, and all that may be there several times is a list too.
fn rest(stage: &str, request: &Request<Bytes>) -> Value {
    let mut event = recorded(include_str!("../events/rest-api.json"));
    let (method, uri) = (request.method().as_str(), request.uri());
    let below = uri.path().strip_prefix(&format!("/{stage}"));
    event["path"] = json!(below.expect("API Gateway refuses other paths"));
    event["httpMethod"] = json!(method);
    event["requestContext"]["stage"] = json!(stage);
    event["requestContext"]["path"] = json!(uri.path());
    event["requestContext"]["httpMethod"] = json!(method);
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        event["queryStringParameters"][&*name] = json!(value);
        push(
            &mut event["multiValueQueryStringParameters"][&*name],
            &value,
        );
    }
    for (name, value) in headers(request) {
        event["headers"][name.as_str()] = json!(value);
        push(&mut event["multiValueHeaders"][name.as_str()], value);
    }
    event
}

fn recorded(event: &str) -> Value {
    serde_json::from_str(event).expect("JSON")
}

/// The headers, without the one that the recorded event has and API Gateway sets.
fn headers(request: &Request<Bytes>) -> impl Iterator<Item = (&HeaderName, &str)> {
    let headers = request.headers().iter().filter(|(name, _)| *name != HOST);
    headers.map(|(name, value)| (name, value.to_str().expect("text")))
}

fn push(list: &mut Value, value: &str) {
    match list {
        Value::Array(list) => list.push(json!(value)),
        _ => *list = json!([value]),
    }
}
