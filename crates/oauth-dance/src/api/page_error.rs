//! The error of a page on its way to the response, with one event in the log for all its copies.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, Response, StatusCode};

use crate::api::error::{ApiError, LoginRequired};
use crate::api::failed_page;
use crate::contract::token_store::StoreError;
use crate::driver::respond;
use crate::values::asked::Asked;
use crate::values::sign_out_error::SignOutError;

/// An error of the dance that a handler returns, or an extractor: what the `Error` of an adapter is made of.
///
/// [`response`](Self::response) makes the response:
///
/// | made from | status |
/// |---|---|
/// | [`ApiError::LoginRequired`], [`LoginRequired`] | 303 to the login, which [`close`](crate::leaf::close) makes the response of [`login_required`](crate::leaf::login_required) of |
/// | any other [`ApiError`] | [`ApiError::status`]: [`failed`](crate::leaf::failed) |
/// | [`StoreError`] | 503, or 500 if the store refused |
/// | [`SignOutError`] | [`SignOutError::status`]: [`not_signed_out`](crate::leaf::not_signed_out) |
/// | [`no_visit`](Self::no_visit) | 500 |
///
/// The error leaves one event in the log, however often a response is made of it. `close` knows the request and tells
/// it. If the response never reaches `close`, the event is left without the request when the response is dropped.
///
/// Clones are the same error.
#[derive(Clone)]
pub struct PageError(Arc<Failure>);

struct Failure {
    kind: Kind,
    /// Whether the event is in the log.
    is_told: AtomicBool,
}

#[derive(Debug)]
enum Kind {
    Api(ApiError),
    SignOut(SignOutError),
    NoVisit(&'static str),
}

impl PageError {
    /// Returns the error of a page that asks for a visit where none was opened, and leaves its event in the log at
    /// once. `check` says what the developer should look at, and follows on the word "check".
    #[must_use]
    pub fn no_visit(asked: Asked<'_>, check: &'static str) -> Self {
        let error = Self::new(Kind::NoVisit(check));
        error.tell(asked);
        error
    }

    /// Returns the error of an extractor, which knows the request. Its event is left at once, because a framework may
    /// drop the error: a handler that takes an `Option` never sees it. A login that is required leaves none.
    #[must_use]
    pub fn of_extractor(asked: Asked<'_>, error: ApiError) -> Self {
        let error = Self::from(error);
        if !error.is_login_required() {
            error.tell(asked);
        }
        error
    }

    fn new(kind: Kind) -> Self {
        let is_told = AtomicBool::new(false);
        Self(Arc::new(Failure { kind, is_told }))
    }

    /// Returns the error of the API call, the login or the store. It is `None` for a [`SignOutError`] and for
    /// [`no_visit`](Self::no_visit).
    #[must_use]
    pub fn as_api_error(&self) -> Option<&ApiError> {
        match &self.0.kind {
            Kind::Api(error) => Some(error),
            Kind::SignOut(_) | Kind::NoVisit(_) => None,
        }
    }

