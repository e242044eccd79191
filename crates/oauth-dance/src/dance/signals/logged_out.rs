//! `oauth_logged_out`: a browser has signed out.

use std::convert::Infallible;
use std::sync::Arc;

use signals::AsyncSignal;

use crate::dance::Dance;
use crate::dance::effects::{Browser, reaches_the_browser};
use crate::values::owner::Owner;

/// Sent at every logout, even if the browser was not signed in, and even if the store failed. Receivers
/// cannot answer, but the payload reaches the browser: an application ends its own session here.
///
/// Every receiver runs, also after one that fails or takes too long, and also if the browser has left. If
/// one fails, or if the receivers are not done at the deadline, the browser is signed out and the response
/// says 5xx, because something of the application's own may not have ended.
///
/// ```
/// use oauth_dance::{Dance, LoggedOut, OAUTH_LOGGED_OUT};
///
/// OAUTH_LOGGED_OUT.connect(|_: &Dance, logout: &LoggedOut| {
///     let expired = "app-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
///     logout.set_cookie(http::HeaderValue::from_static(expired));
/// });
/// ```
pub static OAUTH_LOGGED_OUT: AsyncSignal<Dance, LoggedOut, Infallible> =
    AsyncSignal::new("oauth_logged_out");

/// The payload of [`OAUTH_LOGGED_OUT`].
///
/// Clones are the same logout, for receivers that run on in the background.
#[derive(Debug, Clone)]
pub struct LoggedOut {
    owner: Option<Owner>,
    user: Option<String>,
    browser: Arc<Browser>,
}

reaches_the_browser!(LoggedOut);

impl LoggedOut {
    pub(crate) fn new(owner: Option<Owner>, user: Option<String>, browser: Browser) -> Self {
        Self {
            owner,
            user,
            browser: Arc::new(browser),
        }
    }

    pub(crate) fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Returns the owner that the browser was signed in as. It is `None` if no session could be read.
    #[must_use]
    pub fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// Returns the application's user whom this dance had signed in, if any.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}
