//! Receivers of an application that has `oauth-dance` for its only dependency.

use std::time::Duration;

use oauth_dance::{Authorized, BeforeLogin, Dance, LoggedOut, Outcome, receiver};
use oauth_dance::{OAUTH_AUTHORIZED, OAUTH_BEFORE_LOGIN, OAUTH_LOGGED_OUT};

/// Refuses a login without the one scope that the application cannot do without.
#[receiver(OAUTH_AUTHORIZED)]
pub fn refuse(_: &Dance, login: &Authorized) -> Option<Outcome> {
    (!login.token().granted("user:email")).then(Outcome::discard)
}

/// Runs for a limited time: the bus has its timers.
#[receiver(OAUTH_BEFORE_LOGIN, timeout = Duration::from_secs(1))]
pub async fn limited(_: &Dance, _: &BeforeLogin) {}

/// Runs in the background: the bus has a runtime.
#[receiver(OAUTH_LOGGED_OUT, detached)]
pub async fn counted(_: &Dance, _: &LoggedOut) {}

#[cfg(test)]
mod tests {
    use oauth_dance::signals::ReceiverInfo;

    use super::*;

    #[test]
    fn receivers_are_registered_without_a_dependency_on_the_bus() {
        let connected = [
            OAUTH_AUTHORIZED.receivers(),
            OAUTH_BEFORE_LOGIN.receivers(),
            OAUTH_LOGGED_OUT.receivers(),
        ];
        let names: Vec<&str> = connected.iter().flatten().map(ReceiverInfo::name).collect();
        let expected = ["refuse", "limited", "counted"]
            .map(|name| format!("{}::{name}", env!("CARGO_CRATE_NAME")));
        assert_eq!(names, expected);
    }
}
