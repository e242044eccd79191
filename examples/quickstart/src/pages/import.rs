//! How far the long-running task is. A small script asks for this card again while it runs.

use axum::extract::State;
use axum::response::{Html, IntoResponse};
use maud::{Markup, html};
use oauth_dance_axum::Visit;

use super::layout::Trouble;
use crate::dev_provider;
use crate::site::Site;
use crate::users::Import;

/// `GET /import`: the card alone.
pub(crate) async fn show(
    State(site): State<Site>,
    Visit(visit): Visit,
) -> Result<impl IntoResponse, Trouble> {
    let owner = visit
        .owner(dev_provider::NAME)
        .await?
        .filter(|owner| owner.is_user());
    let import = match owner.and_then(|owner| owner.id().parse().ok()) {
        Some(user_id) => Import::of(&site.pool, user_id).await?,
        None => None,
    };
    Ok(Html(import.map_or_else(String::new, |import| {
        card(&import).into_string()
    })))
}

pub(super) fn card(import: &Import) -> Markup {
    html! {
        section.card #import aria-label="Import" data-state=(import.state) {
            h2 { "Your notes" }
            @if import.is_running() {
                progress aria-label="Imported notes" max=(import.total.max(1)) value=(import.done) {}
                p.soft { "Importing, note " (import.done) " of " (import.total) ". You need not wait. "
                    noscript { a href="/" { "Look again" } } }
            } @else if import.state == "done" {
                p { "Imported " strong { (import.done) } " notes with " strong { (import.words) } " words." }
                p.soft { "A receiver began this, and did not hold up the sign-in." }
            } @else {
                p { "The import was not finished. It begins again when you sign in." }
            }
        }
    }
}
