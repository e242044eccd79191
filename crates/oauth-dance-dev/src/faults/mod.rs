//! What can be wrong with one answer.

pub(crate) mod armed;
pub(crate) mod body;
pub(crate) mod delivery;
pub(crate) mod effect;
pub(crate) mod endpoint;
pub(crate) mod stream;

pub use self::endpoint::{Endpoint, Misbehaviour};

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::answer::{answer, json_answer};
use crate::faults::delivery::Delivery;
use crate::faults::effect::Spoil;

/// What is wrong with an answer.
///
/// Some faults answer **instead** of doing what was asked: the code is not spent, nothing is revoked.
/// The others spoil the honest answer **after** the work was done, as when it is lost on the way; each
/// says so.
#[derive(Debug, Clone)]
pub struct Fault(pub(crate) Spoil);

impl Fault {
    /// Any answer you like, instead.
    #[must_use]
    pub fn reply(response: Response<Bytes>) -> Self {
        Self(Spoil::Instead(response))
    }

    /// An OAuth error, instead: 400 as the RFC says, or any other status, such as the 200 of
    /// `{"error":"bad_verification_code"}`.
    ///
    /// # Panics
    ///
    /// If there is no such status.
    #[must_use]
    pub fn error(status: u16, error: &str) -> Self {
        Self::reply(json_answer(code(status), &json!({ "error": error })))
    }

    /// A page of HTML, instead.
    ///
    /// # Panics
    ///
    /// If there is no such status.
    #[must_use]
    pub fn html(status: u16) -> Self {
        let page = "<!doctype html><title>Sign in</title><form><input name=username></form>";
        Self::reply(answer(code(status), "text/html", page.to_owned()))
    }

    /// Bytes that are neither JSON nor text, called JSON, instead.
    #[must_use]
    pub fn garbage() -> Self {
        let mut garbage = answer(StatusCode::OK, "application/json", String::new());
        *garbage.body_mut() = Bytes::from_static(b"\xff\xfe\x00{\"access_token\":\x80}\0");
        Self::reply(garbage)
    }

    /// A redirect to `location`, instead.
    ///
    /// # Panics
    ///
    /// If there is no such status, or `location` cannot be a header.
    #[must_use]
    pub fn redirect(status: u16, location: &str) -> Self {
        let mut redirect = answer(code(status), "", String::new());
        redirect.headers_mut().insert(LOCATION, header(location));
        Self::reply(redirect)
    }

    /// 503 with `Retry-After`, instead.
    #[must_use]
    pub fn unavailable(retry_after: Duration) -> Self {
        let mut unavailable = answer(StatusCode::SERVICE_UNAVAILABLE, "", String::new());
        let seconds = HeaderValue::from(retry_after.as_secs());
        unavailable.headers_mut().insert(RETRY_AFTER, seconds);
        Self::reply(unavailable)
    }

    /// A body that never ends, after the work was done. In process: the body is too large.
    #[must_use]
    pub fn endless_body() -> Self {
        Self(Spoil::Deliver(Delivery::Endless))
    }

    /// The honest body, one byte at a time with `pause` before each. In process: the deadline passes.
    #[must_use]
    pub fn slow_body(pause: Duration) -> Self {
        Self(Spoil::Deliver(Delivery::Slow(pause)))
    }

    /// Nothing, on an open connection, after the work was done. In process: the deadline passes.
    #[must_use]
    pub fn never_answers() -> Self {
        Self(Spoil::Deliver(Delivery::Never))
    }

    /// Nothing, and the connection is closed, after the work was done.
    #[must_use]
    pub fn hangs_up() -> Self {
        Self(Spoil::Deliver(Delivery::HangUp))
    }

    /// These bytes on the wire instead of an HTTP answer, after the work was done; then the connection is
    /// closed. For what an HTTP library refuses to write: a body shorter than its length, two lengths, a
    /// thousand interim answers, a flood of headers. In process: the exchange breaks off.
    #[must_use]
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self(Spoil::Deliver(Delivery::Raw(bytes.into())))
    }

    /// The first half of the honest body.
    #[must_use]
    pub fn truncated() -> Self {
        Self(Spoil::Truncate)
    }

    /// The honest JSON with this member set.
    #[must_use]
    pub fn member(name: &str, value: impl Into<Value>) -> Self {
        Self(Spoil::Set(name.to_owned(), value.into()))
    }

    /// The honest JSON with this member set to text that need not be JSON, for example `1e400`.
    #[must_use]
    pub fn raw_member(name: &str, raw: &str) -> Self {
        Self(Spoil::SetRaw(name.to_owned(), raw.to_owned()))
    }

    /// The honest JSON without this member.
    #[must_use]
    pub fn no_member(name: &str) -> Self {
        Self(Spoil::Remove(name.to_owned()))
    }

    /// The honest token without its type.
    #[must_use]
    pub fn missing_token_type() -> Self {
        Self::no_member("token_type")
    }

    /// The honest answer with this access token, for example an empty one, or one with a line break.
    #[must_use]
    pub fn access_token(token: &str) -> Self {
        Self::member("access_token", token)
    }

    /// The honest token with this `expires_in`, for example `"3600"`, `-1` or `u64::MAX`.
    #[must_use]
    pub fn expires_in(value: impl Into<Value>) -> Self {
        Self::member("expires_in", value)
    }

    /// The honest token with this scope, for example less than was consented to.
    #[must_use]
    pub fn scope(scope: &str) -> Self {
        Self::member("scope", scope)
    }

    /// The honest token with its scope as an array.
    #[must_use]
    pub fn scope_array() -> Self {
        Self(Spoil::ScopeArray)
    }

    /// The honest userinfo about somebody else.
    #[must_use]
    pub fn subject(sub: &str) -> Self {
        Self::member("sub", sub)
    }

    /// The honest userinfo about nobody.
    #[must_use]
    pub fn no_subject() -> Self {
        Self::no_member("sub")
    }

    /// The honest answer as `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn form_encoded() -> Self {
        Self(Spoil::FormEncoded)
    }

    /// The honest answer under this content type, for example `text/plain`.
    ///
    /// # Panics
    ///
    /// If `content_type` cannot be a header.
    #[must_use]
    pub fn content_type(content_type: &str) -> Self {
        Self(Spoil::Header(CONTENT_TYPE, header(content_type)))
    }

    /// The honest answer with this header, for example a `Content-Encoding` that is not true.
    ///
    /// # Panics
    ///
    /// If it cannot be a header.
    #[must_use]
    pub fn header(name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        Self(Spoil::Header(name, header(value)))
    }

    /// The honest answer under this status, for example 201.
    ///
    /// # Panics
    ///
    /// If there is no such status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self(Spoil::Status(code(status)))
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status between 100 and 999")
}

fn header(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("a header value")
}
