//! Recipe: send the browser somewhere else than usual.

use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, Outcome, receiver};

use super::{RecipeError, accepted};
use crate::users::User;

/// Whoever is here for the first time gets a page of their own, unless they were on their way to
/// another one. The token is stored all the same: answering and storing are two separate things.
///
/// Any response will do: `Outcome::respond(http::Response)`. The first answer wins.
#[receiver(OAUTH_AUTHORIZED, order = 30, name = "show newcomers around", when = accepted)]
pub async fn show_newcomers_around(
    _: &Dance,
    login: &Authorized,
) -> Result<Option<Outcome>, RecipeError> {
    let Some(person) = login.identity() else {
        return Ok(None);
    };
    let user = User::of(login.state()?, person).await?;
    let is_new = user.is_some_and(|user| user.sign_ins == 1);
    Ok((is_new && login.next().path() == "/").then(|| Outcome::redirect("/hello")))
}
