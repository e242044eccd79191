//! A page that the dance answers with by itself: its reason, its status, and the ways on.

use http::StatusCode;
use url::Url;

use crate::values::flash::Flash;
use crate::values::login_error::{LoginError, RejectReason};

/// A page that the dance answers with by itself, for [`DancesBuilder::pages`](crate::DancesBuilder::pages).
///
/// It holds no text of a request and none of a provider. The flash messages are the application's own, and
/// the page has to escape them.
#[derive(Debug, Clone)]
pub struct ErrorPage<'a> {
    pub(crate) reason: PageReason<'a>,
    pub(crate) status: StatusCode,
    pub(crate) login_url: Option<Url>,
    pub(crate) home: &'a Url,
    pub(crate) flashes: Vec<Flash>,
}

/// Why the dance answers with a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageReason<'a> {
    /// A page of the application needs a login, and the last login of this browser came to nothing. Another
    /// one begins when the user clicks.
    LoginRequired(Ended),
    /// A callback belongs to no login of this browser, or is malformed.
    Rejected(RejectReason),
    /// A callback belongs to no pending login, and the browser is signed in with the dance already: a tab
    /// that lost the race at the provider, or a callback that was loaded again.
    SignedInAlready(RejectReason),
    /// A login of this browser failed.
    Failed(&'a LoginError),
    /// The browser is signed out, and a part of the sign-out has failed.
    NotForgotten(&'a LoginError),
    /// The dance has no such page.
    NotFound,
    /// The page exists, and not for this method.
    MethodNotAllowed,
    /// The request comes from another site.
    CrossSite,
    /// The body of the request could not be read.
    Unreadable,
}

/// How the last login of a browser came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// The user said no at the provider.
    Denied,
    /// A receiver discarded the token, or answered in place of the provider.
    NotAccepted,
    /// Something failed.
    Failed,
    /// The login succeeded, and another sign-in of this browser has given way to it: cookies have no room for
    /// both. See [`DancesBuilder::session_store`](crate::DancesBuilder::session_store).
    GaveWay,
    /// The login succeeded a moment ago, and the page needs a login again: the token cannot be used, or the
    /// browser does not keep the cookies.
    Useless,
    /// The login succeeded a moment ago, and the page needs a user of the application: no receiver has called
    /// [`Authorized::sign_in`](crate::Authorized::sign_in).
    NoUser,
}

impl<'a> ErrorPage<'a> {
    pub(crate) fn new(reason: PageReason<'a>, status: StatusCode, home: &'a Url) -> Self {
        Self {
            reason,
            status,
            login_url: None,
            home,
            flashes: Vec::new(),
        }
    }

    /// Offers the login at this URL.
    pub(crate) fn or_login(mut self, login_url: Url) -> Self {
        self.login_url = Some(login_url);
        self
    }

    /// Shows these flash messages.
    pub(crate) fn with_flashes(mut self, flashes: Vec<Flash>) -> Self {
        self.flashes = flashes;
        self
    }

    /// Returns why the dance answers with this page.
    #[must_use]
    pub fn reason(&self) -> PageReason<'a> {
        self.reason
    }

    /// Returns the status of the response. If the page is made with the status 200, it gets this one.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the URL where the browser may sign in again, if that helps.
    #[must_use]
    pub fn login_url(&self) -> Option<&Url> {
        self.login_url.as_ref()
    }

    /// Returns the front page of the application: its origin, and the
    /// [public prefix](crate::DancesBuilder::public_prefix).
    #[must_use]
    pub fn home(&self) -> &Url {
        self.home
    }

    /// Returns the flash messages that waited, and those of the receivers of this request. The page shows them, and
    /// no later page does.
    ///
    /// They are on the pages of [`LoginRequired`](PageReason::LoginRequired), [`Failed`](PageReason::Failed) and
    /// [`NotForgotten`](PageReason::NotForgotten). Other sites can cause the other pages, so messages wait there.
    #[must_use]
    pub fn flashes(&self) -> &[Flash] {
        &self.flashes
    }
}
