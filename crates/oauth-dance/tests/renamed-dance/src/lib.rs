//! A receiver of an application that renames `oauth-dance`, and has the bus in its tests alone.

use dance::{Authorized, Dance, OAUTH_AUTHORIZED, receiver};

/// Greets the user. The library is built without the bus, its tests with it.
#[receiver(OAUTH_AUTHORIZED)]
pub fn greet(_: &Dance, login: &Authorized) {
    login.flash("Hello!");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_registered_under_a_new_name_of_the_crate() {
        let names: Vec<_> = signals::collected()
            .into_iter()
            .map(|found| found.name)
            .collect();
        assert_eq!(names, [concat!(env!("CARGO_CRATE_NAME"), "::greet")]);
        assert!(OAUTH_AUTHORIZED.has_receivers());
    }
}
