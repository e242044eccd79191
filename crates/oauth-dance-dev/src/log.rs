//! What the provider saw, for a test to assert on.

use std::collections::VecDeque;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap};
use http::request::Parts;
use http::{Method, StatusCode};
use oauth_dance::ClientAuth;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::addresses::Place;
use crate::credentials::basic_credentials;
use crate::faults::delivery::Delivery;
use crate::params::Params;

/// How many requests are remembered.
const CAP: usize = 10_000;

/// One request and what became of it. It holds secrets: this is a test tool.
#[derive(Debug, Clone)]
pub struct LogEntry {
    place: Option<Place>,
    method: Method,
    path: String,
    headers: HeaderMap,
    parameters: Vec<(String, String)>,
    client: Option<(String, ClientAuth)>,
    status: Option<StatusCode>,
}

impl LogEntry {
    /// Returns the method of the request.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path of the request.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the headers of the request.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the parameters of the query and then of the form, decoded, in order.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// Returns the first value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the `grant_type` of a token request.
    #[must_use]
    pub fn grant_type(&self) -> Option<&str> {
        self.parameter("grant_type")
    }

    /// Returns the identifier that the client gave.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client.as_ref().map(|(id, _)| id.as_str())
    }

    /// Returns how the client authenticated itself.
    #[must_use]
    pub fn client_auth(&self) -> ClientAuth {
        self.client
            .as_ref()
            .map_or(ClientAuth::None, |(_, auth)| *auth)
    }

    /// Returns the access token of an API request.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let value = self.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    }

    /// Returns the status of the response, if the client got one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }
}

/// The requests a provider saw, oldest first; made by [`DevProvider::log`](crate::DevProvider::log).
#[derive(Debug, Clone, Default)]
pub struct Log {
    entries: VecDeque<LogEntry>,
}

impl Log {
    /// Returns every request, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &LogEntry> {
        self.entries.iter()
    }

    /// Returns how many requests there were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there were no requests.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the requests of one path, oldest first.
    pub fn to(&self, path: &str) -> impl DoubleEndedIterator<Item = &LogEntry> {
        self.entries().filter(move |entry| entry.path == path)
    }

    /// Returns the last request of a path.
    #[must_use]
    pub fn last_to(&self, path: &str) -> Option<&LogEntry> {
        self.to(path).next_back()
    }

    /// Returns how often the authorization endpoint was asked.
    #[must_use]
    pub fn authorize_requests(&self) -> usize {
        self.at(Place::Authorize).count()
    }

    /// Returns how often the token endpoint was asked.
    #[must_use]
    pub fn token_requests(&self) -> usize {
        self.at(Place::Token).count()
    }

    /// Returns how often a code was presented.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.grants("authorization_code")
    }

    /// Returns how often a refresh token was presented.
    #[must_use]
    pub fn refreshes(&self) -> usize {
        self.grants("refresh_token")
    }

    /// Returns how often the revocation endpoint was asked.
    #[must_use]
    pub fn revocations(&self) -> usize {
        self.at(Place::Revoke).count()
    }

    /// Returns how often the userinfo endpoint was asked.
    #[must_use]
    pub fn userinfo_requests(&self) -> usize {
        self.at(Place::Userinfo).count()
    }

    fn at(&self, place: Place) -> impl Iterator<Item = &LogEntry> {
        self.entries()
            .filter(move |entry| entry.place == Some(place))
    }

    fn grants(&self, grant_type: &str) -> usize {
        self.at(Place::Token)
            .filter(|entry| entry.grant_type() == Some(grant_type))
            .count()
    }
}

/// Where the log is written.
#[derive(Default)]
pub(crate) struct LogBook {
    log: Mutex<Log>,
    written: Notify,
}

impl LogBook {
    pub(crate) fn note(
        &self,
        place: Option<Place>,
        head: Parts,
        body: &Bytes,
        delivery: &Delivery,
    ) {
        let mut params = Params::parse(head.uri.query().unwrap_or_default().as_bytes());
        params.extend(Params::parse(body));
        let client = client(&head.headers, &params);
        let entry = LogEntry {
            place,
            method: head.method,
            path: head.uri.path().to_owned(),
            headers: head.headers,
            client,
            parameters: params.into_pairs(),
            status: delivery.status(),
        };
        let mut log = self.log.lock();
        log.entries.push_back(entry);
        if log.entries.len() > CAP {
            log.entries.pop_front();
        }
        drop(log);
        self.written.notify_waiters();
    }

    pub(crate) fn copy(&self) -> Log {
        self.log.lock().clone()
    }

    pub(crate) fn clear(&self) {
        self.log.lock().entries.clear();
    }

    /// Waits until the log is as wished.
    pub(crate) async fn until(&self, wish: impl Fn(&Log) -> bool) {
        let mut written = std::pin::pin!(self.written.notified());
        loop {
            // Listen before looking, so that nothing slips through in between.
            written.as_mut().enable();
            if wish(&self.log.lock()) {
                return;
            }
            written.as_mut().await;
            written.set(self.written.notified());
        }
    }
}

fn client(headers: &HeaderMap, params: &Params) -> Option<(String, ClientAuth)> {
    if let Ok(Some((id, _))) = basic_credentials(headers) {
        return Some((id, ClientAuth::Basic));
    }
    let id = params.all("client_id").next()?;
    let auth = match params.all("client_secret").next() {
        Some(_) => ClientAuth::Post,
        None => ClientAuth::None,
    };
    Some((id.to_owned(), auth))
}
