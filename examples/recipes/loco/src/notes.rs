//! A controller whose page needs the login.

use loco_rs::prelude::*;
use oauth_dance::providers;
use oauth_dance_axum::{Api, Flashes};

pub(crate) fn routes() -> Routes {
    Routes::new().prefix("notes").add("/", get(list))
}

/// Sends a browser that is not signed in to the login, and back here afterwards.
async fn list(
    github: Api<providers::GitHub>,
    Flashes(messages): Flashes,
    State(_context): State<AppContext>,
) -> Result<Response> {
    let person = github.identity().await.map_err(Error::wrap)?;
    let name = person
        .as_ref()
        .map_or("you", |person| person.display_name());
    let messages: Vec<&str> = messages.iter().map(|message| message.text()).collect();
    format::json(data!({ "notes_of": name, "messages": messages }))
}
