//! What happens at a login: the receivers of the application.

use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, receiver};

#[receiver(OAUTH_AUTHORIZED)]
async fn greet(dance: &Dance, login: &Authorized) {
    login.flash(format!("Signed in with {}.", dance.display_name()));
}
