//! What happens between the request and the answer: the person signs in and decides.

use http::header::HeaderMap;
use std::time::Duration;

use super::authorize::{Refused, check};
use super::callback;
use super::cookies::Cookies;
use crate::addresses::Place;
use crate::answer::{Answer, see_other};
use crate::ledger::{Ledger, OpenRequest, Session};
use crate::pages::{self, Advice, FormKeys};
use crate::params::{Params, Repeated};
use crate::provider::Inner;
use crate::registration::Person;
use crate::secret::same_secret;

/// How long a person stays signed in at the provider, and how long a request waits for a decision.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// How many undecided requests one browser may have open.
const MAX_OPEN_REQUESTS: usize = 16;

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
    let cookies = Cookies::of(provider, headers);
    let mut ledger = provider.ledger.lock();
    let forgotten = forget_oldest(provider, &mut ledger, &cookies);
    let ticket = ledger.open(request, provider.now().plus(LIFETIME));
    let mut answer = form(provider, &mut ledger, &cookies, &ticket);
    if let Some(open) = ledger.requests.get(&ticket) {
        cookies.set_request(&mut answer, &ticket, &open.browser, LIFETIME);
    }
    for ticket in forgotten {
        cookies.forget_request(&mut answer, &ticket);
    }
    answer
}

/// Closes the oldest requests of a browser that has too many, and returns the tickets whose cookies are
/// of no use any more.
fn forget_oldest(provider: &Inner, ledger: &mut Ledger, cookies: &Cookies<'_>) -> Vec<String> {
    let (mut live, mut forgotten) = (Vec::new(), Vec::new());
    for (ticket, secret) in cookies.requests() {
        match open(provider, ledger, &ticket, &secret) {
            Some(open) => live.push((open.number, ticket)),
            None => forgotten.push(ticket),
        }
    }
    live.sort();
    let too_many = (live.len() + 1).saturating_sub(MAX_OPEN_REQUESTS);
    for (_, ticket) in live.drain(..too_many) {
        ledger.requests.remove(&ticket);
        forgotten.push(ticket);
    }
    forgotten
}

/// `GET /consent?request=…`: where the login form leads.
pub(crate) fn consent_page(provider: &Inner, headers: &HeaderMap, params: &Params) -> Answer {
    let cookies = Cookies::of(provider, headers);
    let mut ledger = provider.ledger.lock();
    match params.one("request") {
        Ok(Some(ticket)) if is_open_here(provider, &ledger, &cookies, ticket) => {
            form(provider, &mut ledger, &cookies, ticket)
        }
        _ => foreign_form(provider),
    }
}

/// `POST /login`: signs the person in. The session has a new identifier, and the request a new secret, so
/// that what was planted in the browser before the login is worth nothing.
pub(crate) fn login(provider: &Inner, headers: &HeaderMap, params: &Params) -> Answer {
    let cookies = Cookies::of(provider, headers);
    let mut ledger = provider.ledger.lock();
    let Some(ticket) = proven(provider, &ledger, &cookies, params) else {
        return foreign_form(provider);
    };
    let Some(open) = ledger.requests.get_mut(&ticket) else {
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
        let keys = keys(&ticket, open);
        return pages::login(provider, &open.request, &keys, Some(problem));
    };
    open.renew(Some(&person.username));
    let secret = open.browser.clone();
    if let Some(before) = cookies.session() {
        ledger.sessions.remove(&before);
    }
    let session = ledger.sessions.issue(Session {
        person: person.username.clone(),
        expires: provider.now().plus(LIFETIME),
    });
    let consent = provider.addresses.path(Place::Consent);
    let mut answer = see_other(&format!("{consent}?request={ticket}"));
    cookies.set_session(&mut answer, session);
    cookies.set_request(&mut answer, &ticket, &secret, LIFETIME);
    answer
}

