//! What happens at a login: the receivers of the application.

use std::error::Error;

use loco_rs::app::AppContext;
use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, receiver};

#[receiver(OAUTH_AUTHORIZED)]
async fn greet(dance: &Dance, login: &Authorized) -> Result<(), Box<dyn Error + Send + Sync>> {
    // With the feature `with-db`, `context.db` finds or creates the user for `login.sign_in`.
    let context: &AppContext = login.state()?;
    let (place, name) = (&context.environment, dance.display_name());
    login.flash(format!("Signed in to {place} with {name}."));
    Ok(())
}