    /// Returns whether the browser has to sign in first.
    #[must_use]
    pub fn is_login_required(&self) -> bool {
        matches!(&self.0.kind, Kind::Api(ApiError::LoginRequired(_)))
    }

    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.0.kind {
            Kind::Api(error) => error.status(),
            Kind::SignOut(error) => error.status(),
            Kind::NoVisit(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Leaves the event in the log, unless it is there.
    pub fn tell(&self, asked: Asked<'_>) {
        self.0.tell(asked);
    }

    /// Makes a response. Its extensions have what [`close`](crate::leaf::close) needs, so they have to go along with
    /// it. Its body is empty.
    #[must_use]
    pub fn response(&self) -> Response<Bytes> {
        if let Kind::Api(ApiError::LoginRequired(required)) = &self.0.kind {
            let mut response = respond::to_login(&required.login_url(None));
            response.extensions_mut().insert(required.clone());
            return response;
        }
        let mut response = respond::bare(self.status());
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let allowed = HeaderValue::from_static("POST");
            response.headers_mut().insert(ALLOW, allowed);
        }
        let untold = Untold(Arc::new(ToldInTheEnd(Arc::clone(&self.0))));
        response.extensions_mut().insert(untold);
        response
    }
}

impl Failure {
    fn tell(&self, asked: Asked<'_>) {
        if self.is_told.swap(true, Ordering::Relaxed) {
            return;
        }
        let _ = match &self.kind {
            Kind::Api(error) => failed_page::failed(asked, error),
            Kind::SignOut(error) => failed_page::not_signed_out(asked, error),
            Kind::NoVisit(check) => failed_page::no_visit(asked, check),
        };
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        Self::new(Kind::Api(error))
    }
}

impl From<LoginRequired> for PageError {
    fn from(required: LoginRequired) -> Self {
        ApiError::from(required).into()
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<SignOutError> for PageError {
    fn from(error: SignOutError) -> Self {
        Self::new(Kind::SignOut(error))
    }
}

impl fmt::Debug for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PageError").field(&self.0.kind).finish()
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::Api(error) => error.fmt(f),
            Kind::SignOut(error) => error.fmt(f),
            Kind::NoVisit(check) => write!(f, "no visit was opened for this page: check {check}"),
        }
    }
}

impl Error for PageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.kind {
            Kind::Api(error) => error.source(),
            Kind::SignOut(error) => error.source(),
            Kind::NoVisit(_) => None,
        }
    }
}

/// An error whose event may be missing in the log, among the extensions of a response.
#[derive(Clone)]
pub(crate) struct Untold(Arc<ToldInTheEnd>);

impl Untold {
    pub(crate) fn tell(&self, asked: Asked<'_>) {
        self.0.0.tell(asked);
    }
}

struct ToldInTheEnd(Arc<Failure>);

impl Drop for ToldInTheEnd {
    fn drop(&mut self) {
        self.0.tell(Asked::default());
    }
}

/// Declares the `Error` of an adapter: a [`PageError`] for which the adapter implements the trait that its framework
/// makes responses by.
///
/// ```
/// use oauth_dance::{ApiError, leaf};
///
/// leaf::page_error! {
///     /// An error of the dance that a handler may return.
///     pub struct Error;
/// }
///
/// fn is_for_the_log(error: &Error) -> bool {
///     !error.0.is_login_required()
/// }
/// # fn from(error: ApiError) -> Error { error.into() }
/// ```
///
/// It is made of [`ApiError`], [`LoginRequired`], [`StoreError`], [`SignOutError`] and [`PageError`], by `?`, and shows
/// the text of its [`PageError`].
#[doc(hidden)]
#[macro_export]
macro_rules! __page_error {
    ($(#[$attribute:meta])* $visibility:vis struct $Error:ident;) => {
        $(#[$attribute])*
        #[derive(Debug, Clone)]
        $visibility struct $Error($crate::leaf::PageError);

        impl $Error {
            /// Returns the error of the API call, the login or the store. It is `None` if a sign-out has failed, and if
            /// the page has no visit.
            #[must_use]
            pub fn as_api_error(&self) -> ::std::option::Option<&$crate::ApiError> {
                self.0.as_api_error()
            }
        }

        $crate::__page_error! { @from $Error:
            $crate::ApiError
            $crate::LoginRequired
            $crate::StoreError
            $crate::SignOutError
        }

        impl ::std::convert::From<$crate::leaf::PageError> for $Error {
            fn from(error: $crate::leaf::PageError) -> Self {
                Self(error)
            }
        }

        impl ::std::fmt::Display for $Error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::std::error::Error for $Error {
            fn source(&self) -> ::std::option::Option<&(dyn ::std::error::Error + 'static)> {
                ::std::error::Error::source(&self.0)
            }
        }
    };
    (@from $Error:ident: $($source:path)*) => {$(
        impl ::std::convert::From<$source> for $Error {
            fn from(error: $source) -> Self {
                Self(error.into())
            }
        }
    )*};
}
