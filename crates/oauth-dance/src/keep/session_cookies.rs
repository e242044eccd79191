//! Sessions in cookies: one sealed sign-in for each dance.

use crate::contract::entropy::Draws;
use crate::keep::seal::Purpose;
use crate::keep::session::SignIn;
use crate::keep::session_budget::{self, Worth};
use crate::keep::session_jar::{Ending, SessionJar, SignedIn, SignedOut, cookie_name};
use crate::values::login_error::Failed;

/// Opens the sign-ins of the request.
pub(super) fn open(jar: &SessionJar<'_>) -> Vec<SignIn> {
    authentic(jar).map(|(_, sign_in)| sign_in).collect()
}

fn authentic<'s>(jar: &'s SessionJar<'_>) -> impl Iterator<Item = (&'s str, SignIn)> {
    jar.opened(|name, value| {
        let sign_in: SignIn = jar.cookies.open_text(Purpose::Session, name, value)?;
        Some((name, sign_in))
    })
}

/// Keeps a sign-in.
pub(super) fn sign_in(
    jar: &SessionJar<'_>,
    sign_in: &SignIn,
    draws: &mut Draws<'_>,
) -> Result<SignedIn, Failed> {
    let name = cookie_name(&sign_in.dance);
    let value = jar.cookies.seal(Purpose::Session, &name, sign_in, draws)?;
    let set = session_budget::set(jar, sign_in, &value, |name, value| {
        let opened: Option<SignIn> = jar.cookies.open_text(Purpose::Session, name, value);
        let may_be_set_anew = false;
        match opened.filter(|it| it.expires_at > jar.now) {
            Some(other) => Worth::of(&other, sign_in, may_be_set_anew),
            None => Worth::Nothing { may_be_set_anew },
        }
    })?;
    Ok(set.signed_in)
}

/// Ends sign-ins. The cookies go even if they cannot be read.
pub(super) fn sign_out(jar: &SessionJar<'_>, ending: Ending<'_>) -> SignedOut {
    let ends = |sign_in: &SignIn| match ending {
        Ending::Dance(dance) => sign_in.dance == dance,
        Ending::All(_) => true,
    };
    let policy = &jar.cookies.policy;
    SignedOut {
        ended: open(jar).into_iter().filter(ends).collect(),
        cookies: jar
            .names(ending)
            .iter()
            .map(|name| policy.delete(name))
            .collect(),
        failure: None,
    }
}
