//! The answer to an authorization request: a redirect to the application (RFC 6749 §4.1.2).

use crate::answer::{Answer, see_other};
use crate::ledger::{Code, Spent};
use crate::pages;
use crate::provider::Inner;
use crate::request::{AuthorizationRequest, Parameters, WayBack};

/// Issues a code for what the person granted, and sends the browser back with it.
pub(crate) fn granted(
    provider: &Inner,
    request: AuthorizationRequest,
    username: String,
    granted: Vec<String>,
) -> Answer {
    let AuthorizationRequest {
        client_id,
        back,
        redirect_uri_named,
        challenge,
        ..
    } = request;
    let code = provider.ledger.lock().codes.issue(Code {
        client_id,
        redirect_uri: redirect_uri_named.then(|| back.redirect_uri.clone()),
        challenge,
        username,
        granted,
        expires: provider.now().plus(provider.code_lifetime),
        spent: Spent::No,
    });
    answered(provider, back, vec![("code".to_owned(), code)])
}

/// Sends the browser back with an error.
pub(crate) fn refused(provider: &Inner, back: WayBack, error: &str, description: &str) -> Answer {
    let answer = vec![
        ("error".to_owned(), error.to_owned()),
        ("error_description".to_owned(), description.to_owned()),
    ];
    answered(provider, back, answer)
}

/// Adds what every answer carries: the state of the request, unchanged, and the issuer if the provider
/// names itself (RFC 9207 §2).
pub(crate) fn answered(provider: &Inner, back: WayBack, mut answer: Parameters) -> Answer {
    answer.extend(back.state.map(|state| ("state".to_owned(), state)));
    if provider.names_issuer {
        answer.push(("iss".to_owned(), provider.issuer()));
    }
    for effect in provider.faults.on_the_redirect() {
        effect.spoil_parameters(&mut answer);
    }
    if back.form_post {
        pages::form_post(&back.redirect_uri, &answer)
    } else {
        see_other(&with_query(&back.redirect_uri, &answer))
    }
}

/// Appends parameters to a redirect URI without touching what it already has (RFC 6749 §3.1.2).
fn with_query(redirect_uri: &str, answer: &Parameters) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(answer)
        .finish();
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{separator}{query}")
}
