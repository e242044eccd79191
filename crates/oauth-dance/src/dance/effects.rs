//! What a receiver adds to the response.

use std::fmt;
use std::sync::Arc;

use http::Extensions;
use http::header::{
    CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE,
    TRANSFER_ENCODING,
};
use http::request::Parts;
use parking_lot::Mutex;

use crate::values::flash::Flash;
use crate::values::missing::Missing;

/// The current request and the effects collected so far. Every payload that reaches the browser holds
/// one.
pub(crate) struct Browser {
    request: Arc<Parts>,
    /// The values that the application has given its receivers.
    state: Arc<Extensions>,
    effects: Mutex<Effects>,
}

/// Headers and flash messages on their way to the browser, and values on their way to the code around the dance.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) flashes: Vec<Flash>,
    pub(crate) handed_over: Extensions,
}

impl Browser {
    pub(crate) fn new(request: Arc<Parts>, state: Arc<Extensions>) -> Self {
        Self {
            request,
            state,
            effects: Mutex::default(),
        }
    }

    pub(crate) fn request(&self) -> &Parts {
        &self.request
    }

    pub(crate) fn state<T: Send + Sync + 'static>(&self) -> Result<&T, Missing> {
        let kept: Option<&Arc<T>> = self.state.get();
        kept.map(|value| &**value).ok_or_else(Missing::state::<T>)
    }

    pub(crate) fn extension<T: Send + Sync + 'static>(&self) -> Result<&T, Missing> {
        let extension = self.request.extensions.get();
        extension.ok_or_else(Missing::extension::<T>)
    }

    pub(crate) fn flash(&self, flash: Flash) {
        self.effects.lock().flashes.push(flash);
    }

    pub(crate) fn header(&self, name: HeaderName, value: HeaderValue) {
        self.effects.lock().headers.push((name, value));
    }

    pub(crate) fn hand_over<T: Clone + Send + Sync + 'static>(&self, value: T) {
        self.effects.lock().handed_over.insert(value);
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
        self.handed_over.extend(later.handed_over);
    }

    /// Appends the headers; what the response already has stays.
    pub(crate) fn append_to(self, headers: &mut HeaderMap) {
        for (name, value) in self.headers {
            // A browser refuses a response with two of these.
            let is_taken = matches!(name, LOCATION | CONTENT_TYPE) && headers.contains_key(&name);
            // The server writes the body, and says how it does.
            let is_of_server = matches!(name, CONTENT_LENGTH | TRANSFER_ENCODING);
            if !is_taken && !is_of_server {
                headers.append(name, value);
            }
        }
    }
}

/// The methods by which the payload of a signal reaches the browser, written once. The payload has a
/// method `browser`.
macro_rules! reaches_the_browser {
    ($payload:ty) => {
        impl $payload {
            /// Returns the browser's request: method, URI, headers, and the extensions that middleware
            /// has inserted. Do not log the URI, which may hold a code.
            #[must_use]
            pub fn request(&self) -> &http::request::Parts {
                self.browser().request()
            }

            /// Returns the value of this type that the application has given its receivers with
            /// [`DancesBuilder::state`](crate::DancesBuilder::state), such as a database pool.
            ///
            /// # Errors
            ///
            /// [`Missing::State`](crate::Missing::State) if no value of this type was given.
            pub fn state<T: Send + Sync + 'static>(&self) -> Result<&T, $crate::Missing> {
                self.browser().state()
            }

            /// Returns the value of this type that middleware has inserted into the extensions of the
            /// request, such as a `tower_sessions::Session`.
            ///
            /// # Errors
            ///
            /// [`Missing::Extension`](crate::Missing::Extension) if the request carries no value of this type.
            pub fn extension<T: Send + Sync + 'static>(&self) -> Result<&T, $crate::Missing> {
                self.browser().extension()
            }

            /// Shows `text` once, on the next page that takes its flash messages.
            pub fn flash(&self, text: impl Into<String>) {
                self.browser()
                    .flash($crate::values::flash::Flash::new("message", text));
            }

            /// Shows `text` as `flash` does, with a category such as `error` that pages may style.
            pub fn flash_as(&self, category: impl Into<String>, text: impl Into<String>) {
                self.browser()
                    .flash($crate::values::flash::Flash::new(category, text));
            }

            /// Hands a value to the code around the dance: it is in the extensions of the response.
            ///
            /// A receiver cannot hold the session of some frameworks, which stays on its thread or borrows the
            /// request. It hands over what is to be done instead, such as the user to sign in, and the
            /// application does it where it has the framework's request and response. Of two values of one type
            /// the later one stays. In [`Visit::sign_out`](crate::Visit::sign_out), the page takes the value with
            /// [`Visit::handed_over`](crate::Visit::handed_over).
            ///
            /// ```
            /// use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED};
            ///
            /// /// The user whom the application's own session is to have.
            /// #[derive(Clone)]
            /// struct SignIn(String);
            ///
            /// OAUTH_AUTHORIZED.connect(|_: &Dance, login: &Authorized| {
            ///     if let Some(person) = login.identity() {
            ///         login.hand_over(SignIn(person.subject().to_owned()));
            ///     }
            /// });
            ///
            /// // Around `Dances::handle`:
            /// fn after<B>(response: &mut http::Response<B>) {
            ///     if let Some(SignIn(user)) = response.extensions_mut().remove() {
            ///         println!("the session belongs to {user} now");
            ///     }
            /// }
            /// # after(&mut http::Response::new(()));
            /// ```
            pub fn hand_over<T: Clone + Send + Sync + 'static>(&self, value: T) {
                self.browser().hand_over(value);
            }

            /// Adds a header to the response. Headers of the same name stay.
            ///
            /// `Location` and `Content-Type` are not added if the response has one. `Content-Length` and
            /// `Transfer-Encoding` are never added.
            pub fn header(&self, name: http::HeaderName, value: http::HeaderValue) {
                self.browser().header(name, value);
            }

            /// Adds a `Set-Cookie` header with this whole value: name, value and attributes.
            pub fn set_cookie(&self, cookie: http::HeaderValue) {
                self.browser().header(http::header::SET_COOKIE, cookie);
            }
        }
    };
}
pub(crate) use reaches_the_browser;
