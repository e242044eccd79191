//! Recipe: flash a message.

use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, receiver};

use super::accepted;

/// The next page shows it, once. It travels in a sealed cookie, so it finds the browser through any
/// redirect and with any number of servers.
#[receiver(OAUTH_AUTHORIZED, order = 20, name = "flash a message", when = accepted)]
pub fn greet(dance: &Dance, login: &Authorized) {
    login.flash(format!(
        "Signed in successfully with {}!",
        dance.display_name()
    ));
}
