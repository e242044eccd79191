//! The shapes of the provider's answers: JSON, a page, a redirect, an OAuth error.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, PRAGMA, REFERRER_POLICY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::params::Repeated;

/// A complete answer.
pub(crate) type Answer = Response<Bytes>;

/// An error of the token, revocation or introspection endpoint (RFC 6749 §5.2).
#[derive(Debug)]
pub(crate) struct OAuthError {
    status: StatusCode,
    code: &'static str,
    description: Cow<'static, str>,
    /// The client used the `Authorization` header, so the answer names the scheme.
    challenge: bool,
}

impl OAuthError {
    pub(crate) fn new(code: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            description: description.into(),
            challenge: false,
        }
    }

    pub(crate) fn invalid_grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    /// Client authentication failed. `challenge` says that it was tried in the `Authorization` header.
    pub(crate) fn invalid_client(description: &'static str, challenge: bool) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            challenge,
            ..Self::new("invalid_client", description)
        }
    }

    pub(crate) fn into_answer(self) -> Answer {
        let body = json!({ "error": self.code, "error_description": self.description });
        let mut answer = json_answer(self.status, &body);
        if self.challenge {
            answer.headers_mut().insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"development identity provider\""),
            );
        }
        answer
    }
}

impl From<Repeated> for OAuthError {
    fn from(Repeated(name): Repeated) -> Self {
        Self::new("invalid_request", format!("{name} is repeated"))
    }
}

/// An answer with this body.
pub(crate) fn answer(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    if !content_type.is_empty() {
        answer
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    answer
}

/// An answer in JSON.
pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Answer {
    answer(status, "application/json", body.to_string())
}

/// An answer that says something in plain text.
pub(crate) fn plain(status: StatusCode, text: &str) -> Answer {
    answer(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

/// Sends the browser elsewhere with a GET. Always 303, so that a form is never posted on to the
/// application (RFC 9700 §4.12).
pub(crate) fn see_other(location: &str) -> Answer {
    match HeaderValue::from_bytes(location.as_bytes()) {
        Ok(location) => {
            let mut answer = answer(StatusCode::SEE_OTHER, "", String::new());
            answer.headers_mut().insert(LOCATION, location);
            answer
        }
        Err(_) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The redirect URI cannot be written into a header.",
        ),
    }
}

/// The headers every answer carries: not to be cached (RFC 6749 §5.1), not to leak its URL, not to be
/// taken for another type.
pub(crate) fn seal(answer: &mut Answer) {
    const ALWAYS: [(HeaderName, &str); 4] = [
        (CACHE_CONTROL, "no-store"),
        (PRAGMA, "no-cache"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in ALWAYS {
        answer
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}
