//! An answer, as the browser shows it.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use cookie::Cookie;
use http::header::{HeaderMap, LOCATION, SET_COOKIE};
use http::{Response, StatusCode};
use url::Url;

use super::error::BrowserError;
use super::navigation::Navigation;

/// An answer of any status, and where it came from.
#[derive(Clone)]
pub struct Page {
    pub(crate) navigation: Navigation,
    pub(crate) response: Response<Bytes>,
}

impl Page {
    /// Returns the address of the page.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.navigation.url
    }

    /// Returns the path of the address.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url().path()
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Returns a header as text: the first, if there are several of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// Returns every cookie that the response sets, whether the browser took it or not.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<Cookie<'static>> {
        self.headers()
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .filter_map(|value| Cookie::parse(value.to_owned()).ok())
            .collect()
    }

    /// Returns the absolute URL that the response redirects to, if it redirects.
    #[must_use]
    pub fn location(&self) -> Option<Url> {
        if !matches!(self.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = self.headers().get(LOCATION)?.as_bytes();
        let location = std::str::from_utf8(location).ok()?;
        self.url().join(location).ok()
    }

    /// Returns the body as text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// Returns the body.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        self.response.body()
    }

    /// Returns the body as JSON.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    pub fn json(&self) -> Result<serde_json::Value, BrowserError> {
        serde_json::from_slice(self.bytes())
            .map_err(|error| BrowserError::from_source("the page is not JSON", error))
    }
}

/// A failed assertion should show the page, but not the cookies it sets.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("url", &self.url().as_str())
            .field("status", &self.status())
            .field("body", &self.text())
            .finish_non_exhaustive()
    }
}
