//! Recipe: keep a value from the beginning of a login to its end.

use oauth_dance::{BeforeLogin, Clock as _, Dance, OAUTH_BEFORE_LOGIN, SystemClock, receiver};

/// What the value is remembered as.
pub(crate) const BEGUN: &str = "begun";

/// Remembers when the login began. The value travels with this one login, sealed, through the browser:
/// a second tab has its own, and nobody can change it.
///
/// Before a login is also the moment to add parameters for the provider, such as
/// `login.add_parameter("prompt", "select_account")?`.
#[receiver(OAUTH_BEFORE_LOGIN, name = "remember when it began")]
pub fn remember(_: &Dance, login: &BeforeLogin) {
    login.remember(BEGUN, SystemClock.now().to_string());
}
