//! `oauth_authorized`: the receivers decide whether the token is stored, and what the browser gets.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use signals::AsyncSignal;

use crate::dance::Dance;
use crate::dance::effects::{Browser, reaches_the_browser};
use crate::dance::login::{Login, shows_the_login};
use crate::values::outcome::Outcome;
use crate::values::owner::Owner;

/// Sent when a token was received and every check has passed, before the token is stored.
///
/// All receivers run, in order. **Any** discard wins. The **first** reply wins, and
/// [`OAUTH_REPLY_IGNORED`](crate::OAUTH_REPLY_IGNORED) reports the others. If a receiver fails, or if the
/// receivers are not done at the deadline, the token is not stored and the browser is not signed in.
///
/// ```
/// use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, Outcome};
///
/// OAUTH_AUTHORIZED.connect(async |dance: &Dance, login: &Authorized| {
///     if !login.token().granted("user:email") {
///         return Some(Outcome::discard());
///     }
///     login.flash(format!("Signed in successfully with {}!", dance.display_name()));
///     None
/// });
/// ```
pub static OAUTH_AUTHORIZED: AsyncSignal<Dance, Authorized, Outcome> =
    AsyncSignal::new("oauth_authorized").describe(describe);

fn describe(outcome: &Outcome) -> String {
    outcome.to_string()
}

/// The payload of [`OAUTH_AUTHORIZED`]. The token is not stored yet.
///
/// Clones are the same login, for receivers that run on in the background (`#[receiver(OAUTH_AUTHORIZED,
/// detached)]`). Once the response was made, a decision of such a receiver has no effect.
#[derive(Clone)]
pub struct Authorized(Arc<Parts>);

struct Parts {
    login: Login,
    decided: Mutex<Decided>,
    browser: Browser,
}

#[derive(Default)]
struct Decided {
    owner: Option<Owner>,
    discarded: bool,
}

reaches_the_browser!(Authorized);
shows_the_login!(Authorized);

impl Authorized {
    pub(crate) fn new(login: Login, browser: Browser) -> Self {
        Self(Arc::new(Parts {
            login,
            decided: Mutex::default(),
            browser,
        }))
    }

    pub(crate) fn browser(&self) -> &Browser {
        &self.0.browser
    }

    pub(crate) fn login(&self) -> &Login {
        &self.0.login
    }

    /// Stores the token for this user of the application instead of for the browser. If several
    /// receivers call it, the last call wins. If the identifier is blank or longer than
    /// [`Owner::MAX_BYTES`], the login fails with [`StoreRefused`].
    ///
    /// [`StoreRefused`]: crate::LoginError::StoreRefused
    pub fn store_for(&self, user_id: impl fmt::Display) {
        self.0.decided.lock().owner = Some(Owner::user(user_id));
    }

    /// Returns whether an earlier receiver has discarded the token.
    #[must_use]
    pub fn is_discarded(&self) -> bool {
        self.0.decided.lock().discarded
    }

    pub(crate) fn discard(&self) {
        self.0.decided.lock().discarded = true;
    }

    /// Returns the owner that a receiver has chosen.
    pub(crate) fn chosen_owner(&self) -> Option<Owner> {
        self.0.decided.lock().owner.clone()
    }
}

impl fmt::Debug for Authorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized")
            .field("dance", self.login().dance())
            .field("token", self.token())
            .field("identity", &self.identity())
            .field("browser", self.browser())
            .finish_non_exhaustive()
    }
}
