//! What a receiver leaves behind for the browser, whatever response goes out.

use std::fmt;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use http::request::Parts;
use parking_lot::Mutex;

use crate::values::flash::Flash;

/// The request of the moment and the effects collected so far. Every payload that a receiver may
/// answer holds one.
pub(crate) struct Browser {
    request: Arc<Parts>,
    effects: Mutex<Effects>,
}

/// Headers and flash messages on their way to the browser.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) flashes: Vec<Flash>,
}

impl Browser {
    pub(crate) fn new(request: Arc<Parts>) -> Self {
        Self {
            request,
            effects: Mutex::default(),
        }
    }

    pub(crate) fn request(&self) -> &Parts {
        &self.request
    }

    pub(crate) fn flash(&self, flash: Flash) {
        self.effects.lock().flashes.push(flash);
    }

    pub(crate) fn header(&self, name: HeaderName, value: HeaderValue) {
        self.effects.lock().headers.push((name, value));
    }

    pub(crate) fn take_effects(&self) -> Effects {
        std::mem::take(&mut *self.effects.lock())
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URI of a callback holds the code and the state, and the headers hold cookies.
        f.debug_struct("Browser")
            .field("method", &self.request.method)
            .field("path", &self.request.uri.path())
            .finish_non_exhaustive()
    }
}

impl Effects {
    pub(crate) fn set_cookie(&mut self, value: HeaderValue) {
        self.headers.push((SET_COOKIE, value));
    }

    pub(crate) fn extend(&mut self, later: Self) {
        self.headers.extend(later.headers);
        self.flashes.extend(later.flashes);
    }

    /// Appends the headers; what the response already has stays.
    pub(crate) fn append_to(self, headers: &mut HeaderMap) {
        for (name, value) in self.headers {
            headers.append(name, value);
        }
    }
}

/// The methods by which the payload of a signal reaches the browser: written once, here. The payload
/// has a method `browser`.
macro_rules! reaches_the_browser {
    ($payload:ty) => {
        impl $payload {
            /// The browser's request: method, URI, headers, and the extensions that middleware put
            /// there, such as a session or a database pool. Its URI may hold a code: do not log it.
            #[must_use]
            pub fn request(&self) -> &http::request::Parts {
                self.browser().request()
            }

            /// Shows `text` once, on the next page that takes its flash messages.
            pub fn flash(&self, text: impl Into<String>) {
                self.browser()
                    .flash($crate::values::flash::Flash::new("message", text));
            }

            /// Like [`flash`](Self::flash), with a category such as `error` that pages may style.
            pub fn flash_as(&self, category: impl Into<String>, text: impl Into<String>) {
                self.browser()
                    .flash($crate::values::flash::Flash::new(category, text));
            }

            /// Adds a header to the response that goes out, beside any it already has.
            pub fn header(&self, name: http::HeaderName, value: http::HeaderValue) {
                self.browser().header(name, value);
            }

            /// Adds a `Set-Cookie` with this whole value: name, value and attributes.
            pub fn set_cookie(&self, cookie: http::HeaderValue) {
                self.browser().header(http::header::SET_COOKIE, cookie);
            }
        }
    };
}
pub(crate) use reaches_the_browser;
