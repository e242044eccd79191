//! Which browser a signal was sent for, so that the timeline shows each visitor their own login only.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use oauth_dance::{Entropy as _, OsEntropy};
use signals::{Event, Observing, Recorder, SendId, SendRecord, observe};

use crate::pages::Trouble;

tokio::task_local! {
    /// The visitor whose request this task answers.
    static VISITOR: VisitorId;
}

/// A random name of one browser. The site gives it out in a cookie and keeps it nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VisitorId(String);

impl VisitorId {
    const BYTES: usize = 16;

    fn draw() -> Result<Self, oauth_dance::EntropyError> {
        let mut bytes = [0; Self::BYTES];
        OsEntropy.fill(&mut bytes)?;
        let text = bytes.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Ok(Self(text))
    }

    /// Reads the cookie. A value that the site cannot have given out counts as none.
    fn of(headers: &HeaderMap, cookie_name: &str) -> Option<Self> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .find(|cookie| cookie.name() == cookie_name)
            .map(|cookie| cookie.value().to_owned())
            .filter(|id| id.len() == 2 * Self::BYTES && id.bytes().all(|b| b.is_ascii_hexdigit()))
            .map(Self)
    }
}

/// The last sends of all signals in this process, and for which visitor each was sent.
///
/// Clones share what is remembered.
#[derive(Clone)]
pub(crate) struct Visitors {
    recorder: Recorder,
    sent_for: Arc<Mutex<BTreeMap<SendId, VisitorId>>>,
    _observing: Arc<Observing>,
}

impl Visitors {
    /// Begins to remember, and keeps the last `capacity` sends.
    pub(crate) fn start(capacity: usize) -> Self {
        let sent_for = Arc::new(Mutex::new(BTreeMap::new()));
        let written = Arc::clone(&sent_for);
        let observing = observe(move |event: &Event<'_>| {
            let Event::Sent { send, .. } = event else {
                return;
            };
            // A send outside of a request, such as a token renewed in the background, is no visitor's.
            let Ok(visitor) = VISITOR.try_with(VisitorId::clone) else {
                return;
            };
            let mut sent_for = written.lock().unwrap_or_else(PoisonError::into_inner);
            sent_for.insert(*send, visitor);
            if sent_for.len() > capacity {
                sent_for.pop_first();
            }
        });
        Self {
            recorder: Recorder::start(capacity),
            sent_for,
            _observing: Arc::new(observing),
        }
    }

    /// Returns the sends for this visitor, in the order in which they started.
    pub(crate) fn sends_for(&self, visitor: &VisitorId) -> Vec<SendRecord> {
        let sent_for = self.sent_for.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sends = self.recorder.sends();
        sends.retain(|send| sent_for.get(&send.id) == Some(visitor));
        sends
    }
}

/// How the cookie is called. Cookies do not see ports, so the name has the port in it.
#[derive(Debug, Clone)]
pub(crate) struct VisitorCookie(pub(crate) String);

/// Finds out which visitor a request comes from, and gives a new one a cookie.
///
/// Inner layers find the [`VisitorId`] in the request's extensions.
pub(crate) async fn recognise(
    State(VisitorCookie(name)): State<VisitorCookie>,
    mut request: Request,
    next: Next,
) -> Result<Response, Trouble> {
    if let Some(visitor) = VisitorId::of(request.headers(), &name) {
        request.extensions_mut().insert(visitor.clone());
        return Ok(VISITOR.scope(visitor, next.run(request)).await);
    }
    let visitor = VisitorId::draw()?;
    // Lax, so that the cookie comes with the browser on its way back from the provider.
    let cookie = Cookie::build((name, visitor.0.clone()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .to_string();
    let cookie = HeaderValue::try_from(cookie)?;
    request.extensions_mut().insert(visitor.clone());
    let mut response = VISITOR.scope(visitor, next.run(request)).await;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cookies: &[&str]) -> Option<VisitorId> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        VisitorId::of(&headers, "visitor")
    }

    #[test]
    fn a_visitor_is_found_among_other_cookies() {
        let visitor = VisitorId::draw().unwrap();
        let text = visitor.0.as_str();
        let cookies = [
            format!("a=b; visitor={text}; c=d"),
            format!("visitor={text}"),
        ];
        for cookie in cookies {
            assert_eq!(read(&["e=f", &cookie]), Some(visitor.clone()));
        }
        assert_ne!(VisitorId::draw().unwrap(), visitor);
    }

    #[test]
    fn a_value_that_was_not_given_out_is_none() {
        let long = format!("visitor={}", "a".repeat(64));
        for cookie in ["", "visitor=", "visitor=x", "visitor=<b>", "other=1", &long] {
            assert_eq!(read(&[cookie]), None, "{cookie}");
        }
    }
}