/// `POST /consent`: the person allows, denies, or turns out to be another person.
pub(crate) fn decide(provider: &Inner, headers: &HeaderMap, params: &Params) -> Answer {
    let cookies = Cookies::of(provider, headers);
    let mut ledger = provider.ledger.lock();
    let Some(ticket) = proven(provider, &ledger, &cookies, params) else {
        return foreign_form(provider);
    };
    let allowed = match params.one("decision") {
        Ok(Some("allow")) => true,
        Ok(Some("deny")) => false,
        Ok(Some("switch")) => {
            if let Some(session) = cookies.session() {
                ledger.sessions.remove(&session);
            }
            return form(provider, &mut ledger, &cookies, &ticket);
        }
        Ok(_) | Err(Repeated(_)) => {
            return pages::problem(provider, "The form has no decision.", Advice::StartAgain);
        }
    };
    // Another tab may have signed another person in or out. The person who decides has to see the form.
    let person = signed_in(provider, &ledger, &cookies).map(|person| person.username.clone());
    let shown_to = ledger.requests.get(&ticket).map(|open| &open.shown_to);
    let Some(username) = person.filter(|person| shown_to == Some(&Some(person.clone()))) else {
        return form(provider, &mut ledger, &cookies, &ticket);
    };
    let Some(OpenRequest { request, .. }) = ledger.requests.remove(&ticket) else {
        return foreign_form(provider);
    };
    drop(ledger);

    let ticked: Vec<&str> = params.all("scope").collect();
    if ticked
        .iter()
        .any(|scope| !request.scopes.iter().any(|asked| asked == scope))
    {
        let problem = "The form grants more than was asked for.";
        return pages::problem(provider, problem, Advice::StartAgain);
    }
    let granted: Vec<String> = request
        .scopes
        .iter()
        .filter(|asked| ticked.contains(&asked.as_str()))
        .cloned()
        .collect();
    // An empty scope cannot be written down (RFC 6749 §3.3), so granting nothing is a refusal.
    let mut answer = if !allowed || (granted.is_empty() && !request.scopes.is_empty()) {
        let description = "the person did not allow access";
        callback::refused(provider, request.back, "access_denied", description)
    } else {
        callback::granted(provider, request, username, granted)
    };
    cookies.forget_request(&mut answer, &ticket);
    answer
}

/// The consent form if a person is signed in, else the login form.
fn form(provider: &Inner, ledger: &mut Ledger, cookies: &Cookies<'_>, ticket: &str) -> Answer {
    let person = signed_in(provider, ledger, cookies);
    let Some(open) = ledger.requests.get_mut(ticket) else {
        return foreign_form(provider);
    };
    open.show_to(person.map(|person| person.username.as_str()));
    let keys = keys(ticket, open);
    match person {
        Some(person) => pages::consent(provider, &open.request, person, &keys),
        None => pages::login(provider, &open.request, &keys, None),
    }
}

fn keys<'a>(ticket: &'a str, open: &'a OpenRequest) -> FormKeys<'a> {
    FormKeys {
        ticket,
        csrf: &open.csrf,
    }
}

/// The answer to a form that this browser was not shown, or was shown too long ago.
fn foreign_form(provider: &Inner) -> Answer {
    let problem = "This form does not belong to a sign-in that this browser has open.";
    pages::problem(provider, problem, Advice::StartAgain)
}

/// The request of a form, if this browser was shown that form.
fn proven(
    provider: &Inner,
    ledger: &Ledger,
    cookies: &Cookies<'_>,
    params: &Params,
) -> Option<String> {
    let csrf = params.one("csrf").ok()??;
    let ticket = params.one("request").ok()??;
    let is_shown = is_open_here(provider, ledger, cookies, ticket)
        && same_secret(csrf, &ledger.requests.get(ticket)?.csrf);
    is_shown.then(|| ticket.to_owned())
}

/// Whether this browser opened the request.
fn is_open_here(provider: &Inner, ledger: &Ledger, cookies: &Cookies<'_>, ticket: &str) -> bool {
    cookies
        .requests()
        .iter()
        .any(|(known, secret)| known == ticket && open(provider, ledger, ticket, secret).is_some())
}

fn open<'a>(
    provider: &Inner,
    ledger: &'a Ledger,
    ticket: &str,
    secret: &str,
) -> Option<&'a OpenRequest> {
    let open = ledger.requests.get(ticket)?;
    (provider.now() < open.expires && same_secret(secret, &open.browser)).then_some(open)
}

/// Returns the person that this browser is signed in as.
fn signed_in<'a>(
    provider: &'a Inner,
    ledger: &Ledger,
    cookies: &Cookies<'_>,
) -> Option<&'a Person> {
    let session = ledger.sessions.get(&cookies.session()?)?;
    let is_live = provider.now() < session.expires;
    is_live.then(|| provider.person(&session.person)).flatten()
}

fn knows_password(person: &Person, password: &str) -> bool {
    person
        .password
        .as_deref()
        .is_none_or(|right| same_secret(right, password))
}
