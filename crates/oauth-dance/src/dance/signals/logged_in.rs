//! `oauth_logged_in`: the token is stored and the browser is signed in.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use signals::AsyncSignal;

use crate::dance::Dance;
use crate::dance::effects::{Browser, reaches_the_browser};
use crate::dance::login::{Login, shows_the_login};
use crate::values::owner::Owner;

/// Sent when the token is stored and the browser is signed in. This is the place for a session of the
/// application's own: no receiver can undo the login any more.
///
/// Receivers may leave flash messages, cookies and headers. If a receiver fails, or if the receivers are
/// not done at the deadline, the login stands, the failure is logged, and the browser goes on.
///
/// If a receiver of [`OAUTH_AUTHORIZED`](crate::OAUTH_AUTHORIZED) has discarded the token, this signal is
/// not sent.
///
/// ```
/// use oauth_dance::{Dance, LoggedIn, Missing, OAUTH_LOGGED_IN};
/// # struct Session;
/// # impl Session { async fn insert(&self, _: &str, _: &str) {} }
///
/// OAUTH_LOGGED_IN.connect(async |_: &Dance, login: &LoggedIn| -> Result<(), Missing> {
///     let session: &Session = login.extension()?;
///     session.insert("subject", login.require_identity()?.subject()).await;
///     Ok(())
/// });
/// ```
pub static OAUTH_LOGGED_IN: AsyncSignal<Dance, LoggedIn, Infallible> =
    AsyncSignal::new("oauth_logged_in");

/// The payload of [`OAUTH_LOGGED_IN`].
///
/// Clones are the same login, for receivers that run on in the background.
#[derive(Clone)]
pub struct LoggedIn(Arc<Parts>);

struct Parts {
    login: Login,
    owner: Owner,
    user: Option<String>,
    has_replaced: bool,
    browser: Browser,
}

reaches_the_browser!(LoggedIn);
shows_the_login!(LoggedIn);

impl LoggedIn {
    pub(crate) fn new(
        login: Login,
        owner: Owner,
        user: Option<String>,
        has_replaced: bool,
        browser: Browser,
    ) -> Self {
        Self(Arc::new(Parts {
            login,
            owner,
            user,
            has_replaced,
            browser,
        }))
    }

    pub(crate) fn browser(&self) -> &Browser {
        &self.0.browser
    }

    pub(crate) fn login(&self) -> &Login {
        &self.0.login
    }

    /// Returns the owner that the token is stored for.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// Returns the application's user whom a receiver has signed in, if any: what was passed to
    /// [`Authorized::sign_in`](crate::Authorized::sign_in).
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.0.user.as_deref()
    }

    /// Returns whether the token has replaced an earlier one: of the same account of the same user, or of the
    /// same browser. A second account of a user replaces nothing.
    #[must_use]
    pub fn has_replaced_a_token(&self) -> bool {
        self.0.has_replaced
    }
}

impl fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedIn")
            .field("dance", self.login().dance())
            .field("owner", self.owner())
            .field("token", self.token())
            .field("identity", &self.identity())
            .finish_non_exhaustive()
    }
}
