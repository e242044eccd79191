//! The flash messages that wait in a browser, in one sealed cookie.

use http::HeaderValue;

use crate::contract::entropy::{Draws, EntropyError};
use crate::keep::cookies::{MAX_VALUE_BYTES, RequestCookies};
use crate::keep::seal::Purpose;
use crate::keep::sealed_cookie::SealedCookies;
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
}

impl Change {
    /// Returns the cookie that makes the change, if one is needed.
    ///
    /// Without randomness, messages are lost and the response goes on without them.
    pub(crate) fn cookie(
        &self,
        cookies: &SealedCookies,
        request: &RequestCookies,
        draws: &mut Draws<'_>,
    ) -> Option<HeaderValue> {
        if !self.taken && self.added.is_empty() {
            return None;
        }
        let mut flashes = if self.taken {
            Vec::new()
        } else {
            waiting(cookies, request)
        };
        flashes.extend_from_slice(&self.added);
        if !flashes.is_empty() {
            return keep(flashes, cookies, draws).ok();
        }
        // Also if its value was not authentic: it only takes room.
        let is_carried = request.values(COOKIE).next().is_some();
        is_carried.then(|| cookies.policy.delete(COOKIE))
    }
}

fn keep(
    mut flashes: Vec<Flash>,
    cookies: &SealedCookies,
    draws: &mut Draws<'_>,
) -> Result<HeaderValue, EntropyError> {
    loop {
        let excess = flashes.len().saturating_sub(MAX_MESSAGES);
        flashes.drain(..excess);
        let value = cookies.seal(Purpose::Flash, COOKIE, &flashes, draws)?;
        if value.len() <= MAX_VALUE_BYTES || flashes.is_empty() {
            return Ok(cookies.policy.set(COOKIE, &value, None));
        }
        flashes.remove(0);
    }
}
