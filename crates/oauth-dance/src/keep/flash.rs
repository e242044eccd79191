//! The flash messages that wait in a browser, in one sealed cookie.

use std::collections::BTreeMap;

use http::HeaderValue;

use crate::contract::entropy::{Draws, EntropyError};
use crate::keep::cookies::RequestCookies;
use crate::keep::seal::Purpose;
use crate::keep::sealed_cookie::SealedCookies;
use crate::keep::{budget, session_jar};
use crate::values::flash::Flash;

const COOKIE: &str = "flash";

/// How many messages wait for a page. If there are more, the oldest are dropped.
const MAX_MESSAGES: usize = 8;

/// Returns the messages that wait in this browser.
pub(crate) fn waiting(cookies: &SealedCookies, request: &RequestCookies) -> Vec<Flash> {
    let mut authentic = cookies.open(Purpose::Flash, COOKIE, request);
    authentic.next().unwrap_or_default()
}

/// What a response does to the messages that wait.
#[derive(Default)]
pub(crate) struct Change {
    /// Whether the page has shown the messages that waited.
    pub(crate) taken: bool,
    /// The messages that wait from now on, after those that were not taken.
    pub(crate) added: Vec<Flash>,
    /// Whether an earlier response has set the cookie, though the request had none.
    pub(crate) is_set: bool,
}

impl Change {
    /// Returns the cookie that makes the change, if one is needed. `set` are the cookies that the same
    /// response sets.
    ///
    /// Messages have the room that the sessions leave them. If there is too little, the oldest go, and one
    /// that is alone is cut. Without randomness, messages are lost and the response goes on without them.
    pub(crate) fn cookie<'h>(
        &self,
        cookies: &SealedCookies,
        request: &RequestCookies,
        set: impl Iterator<Item = &'h HeaderValue>,
        draws: &mut Draws<'_>,
    ) -> Option<HeaderValue> {
        let room = room(cookies, request, set);
        let name = cookies.policy.name(COOKIE);
        let carried = request.values(COOKIE).next();
        let fits = carried.is_none_or(|value| budget::size(&name, value) <= room);
        if !self.taken && self.added.is_empty() && fits {
            return None;
        }
        let mut flashes = if self.taken {
            Vec::new()
        } else {
            waiting(cookies, request)
        };
        flashes.extend_from_slice(&self.added);
        // Also if its value was not authentic: it only takes room.
        let has_one = self.is_set || carried.is_some();
        let delete = || has_one.then(|| cookies.policy.delete(COOKIE));
        if flashes.is_empty() {
            return delete();
        }
        keep(flashes, cookies, room, draws)
            .ok()
            .flatten()
            .or_else(delete)
    }
}

/// Returns how much room the sessions leave, once the browser has the cookies of the response.
fn room<'h>(
    cookies: &SealedCookies,
    request: &RequestCookies,
    set: impl Iterator<Item = &'h HeaderValue>,
) -> usize {
    let policy = &cookies.policy;
    let mut sessions: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, value) in request.starting_with("") {
        if session_jar::is_of_sessions(name) {
            sessions.insert(name, budget::size(&policy.name(name), value));
        }
    }
    for (name, value) in set.filter_map(|header| policy.read_set(header)) {
        if session_jar::is_of_sessions(name) {
            let bytes = match value {
                "" => 0,
                value => budget::size(&policy.name(name), value),
            };
            sessions.insert(name, bytes);
        }
    }
    let others = budget::MARK + sessions.values().sum::<usize>();
    budget::STANDING.saturating_sub(others)
}

/// Returns the cookie of as many messages as have room, if any has.
fn keep(
    mut flashes: Vec<Flash>,
    cookies: &SealedCookies,
    room: usize,
    draws: &mut Draws<'_>,
) -> Result<Option<HeaderValue>, EntropyError> {
    let name = cookies.policy.name(COOKIE);
    loop {
        let excess = flashes.len().saturating_sub(MAX_MESSAGES);
        flashes.drain(..excess);
        let value = cookies.seal(Purpose::Flash, COOKIE, &flashes, draws)?;
        if budget::size(&name, &value) <= room {
            return Ok(Some(cookies.policy.set(COOKIE, &value, None)));
        }
        match &mut *flashes {
            [only] => {
                if !only.shorten() {
                    return Ok(None);
                }
            }
            _ => drop(flashes.remove(0)),
        }
    }
}
