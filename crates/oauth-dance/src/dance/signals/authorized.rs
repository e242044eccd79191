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
/// All receivers run, in order, also after one that has discarded the token: a receiver that creates a user asks
/// [`is_discarded`](Authorized::is_discarded) first. **Any** discard wins. The **first** reply wins, and
/// [`OAUTH_REPLY_IGNORED`](crate::OAUTH_REPLY_IGNORED) reports the others. If a receiver fails, or if the
/// receivers are not done at the deadline, the token is not stored and the browser is not signed in.
///
/// ```
/// use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, Outcome};
///
/// OAUTH_AUTHORIZED.connect(async |dance: &Dance, login: &Authorized| {
///     if !login.token().granted("user:email") {
///         return Some(Outcome::redirect("/").and_discard());
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

#[derive(Debug, Clone, Default)]
pub(crate) struct Decided {
    /// The owner that a receiver has chosen.
    pub(crate) owner: Option<Owner>,
    /// The user of the application that a receiver has signed in.
    pub(crate) user: Option<String>,
    pub(crate) discarded: bool,
    /// Whether a discarded token is revoked too.
    pub(crate) revoked: bool,
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

    /// Signs the browser in as this user of the application, and stores the token for that user.
    ///
    /// The session keeps the text that `Display` writes. Adapters read it back into a [`UserId`](crate::UserId).
    ///
    /// [`Visit::user`](crate::Visit::user) returns the user from then on, until the browser signs out of
    /// this dance or the session expires. The sign-ins of another user in this browser end.
    ///
    /// If several receivers call it, the last call wins. If the identifier is blank or longer than
    /// [`Owner::MAX_BYTES`], the login fails with [`StoreRefused`].
    ///
    /// ```
    /// use oauth_dance::{Authorized, Dance, Missing, OAUTH_AUTHORIZED};
    /// # struct Users;
    /// # impl Users { async fn find_or_create(&self, _: &str, _: &str) -> i64 { 7 } }
    ///
    /// OAUTH_AUTHORIZED.connect(async |_: &Dance, login: &Authorized| -> Result<(), Missing> {
    ///     let (users, person) = (login.state::<Users>()?, login.require_identity()?);
    ///     let user = users.find_or_create(person.issuer(), person.subject()).await;
    ///     login.sign_in(user);
    ///     Ok(())
    /// });
    /// ```
    ///
    /// [`StoreRefused`]: crate::LoginError::StoreRefused
    pub fn sign_in(&self, user_id: impl fmt::Display) {
        let user = user_id.to_string();
        let mut decided = self.0.decided.lock();
        decided.owner = Some(Owner::user(&user));
        decided.user = Some(user);
    }

    /// Stores the token for this user of the application instead of for the browser. The browser is
    /// not signed in as that user: [`sign_in`](Self::sign_in) does both.
    ///
    /// This is for an application with a session of its own. The sign-in has no user, so it stays when a user signs in
    /// with another dance: sign the browser out first if that may be another person. If several receivers call it, the last call
    /// wins. If the identifier is blank or longer than [`Owner::MAX_BYTES`], the login fails with
    /// [`StoreRefused`].
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

    pub(crate) fn discard(&self, revoke: bool) {
        let mut decided = self.0.decided.lock();
        decided.discarded = true;
        decided.revoked |= revoke;
    }

    /// Returns what the receivers have decided so far.
    pub(crate) fn decided(&self) -> Decided {
        self.0.decided.lock().clone()
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
