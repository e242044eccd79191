//! From a request to the endpoint that answers it.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};

use crate::addresses::Place;
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
        let place = provider.addresses.place(&head);
        let effects = place
            .and_then(|place| Endpoint::of(place, &head.method, &form))
            .map(|endpoint| provider.faults.on_the_answer(endpoint))
            .unwrap_or_default();
        let instead = effects.iter().find_map(|effect| match effect {
            Effect::Instead(answer) => Some(answer.clone()),
            _ => None,
        });
        let mut answer = instead.unwrap_or_else(|| endpoint(provider, place, &head, &body));
        seal(&mut answer);
        for effect in &effects {
            effect.spoil(&mut answer);
        }
        let delivery = Delivery::of(answer, &effects);
        provider.log.note(place, head, &body, &delivery);
        delivery
    }
}

fn endpoint(provider: &Inner, place: Option<Place>, head: &Parts, body: &Bytes) -> Answer {
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
    let Some(place) = place else {
        return pages::not_found(provider);
    };
    if !place.allows(&head.method) {
        return not_allowed(place);
    }
    let headers = &head.headers;
    let query = || Params::parse(query.as_bytes());
    let form = || form(headers, body);
    match place {
        Place::Home => pages::home(provider),
        Place::Authorize => interaction::authorize(provider, headers, &query()),
        Place::Login => posted(form(), |form| interaction::login(provider, headers, form)),
        Place::Consent if head.method == Method::GET => {
            interaction::consent_page(provider, headers, &query())
        }
        Place::Consent => posted(form(), |form| interaction::decide(provider, headers, form)),
        Place::Token => {
            let mut answer = called(form(), |form| token::token(provider, headers, form));
            if let Some(stand_in) = &provider.stand_in {
                stand_in.bend(&mut answer, headers);
            }
            answer
        }
        Place::Revoke => called(form(), |form| revoke::revoke(provider, headers, form)),
        Place::Introspect => called(form(), |form| revoke::introspect(provider, headers, form)),
        Place::Userinfo => resource::userinfo(provider, headers),
        Place::Profile => resource::profile(provider, headers),
        Place::Notes => resource::notes(provider, headers),
        Place::Answer(number) => resource::answer(provider, headers, number),
        Place::Metadata => metadata::metadata(provider),
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

fn not_allowed(place: Place) -> Answer {
    let mut refused = bare(StatusCode::METHOD_NOT_ALLOWED, "", String::new());
    refused
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(place.allow()));
    refused
}
