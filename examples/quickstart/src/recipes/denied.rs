//! Recipe: inform the person when a login came to nothing.

use oauth_dance::{Dance, LoginFailure, OAUTH_ERROR, receiver};

/// After an error of the provider's the browser is sent to the usual place anyway. It is up to the
/// application to say what happened; without this, the button would just seem to do nothing.
///
/// The provider's own words (`failure.provider_error()`) are for developers. If you show them, escape
/// them: anybody can write such an address.
#[receiver(OAUTH_ERROR, name = "inform the person")]
pub fn inform(dance: &Dance, failure: &LoginFailure) {
    let name = dance.display_name();
    let text = if failure.error().is_denied() {
        format!("You were not signed in: {name} says that you did not allow it.")
    } else {
        format!("Signing in with {name} did not work. It is not your fault; please try again.")
    };
    failure.flash_as("error", text);
}
