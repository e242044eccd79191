//! A page that needs the login.

use cot::request::Request;
use cot::response::{IntoResponse as _, Response};
use oauth_dance_tower::{Error, visit};

use crate::login::refused;

/// Sends a browser that is not signed in to the login, and back here afterwards.
///
/// The error is made a response here: Cot would show its own page for an error, with the status 500.
pub(crate) async fn list(request: Request) -> cot::Result<Response> {
    match name(&request).await {
        Ok(name) => format!("Notes of {name}").into_response(),
        Err(error) => Ok(refused(error)),
    }
}

async fn name(request: &Request) -> Result<String, Error> {
    let person = visit(request)?.api("github")?.identity().await?;
    Ok(person.map_or("you".into(), |person| person.display_name().to_owned()))
}
