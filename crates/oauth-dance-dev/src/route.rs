//! From a request to the endpoint that answers it.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};

use crate::answer::{Answer, OAuthError, answer as bare, plain, seal};
use crate::endpoints::{interaction, metadata, resource, revoke, token};
use crate::faults::delivery::Delivery;
use crate::faults::effect::Effect;
use crate::faults::endpoint::Endpoint;
use crate::pages;
use crate::params::Params;
use crate::provider::{DevProvider, Inner};

/// How much of a body is read. (A URI cannot be longer: `http` refuses it.)
pub(crate) const MAX_REQUEST_BYTES: usize = 64 * 1024;

impl DevProvider {
    /// Answers one request.
    ///
    /// A fault that only a connection can show, such as an endless body, is a 504 here.
    pub fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.deliver(request).into_whole()
    }

    /// Answers a request, as well or as badly as the injected faults want it.
    pub(crate) fn deliver(&self, request: Request<Bytes>) -> Delivery {
        let provider = &*self.inner;
        let (head, body) = request.into_parts();
        let form = form(&head.headers, &body).unwrap_or_default();
        let effects = Endpoint::of(&head, &form)
            .map(|endpoint| provider.faults.on_the_answer(endpoint))
            .unwrap_or_default();
        let instead = effects.iter().find_map(|effect| match effect {
            Effect::Instead(answer) => Some(answer.clone()),
            _ => None,
        });
        let mut answer = instead.unwrap_or_else(|| endpoint(provider, &head, &body));
        seal(&mut answer);
        for effect in &effects {
            effect.spoil(&mut answer);
        }
        let delivery = Delivery::of(answer, &effects);
        provider.log.note(head, &body, &delivery);
        delivery
    }
}

fn endpoint(provider: &Inner, head: &Parts, body: &Bytes) -> Answer {
    if body.len() > MAX_REQUEST_BYTES {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.");
    }
    let query = head.uri.query().unwrap_or_default();
    if Params::too_many(query.as_bytes()) || Params::too_many(body) {
        return plain(
            StatusCode::BAD_REQUEST,
            "The request has too many parameters.",
        );
    }
    let (path, headers) = (head.uri.path(), &head.headers);
    let query = || Params::parse(query.as_bytes());
    let form = || form(headers, body);
    match (&head.method, path) {
        (&Method::GET, "/") => pages::home(provider, &provider.issuer()),
        (&Method::GET, "/authorize") => interaction::authorize(provider, headers, &query()),
        (&Method::GET, "/consent") => interaction::consent_page(provider, headers, &query()),
        (&Method::POST, "/login") => {
            posted(form(), |form| interaction::login(provider, headers, form))
        }
        (&Method::POST, "/consent") => {
            posted(form(), |form| interaction::decide(provider, headers, form))
        }
        (&Method::POST, "/token") => called(form(), |form| token::token(provider, headers, form)),
        (&Method::POST, "/revoke") => {
            called(form(), |form| revoke::revoke(provider, headers, form))
        }
        (&Method::POST, "/introspect") => {
            called(form(), |form| revoke::introspect(provider, headers, form))
        }
        (&Method::GET, "/userinfo") => resource::userinfo(provider, headers),
        (&Method::GET, "/api/profile") => resource::profile(provider, headers),
        (&Method::GET, "/api/notes") => resource::notes(provider, headers),
        (&Method::GET, "/.well-known/oauth-authorization-server") => metadata::metadata(provider),
        (_, path) => nothing_here(path),
    }
}

fn posted(form: Option<Params>, page: impl FnOnce(&Params) -> Answer) -> Answer {
    match form {
        Some(form) => page(&form),
        None => plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "A form was expected."),
    }
}

fn called(
    form: Option<Params>,
    endpoint: impl FnOnce(&Params) -> Result<Answer, OAuthError>,
) -> Answer {
    form.ok_or_else(|| {
        OAuthError::new(
            "invalid_request",
            "the body must be application/x-www-form-urlencoded",
        )
    })
    .and_then(|form| endpoint(&form))
    .unwrap_or_else(OAuthError::into_answer)
}

/// The parameters of a form body; nothing if the body is of another type (RFC 6749 appendix B).
fn form(headers: &HeaderMap, body: &Bytes) -> Option<Params> {
    is_form(headers).then(|| Params::parse(body))
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| {
            essence
                .trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

fn nothing_here(path: &str) -> Answer {
    let allow = match path {
        "/consent" => "GET, POST",
        "/login" | "/token" | "/revoke" | "/introspect" => "POST",
        "/"
        | "/authorize"
        | "/userinfo"
        | "/api/profile"
        | "/api/notes"
        | "/.well-known/oauth-authorization-server" => "GET",
        _ => return plain(StatusCode::NOT_FOUND, "There is nothing here."),
    };
    let mut refused = bare(StatusCode::METHOD_NOT_ALLOWED, "", String::new());
    refused
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allow));
    refused
}
