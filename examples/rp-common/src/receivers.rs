//! The receivers of a relying party: one that logs every signal, and two that tell the person.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::Write as _;

use oauth_dance::{
    Authorized, BeforeLogin, Dance, LoggedIn, LoggedOut, LoginFailure, OAUTH_AUTHORIZED,
    OAUTH_BEFORE_LOGIN, OAUTH_ERROR, OAUTH_LOGGED_IN, OAUTH_LOGGED_OUT, OAUTH_REJECTED,
    OAUTH_TOKEN_REFRESHED, OAUTH_TOKEN_REVOKED, Rejected, TokenRefreshed, TokenRevoked,
};

/// The log comes first, whatever the others do.
const FIRST: i32 = -10;

pub(crate) fn connect() {
    OAUTH_BEFORE_LOGIN
        .receiver(|dance: &Dance, _: &BeforeLogin| log(dance, "a login begins"))
        .named("log")
        .order(FIRST)
        .connect();
    OAUTH_AUTHORIZED
        .receiver(|dance: &Dance, login: &Authorized| {
            log(dance, format_args!("granted: {}", login.token().scopes()));
        })
        .named("log")
        .order(FIRST)
        .connect();
    OAUTH_AUTHORIZED.receiver(greet).named("greet").connect();
    OAUTH_LOGGED_IN
        .receiver(|dance: &Dance, _: &LoggedIn| log(dance, "a browser signed in"))
        .named("log")
        .order(FIRST)
        .connect();
    OAUTH_ERROR
        .receiver(|dance: &Dance, failure: &LoginFailure| {
            log(
                dance,
                format_args!("{}{}", failure.error(), Causes(failure)),
            );
        })
        .named("log")
        .order(FIRST)
        .connect();
    OAUTH_ERROR.receiver(explain).named("explain").connect();
    OAUTH_REJECTED
        .receiver(|dance: &Dance, rejected: &Rejected| log(dance, rejected.reason()))
        .named("log")
        .order(FIRST)
        .connect();
    OAUTH_TOKEN_REFRESHED
        .receiver(|dance: &Dance, _: &TokenRefreshed| log(dance, "a token was refreshed"))
        .named("log")
        .order(FIRST)
        .connect();
    OAUTH_TOKEN_REVOKED
        .receiver(|dance: &Dance, _: &TokenRevoked| log(dance, "a token was revoked"))
        .named("log")
        .order(FIRST)
        .connect();
    OAUTH_LOGGED_OUT
        .receiver(|dance: &Dance, _: &LoggedOut| log(dance, "a browser signed out"))
        .named("log")
        .order(FIRST)
        .connect();
}

fn greet(dance: &Dance, login: &Authorized) {
    login.flash(format!("Signed in with {}.", dance.display_name()));
    let missing = login.token().missing();
    if !missing.is_empty() {
        login.flash_as("warning", format!("Not granted: {}.", missing.join(", ")));
    }
}

fn explain(dance: &Dance, failure: &LoginFailure) {
    let (name, error) = (dance.display_name(), failure.error());
    failure.flash_as("error", format!("Signing in with {name} failed: {error}."));
}

/// What the failure came from, down to the last source. The receivers of this program put no secret into an error.
struct Causes<'f>(&'f LoginFailure);

impl Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next = self.0.cause().map(|cause| cause as &dyn Error);
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}

fn log(dance: &Dance, what: impl Display) {
    // `eprintln!` panics when standard error is closed, and a receiver that panics fails the login.
    let _ = writeln!(std::io::stderr(), "{}: {what}", dance.name());
}
