//! What happens between the request and the answer: the person signs in and decides.

use cookie::{Cookie, SameSite};
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use std::time::Duration;

use crate::addresses::Place;
use crate::answer::{Answer, see_other};
use crate::endpoints::authorize::{Refused, check};
use crate::endpoints::callback;
use crate::ledger::{Ledger, Session};
use crate::pages::{self, Advice, FormKeys};
use crate::params::{Params, Repeated};
use crate::provider::Inner;
use crate::registration::Person;
use crate::request::AuthorizationRequest;
use crate::secret::same_secret;

/// How long somebody stays signed in at the provider.
const SESSION_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// `GET /authorize`: checks the request and shows the first page.
pub(crate) fn authorize(provider: &Inner, headers: &HeaderMap, params: &Params) -> Answer {
    let request = match check(provider, params, provider.faults.ignores_pkce()) {
        Ok(request) => request,
        Err(Refused::OnAPage(problem)) => {
            return pages::problem(provider, &problem, Advice::CheckTheSetUp);
        }
        Err(Refused::AtTheClient {
            back,
            error,
            description,
        }) => return callback::refused(provider, back, error, &description),
    };
    if let Some(refusal) = provider.faults.refusal() {
        return callback::answered(provider, request.back, refusal);
    }
    let mut ledger = provider.ledger.lock();
    let known = session_id(provider, headers).filter(|id| live(provider, &ledger, id).is_some());
    let is_new = known.is_none();
    let id = known.unwrap_or_else(|| {
        let expires = provider.now().plus(SESSION_LIFETIME);
        ledger.sessions.issue(Session::new(expires))
    });
    let Some(session) = ledger.sessions.get_mut(&id) else {
        return foreign_form(provider);
    };
    let ticket = session.open(request);
    let mut answer = form(provider, session, &ticket);
    if is_new {
        set_session_cookie(provider, &mut answer, &id);
    }
    answer
}

/// `GET /consent?request=…`: where the login form leads.
pub(crate) fn consent_page(provider: &Inner, headers: &HeaderMap, params: &Params) -> Answer {
    let ledger = provider.ledger.lock();
    let session = session_id(provider, headers).and_then(|id| live(provider, &ledger, &id));
    match (session, params.one("request")) {
        (Some(session), Ok(Some(ticket))) => form(provider, session, ticket),
        _ => foreign_form(provider),
    }
}

/// `POST /login`: signs the person in, under a new session id, so that an id planted before the login
/// is worth nothing.
pub(crate) fn login(provider: &Inner, headers: &HeaderMap, params: &Params) -> Answer {
    let mut ledger = provider.ledger.lock();
    let Some((id, ticket)) = proven(provider, &ledger, headers, params) else {
        return foreign_form(provider);
    };
    let username = params.one("username").ok().flatten().unwrap_or_default();
    let password = params.one("password").ok().flatten().unwrap_or_default();
    let person = provider
        .person(username.trim())
        .filter(|person| knows_password(person, password));
    let Some(person) = person else {
        let problem = if provider.has_passwords() {
            "There is no person of this name and password."
        } else {
            "There is no person of this name."
        };
        return match live(provider, &ledger, &id) {
            Some(session) => shown(provider, session, &ticket, |request, keys| {
                pages::login(provider, request, keys, Some(problem))
            }),
            None => foreign_form(provider),
        };
    };
    let Some(mut session) = ledger.sessions.remove(&id) else {
        return foreign_form(provider);
    };
    session.sign_in(&person.username);
    let id = ledger.sessions.issue(session);
    let mut answer = see_other(&format!(
        "{}?request={ticket}",
        provider.addresses.path(Place::Consent)
    ));
    set_session_cookie(provider, &mut answer, &id);
    answer
}

