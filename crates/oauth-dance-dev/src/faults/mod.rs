//! What a test can make wrong: [`Fault`] is what it asks for, [`effect::Effect`] what is done about it.

pub(crate) mod armed;
pub(crate) mod body;
pub(crate) mod delivery;
pub(crate) mod effect;
pub(crate) mod endpoint;
pub(crate) mod stream;

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use self::effect::Effect;
use self::endpoint::Endpoint;
use crate::answer::{answer, json_answer};

/// Something that is wrong at an [`Endpoint`], for [`DevProvider::inject`](crate::DevProvider::inject).
/// Several faults at one endpoint add up.
///
/// Some faults answer **instead** of doing what was asked: the code is not spent, nothing is revoked.
/// The others spoil the honest answer **after** the work was done, as if it was damaged on the way. Each
/// function says which it is.
///
/// At [`Endpoint::Authorization`], [`with`](Self::with), [`without`](Self::without) and
/// [`twice`](Self::twice) change the parameters of the redirect to the application. At the other
/// endpoints they change the members of the JSON body.
///
/// ```
/// use oauth_dance_dev::{DevProvider, Endpoint, Fault};
///
/// let provider = DevProvider::builder().demo_people().build();
/// // Another state than the application sent, and an issuer that promises nothing.
/// provider.inject(Endpoint::Authorization, Fault::with("state", "a-state-nobody-sent"));
/// provider.inject(Endpoint::Authorization, Fault::without("iss"));
/// // A token that never expires, as text, and a user without a name.
/// provider.inject(Endpoint::Token, Fault::with("expires_in", "3600"));
/// provider.inject(Endpoint::Userinfo, Fault::without("sub"));
/// ```
#[derive(Debug, Clone)]
pub struct Fault(Effect);

impl Fault {
    /// Answers `response`, instead.
    #[must_use]
    pub fn reply(response: Response<Bytes>) -> Self {
        Self(Effect::Instead(response))
    }

    /// Answers an OAuth error, instead. The RFC's status is 400; some providers answer
    /// `{"error":"bad_verification_code"}` with 200.
    ///
    /// # Panics
    ///
    /// If `status` is not between 100 and 999.
    #[must_use]
    pub fn error(status: u16, error: &str) -> Self {
        Self::reply(json_answer(code(status), &json!({ "error": error })))
    }

    /// Answers a page of HTML, instead.
    ///
    /// # Panics
    ///
    /// If `status` is not between 100 and 999.
    #[must_use]
    pub fn html(status: u16) -> Self {
        let page = "<!doctype html><title>Sign in</title><form><input name=username></form>";
        Self::reply(answer(code(status), "text/html", page.to_owned()))
    }

    /// Answers bytes that are neither JSON nor text, called JSON, instead.
    #[must_use]
    pub fn garbage() -> Self {
        let mut garbage = answer(StatusCode::OK, "application/json", String::new());
        *garbage.body_mut() = Bytes::from_static(b"\xff\xfe\x00{\"access_token\":\x80}\0");
        Self::reply(garbage)
    }

    /// Redirects to `location`, instead.
    ///
    /// # Panics
    ///
    /// If `status` is not between 100 and 999, or `location` cannot be a header.
    #[must_use]
    pub fn redirect(status: u16, location: &str) -> Self {
        let mut redirect = answer(code(status), "", String::new());
        redirect.headers_mut().insert(LOCATION, header(location));
        Self::reply(redirect)
    }

    /// Answers 503 with `Retry-After` in whole seconds, instead.
    #[must_use]
    pub fn unavailable(retry_after: Duration) -> Self {
        let mut unavailable = answer(StatusCode::SERVICE_UNAVAILABLE, "", String::new());
        let seconds = HeaderValue::from(retry_after.as_secs());
        unavailable.headers_mut().insert(RETRY_AFTER, seconds);
        Self::reply(unavailable)
    }

    /// Sends the browser back with this error, instead of asking a person
    /// ([`Endpoint::Authorization`] only).
    #[must_use]
    pub fn refuses(error: &str, description: Option<&str>, uri: Option<&str>) -> Self {
        let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut parameters = vec![named("error", error)];
        parameters.extend(description.map(|text| named("error_description", text)));
        parameters.extend(uri.map(|uri| named("error_uri", uri)));
        Self(Effect::Refuse(parameters))
    }

