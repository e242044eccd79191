//! Recipe: refuse a token when the person did not grant what the application cannot do without.

use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, Outcome, receiver};

use crate::dev_provider;

/// People may untick what an application asks for, so what was granted has to be looked at.
///
/// `discard` throws the token away: nothing is stored and nobody is signed in. The browser is sent on
/// as usual, so it is up to us to say why.
#[receiver(OAUTH_AUTHORIZED, order = -20, name = "refuse without e-mail")]
pub fn refuse_without_email(dance: &Dance, login: &Authorized) -> Option<Outcome> {
    let needed = email_scope(dance)?;
    if login.token().granted(needed) {
        return None;
    }
    login.flash_as(
        "error",
        "You were not signed in: we need to see your e-mail address, and you did not allow it.",
    );
    Some(Outcome::discard())
}

/// What the scope with the e-mail address is called there, if it is a scope of its own.
fn email_scope(dance: &Dance) -> Option<&'static str> {
    match dance.name() {
        dev_provider::NAME => Some("email"),
        "github" => Some("user:email"),
        _ => None,
    }
}
