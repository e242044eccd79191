//! The provider's cookies: who is signed in, and which requests this browser has open.
//!
//! Every open request has a cookie of its own. So tabs that are opened at the same moment, before the
//! browser has any cookie, do not overwrite each other's.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

use crate::answer::Answer;
use crate::provider::Inner;

/// How much of a ticket is in the name of its cookie. The value has all of it.
const TICKET_IN_NAME: usize = 8;

/// The cookies that a request brings.
pub(crate) struct Cookies<'a> {
    headers: &'a HeaderMap,
    session: String,
    request: String,
    secure: bool,
}

impl<'a> Cookies<'a> {
    pub(crate) fn of(provider: &Inner, headers: &'a HeaderMap) -> Self {
        let issuer = provider.issuer();
        // Cookies do not see ports: two providers on one machine would sign each other's people out if
        // they shared a name.
        let port = url::Url::parse(&issuer)
            .ok()
            .and_then(|issuer| issuer.port_or_known_default())
            .unwrap_or_default();
        Self {
            headers,
            session: format!("dev_provider_session_{port}"),
            request: format!("dev_provider_request_{port}_"),
            secure: issuer.starts_with("https:"),
        }
    }

    fn all(&self) -> impl Iterator<Item = Cookie<'a>> {
        let values = self.headers.get_all(COOKIE).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
    }

    /// The identifier of the browser's session.
    pub(crate) fn session(&self) -> Option<String> {
        let session = self.all().find(|cookie| cookie.name() == self.session);
        session.map(|cookie| cookie.value().to_owned())
    }

    /// The tickets of the browser's open requests, each with the secret that proves it.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        self.all()
            .filter(|cookie| cookie.name().starts_with(&self.request))
            .filter_map(|cookie| {
                let (ticket, secret) = cookie.value().split_once('.')?;
                Some((ticket.to_owned(), secret.to_owned()))
            })
            .collect()
    }

    /// Tells the browser its session.
    pub(crate) fn set_session(&self, answer: &mut Answer, id: String) {
        self.set(answer, Cookie::new(self.session.clone(), id));
    }

    /// Tells the browser the secret of a request, for as long as the request lives.
    pub(crate) fn set_request(
        &self,
        answer: &mut Answer,
        ticket: &str,
        secret: &str,
        lifetime: std::time::Duration,
    ) {
        let mut cookie = Cookie::new(self.name(ticket), format!("{ticket}.{secret}"));
        cookie.set_max_age(Duration::try_from(lifetime).ok());
        self.set(answer, cookie);
    }

    /// Takes the secret of a request back.
    pub(crate) fn forget_request(&self, answer: &mut Answer, ticket: &str) {
        let mut cookie = Cookie::new(self.name(ticket), "");
        cookie.set_max_age(Duration::ZERO);
        self.set(answer, cookie);
    }

    fn name(&self, ticket: &str) -> String {
        let start = ticket.get(..TICKET_IN_NAME).unwrap_or(ticket);
        format!("{}{start}", self.request)
    }

    fn set(&self, answer: &mut Answer, mut cookie: Cookie<'static>) {
        cookie.set_path("/");
        cookie.set_http_only(true);
        // Lax, because the person arrives here by a link from the application.
        cookie.set_same_site(SameSite::Lax);
        cookie.set_secure(self.secure);
        if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
            answer.headers_mut().append(SET_COOKIE, value);
        }
    }
}