    /// Knows nothing of PKCE ([`Endpoint::Authorization`] only).
    ///
    /// If it is injected [once](crate::DevProvider::inject_once), the authorization request loses its
    /// challenge and the token endpoint refuses the verifier, as if an attacker had removed the challenge.
    #[must_use]
    pub fn ignores_pkce() -> Self {
        Self(Effect::IgnorePkce)
    }

    /// Sends a body that never ends, after the work was done. In process, the body is too large.
    #[must_use]
    pub fn endless_body() -> Self {
        Self(Effect::Endless)
    }

    /// Sends the honest body one byte at a time, with `pause` before each. In process, the deadline
    /// passes.
    #[must_use]
    pub fn slow_body(pause: Duration) -> Self {
        Self(Effect::Slow(pause))
    }

    /// Keeps the connection open and sends nothing, after the work was done. In process, the deadline
    /// passes.
    #[must_use]
    pub fn never_answers() -> Self {
        Self(Effect::Never)
    }

    /// Closes the connection without an answer, after the work was done. In process, the exchange breaks
    /// off.
    #[must_use]
    pub fn hangs_up() -> Self {
        Self(Effect::HangUp)
    }

    /// Sends these bytes on the wire in place of an HTTP answer, after the work was done, and closes the
    /// connection. In process, the exchange breaks off.
    ///
    /// It is for what an HTTP library refuses to write: a body shorter than its length, two lengths, a
    /// thousand interim answers, a flood of headers.
    #[must_use]
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self(Effect::Raw(bytes.into()))
    }

    /// Cuts the honest body to its first half.
    #[must_use]
    pub fn truncated() -> Self {
        Self(Effect::Truncate)
    }

    /// Sets a member or a parameter of the honest answer, which need not have been there.
    #[must_use]
    pub fn with(name: &str, value: impl Into<Value>) -> Self {
        Self(Effect::Set(name.to_owned(), value.into()))
    }

    /// Sets a member of the honest JSON to text that need not be JSON, for example `1e400`.
    #[must_use]
    pub fn with_raw(name: &str, raw: &str) -> Self {
        Self(Effect::SetRaw(name.to_owned(), raw.to_owned()))
    }

    /// Removes a member or a parameter of the honest answer.
    #[must_use]
    pub fn without(name: &str) -> Self {
        Self(Effect::Remove(name.to_owned()))
    }

    /// Repeats a member or a parameter of the honest answer.
    #[must_use]
    pub fn twice(name: &str) -> Self {
        Self(Effect::Repeat(name.to_owned()))
    }

    /// Makes an array of the scope of the honest token.
    #[must_use]
    pub fn scope_array() -> Self {
        Self(Effect::ScopeArray)
    }

    /// Sends the honest JSON as `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn form_encoded() -> Self {
        Self(Effect::FormEncode)
    }

    /// Sends the honest answer under this content type, for example `text/plain`.
    ///
    /// # Panics
    ///
    /// If `content_type` cannot be a header.
    #[must_use]
    pub fn content_type(content_type: &str) -> Self {
        Self(Effect::Header(CONTENT_TYPE, header(content_type)))
    }

    /// Sends the honest answer with this header, for example a `Content-Encoding` that is not true.
    ///
    /// # Panics
    ///
    /// If `name` or `value` cannot be a header.
    #[must_use]
    pub fn header(name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        Self(Effect::Header(name, header(value)))
    }

    /// Sends the honest answer under this status, for example 201.
    ///
    /// # Panics
    ///
    /// If `status` is not between 100 and 999.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self(Effect::Status(code(status)))
    }

    /// What is to be done at `endpoint`.
    ///
    /// # Panics
    ///
    /// If the fault cannot show there: a test would pass without having tested anything.
    #[track_caller]
    pub(crate) fn effect_at(self, endpoint: Endpoint) -> Effect {
        assert!(
            self.0.shows_at(endpoint),
            "{self:?} cannot show at the endpoint {endpoint:?}: choose another endpoint"
        );
        self.0
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status between 100 and 999")
}

fn header(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("a header value")
}
