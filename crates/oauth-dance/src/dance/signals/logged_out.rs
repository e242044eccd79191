//! `oauth_logged_out`: a browser has signed out.

use std::convert::Infallible;
use std::sync::Arc;

use signals::AsyncSignal;

use crate::dance::Dance;
use crate::dance::effects::{Browser, reaches_the_browser};
use crate::values::owner::Owner;

/// Sent when a browser has signed out, even if the store failed and the token has stayed. Receivers
/// cannot answer, but the payload reaches the browser: an application ends its own session here.
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
    owner: Owner,
    browser: Arc<Browser>,
}

reaches_the_browser!(LoggedOut);

impl LoggedOut {
    pub(crate) fn new(owner: Owner, browser: Browser) -> Self {
        Self {
            owner,
            browser: Arc::new(browser),
        }
    }

    pub(crate) fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Returns the owner that the browser was signed in as.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }
}