/// `POST /consent`: the person allows, denies, or turns out to be somebody else.
pub(crate) fn decide(provider: &Inner, headers: &HeaderMap, params: &Params) -> Answer {
    let mut ledger = provider.ledger.lock();
    let Some((id, ticket)) = proven(provider, &ledger, headers, params) else {
        return foreign_form(provider);
    };
    let Some(session) = ledger.sessions.get_mut(&id) else {
        return foreign_form(provider);
    };
    let allowed = match params.one("decision") {
        Ok(Some("allow")) => true,
        Ok(Some("deny")) => false,
        Ok(Some("switch")) => {
            session.person = None;
            return form(provider, session, &ticket);
        }
        Ok(_) | Err(Repeated(_)) => {
            return pages::problem(provider, "The form has no decision.", Advice::StartAgain);
        }
    };
    let Some(username) = session.person.clone() else {
        return form(provider, session, &ticket);
    };
    let Some(request) = session.close(&ticket) else {
        return foreign_form(provider);
    };
    drop(ledger);

    let ticked: Vec<&str> = params.all("scope").collect();
    if ticked
        .iter()
        .any(|scope| !request.scopes.iter().any(|asked| asked == scope))
    {
        return pages::problem(
            provider,
            "The form grants more than was asked for.",
            Advice::StartAgain,
        );
    }
    let granted: Vec<String> = request
        .scopes
        .iter()
        .filter(|asked| ticked.contains(&asked.as_str()))
        .cloned()
        .collect();
    // An empty scope cannot be written down (RFC 6749 §3.3), so granting nothing is a refusal.
    if !allowed || (granted.is_empty() && !request.scopes.is_empty()) {
        return callback::refused(
            provider,
            request.back,
            "access_denied",
            "the person did not allow access",
        );
    }
    callback::granted(provider, request, username, granted)
}

/// The consent form if somebody is signed in, else the login form.
fn form(provider: &Inner, session: &Session, ticket: &str) -> Answer {
    let person = session
        .person
        .as_deref()
        .and_then(|username| provider.person(username));
    shown(provider, session, ticket, |request, keys| match person {
        Some(person) => pages::consent(provider, request, person, keys),
        None => pages::login(provider, request, keys, None),
    })
}

fn shown(
    provider: &Inner,
    session: &Session,
    ticket: &str,
    page: impl FnOnce(&AuthorizationRequest, &FormKeys<'_>) -> Answer,
) -> Answer {
    match session.opened(ticket) {
        Some(request) => page(
            request,
            &FormKeys {
                ticket,
                csrf: &session.csrf,
            },
        ),
        None => foreign_form(provider),
    }
}

/// The answer to a form that this browser was not shown, or was shown too long ago.
fn foreign_form(provider: &Inner) -> Answer {
    let problem = "This form does not belong to a sign-in that this browser has open.";
    pages::problem(provider, problem, Advice::StartAgain)
}

/// The session and the request of a form, if this browser was shown that form.
fn proven(
    provider: &Inner,
    ledger: &Ledger,
    headers: &HeaderMap,
    params: &Params,
) -> Option<(String, String)> {
    let id = session_id(provider, headers)?;
    let session = live(provider, ledger, &id)?;
    let csrf = params.one("csrf").ok()??;
    let ticket = params.one("request").ok()??;
    (same_secret(csrf, &session.csrf) && session.opened(ticket).is_some())
        .then(|| (id, ticket.to_owned()))
}

fn live<'a>(provider: &Inner, ledger: &'a Ledger, id: &str) -> Option<&'a Session> {
    ledger
        .sessions
        .get(id)
        .filter(|session| provider.now() < session.expires)
}

fn knows_password(person: &Person, password: &str) -> bool {
    person
        .password
        .as_deref()
        .is_none_or(|right| same_secret(right, password))
}

/// The name of our cookie. Cookies do not see ports, so two providers on one machine would sign each
/// other's people out if they shared it.
fn cookie_name(provider: &Inner) -> String {
    let port = url::Url::parse(&provider.issuer())
        .ok()
        .and_then(|issuer| issuer.port_or_known_default())
        .unwrap_or_default();
    format!("dev_provider_session_{port}")
}

fn session_id(provider: &Inner, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(provider);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

fn set_session_cookie(provider: &Inner, answer: &mut Answer, id: &str) {
    // Lax, because the person arrives here by a link from the application.
    let cookie = Cookie::build((cookie_name(provider), id))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(provider.issuer().starts_with("https:"))
        .build();
    if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
}
