//! Flash messages: a text shown once, on the next page.

use serde::{Deserialize, Serialize};

use crate::contract::entropy::{Draws, EntropyError};
use crate::keep::cookies::{CookiePolicy, RequestCookies};
use crate::keep::seal::{Purpose, Sealer};
use crate::keep::sealed_cookie;

const COOKIE: &str = "flash";

/// How many messages wait for a page; the oldest give way.
const MAX_MESSAGES: usize = 8;

/// A text shown once, on the next page that asks for it.
///
/// The text is the application's own and is kept as it was given: a page escapes it like any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    category: String,
    text: String,
}

impl Flash {
    /// The longest text, in characters; longer ones are cut.
    pub const MAX_CHARS: usize = 300;

    pub(crate) fn new(category: impl Into<String>, text: impl Into<String>) -> Self {
        let mut category = category.into();
        let mut text = text.into();
        truncate(&mut category, 32);
        truncate(&mut text, Self::MAX_CHARS);
        Self { category, text }
    }

    /// The category: `message` unless a receiver named another.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn truncate(text: &mut String, max_chars: usize) {
    if let Some((at, _)) = text.char_indices().nth(max_chars) {
        text.truncate(at);
    }
}

/// The messages that wait in this browser.
pub(crate) fn waiting(cookies: &RequestCookies, sealer: &Sealer) -> Vec<Flash> {
    sealed_cookie::open(cookies, sealer, Purpose::Flash, COOKIE).unwrap_or_default()
}

/// Whether the browser sent anything under the name of our messages, authentic or not.
pub(crate) fn is_carried(cookies: &RequestCookies) -> bool {
    cookies.values(COOKIE).next().is_some()
}

/// The cookie that keeps `flashes` until a page takes them.
pub(crate) fn keep(
    mut flashes: Vec<Flash>,
    policy: &CookiePolicy,
    sealer: &Sealer,
    draws: &mut Draws<'_>,
) -> Result<http::HeaderValue, EntropyError> {
    loop {
        let excess = flashes.len().saturating_sub(MAX_MESSAGES);
        flashes.drain(..excess);
        let value = sealed_cookie::seal(&flashes, sealer, Purpose::Flash, COOKIE, draws)?;
        if value.len() <= crate::keep::cookies::MAX_VALUE_BYTES || flashes.is_empty() {
            return Ok(policy.set(COOKIE, &value, None));
        }
        flashes.remove(0);
    }
}

/// The cookie that forgets all messages.
pub(crate) fn forget(policy: &CookiePolicy) -> http::HeaderValue {
    policy.delete(COOKIE)
}
