//! `GET /login/{name}`: a login begins.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::HOST;
use http::request::Parts;
use url::Url;

use super::turn::Turn;
use super::{failed, respond};
use crate::dance::Dance;
use crate::dance::effects::Effects;
use crate::dance::events;
use crate::dance::first_reply::FirstReply;
use crate::dance::receivers;
use crate::dance::signals::before_login::{BeforeLogin, OAUTH_BEFORE_LOGIN};
use crate::dance::site::Site;
use crate::flows::Begun;
use crate::values::error_page::Ended;
use crate::values::form;
use crate::values::login_error::Failed;
use crate::values::next::{Next, NotAPath, TOO_LONG};
use crate::values::pending::State;
use crate::values::secret::CodeVerifier;

/// Begins a login: authorization request, receivers, the pending login put away, 303.
pub(crate) async fn login(dance: &Dance, request: &Arc<Parts>) -> Response<Bytes> {
    if let Some(url) = at_origin(dance, request) {
        return respond::redirect(&url);
    }
    let mut turn = Turn::begin(dance, request);
    match begin_login(&mut turn).await {
        Ok(response) => turn.end(response),
        Err(failure) => {
            // The effects collected so far speak of a login that did not begin.
            turn.effects = Effects::default();
            failed::failed(turn, failure).await
        }
    }
}

async fn begin_login(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failed> {
    let (dance, site) = (turn.dance, turn.site());
    let state = State::new(turn.draws.text()?);
    let verifier = CodeVerifier::new(turn.draws.text()?);
    let next = next(dance, turn.request);
    let expires_at = site.now().plus(site.login_lifetime);
    let Begun { url, mut pending } =
        dance
            .flow()
            .begin(dance.name(), &state, verifier, next, expires_at);

    let login = BeforeLogin::new(url, pending.next.clone(), turn.browser());
    let mut replies = FirstReply::default();
    receivers::ask(dance, &login, |receiver, reply| {
        replies.hear(receiver, reply);
    })
    .await?;
    let answer = replies.settle(dance, OAUTH_BEFORE_LOGIN.name()).await;

    turn.collect(login.browser());
    if let Some(reply) = answer {
        // The browser does not go to the provider, so nothing is pending.
        turn.came_to_nothing(Ended::NotAccepted);
        return Ok(respond::reply(reply, site));
    }
    let (url, remembered) = login.into_parts();
    pending.remembered = remembered;
    let logins = site.pending_logins(&turn.cookies);
    for cookie in logins.put(&pending, &state, &mut turn.draws).await? {
        turn.effects.set_cookie(cookie);
    }
    let sessions = site.sessions(&turn.cookies);
    let announced = sessions.announce(site.login_lifetime, &mut turn.draws);
    if let Some(cookie) = announced.await? {
        turn.effects.set_cookie(cookie);
    }
    turn.forget_ended();
    Ok(respond::redirect(&url))
}

/// Returns the `next` of the query, if it is one page of the application. What is dropped leaves an event.
fn next(dance: &Dance, request: &Parts) -> Option<Next> {
    let site = dance.site();
    let query = request.uri.query()?;
    let values = form::pairs(query)
        .filter(|(name, _)| form::decode(name).is_some_and(|name| name == "next"))
        .map(|(_, value)| value);
    let mut values = values.take(2);
    let value = values.next()?;
    let next = match values.next() {
        None => read_next(value, site),
        Some(_) => Err("it is given twice"),
    };
    next.map_err(|why| events::next_dropped(dance, why)).ok()
}

fn read_next(value: &str, site: &Site) -> Result<Next, &'static str> {
    // Encoded, each byte may be three.
    if value.len() > 3 * Next::MAX_BYTES {
        return Err(TOO_LONG);
    }
    let text = form::decode(value).ok_or("it is not UTF-8, or not form-encoded")?;
    let next = Next::parse(&text, &site.origin).map_err(|NotAPath(why)| why)?;
    if site.paths.are_own(&next.on(&site.origin)) {
        return Err("it is a page of the dances");
    }
    Ok(next)
}

/// The parameter of a login that was sent to the origin once: it is not sent there again, also if a proxy has
/// changed the host.
const AT_ORIGIN: &str = "at_origin";

/// Returns the same login at the application's origin, if the browser has opened it at another name of the same
/// host: the cookies of the login would be lost at the callback.
///
/// The names are `localhost`, `127.0.0.1` and `[::1]`, and a host with and without `www.`. Nothing else is read
/// of the `Host` header, and nothing of it is written.
fn at_origin(dance: &Dance, request: &Parts) -> Option<Url> {
    let origin = &dance.site().origin;
    let query = request.uri.query().unwrap_or_default();
    let was_sent = form::pairs(query).any(|(name, _)| name == AT_ORIGIN);
    if was_sent || !is_another_name(host_of(request)?, origin.host_str()?) {
        return None;
    }
    let mut url = dance.login_url().clone();
    let separator = if query.is_empty() { "" } else { "&" };
    url.set_query(Some(&format!("{query}{separator}{AT_ORIGIN}=1")));
    Some(url)
}

/// Returns the host that the browser names, without the port.
fn host_of(request: &Parts) -> Option<&str> {
    let mut hosts = request.headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?,
        // HTTP/2 has it in the URI.
        (None, _) => return request.uri.host(),
        (Some(_), Some(_)) => return None,
    };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    };
    (port.len() <= 5).then_some(name)
}

fn is_another_name(host: &str, ours: &str) -> bool {
    const THIS_MACHINE: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
    let is_one_of = |host: &str| {
        THIS_MACHINE
            .iter()
            .any(|name| name.eq_ignore_ascii_case(host))
    };
    let with_www = |host: &str, bare: &str| {
        host.get(..4)
            .is_some_and(|www| www.eq_ignore_ascii_case("www."))
            && host[4..].eq_ignore_ascii_case(bare)
    };
    let same = host.eq_ignore_ascii_case(ours);
    let alike =
        (is_one_of(host) && is_one_of(ours)) || with_www(host, ours) || with_www(ours, host);
    alike && !same
}
