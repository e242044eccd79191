//! Recipe: refuse a token when the person did not grant what the application cannot do without.

use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, Outcome, receiver};

use crate::dev_provider;

/// People may untick what an application asks for, so what was granted has to be looked at.
///
/// `and_discard` throws the token away: nothing is stored and nobody is signed in. The browser is sent to a page
/// that needs no login, because one that does would only say that the sign-in came to nothing. Why is up to us
/// to say.
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
    Some(Outcome::redirect("/").and_discard())
}

/// What the scope with the e-mail address is called there, if it is a scope of its own.
fn email_scope(dance: &Dance) -> Option<&'static str> {
    match dance.name() {
        dev_provider::NAME => Some("email"),
        "github" => Some("user:email"),
        _ => None,
    }
}
