//! Where newcomers are led by a receiver, instead of to the front page.

use axum::response::IntoResponse;
use maud::html;
use oauth_dance_axum::Flashes;

use super::layout::Page;

/// `GET /hello`.
pub(crate) async fn show(Flashes(flashes): Flashes) -> impl IntoResponse {
    let content = html! {
        section.invitation {
            h1 { "Hello, and welcome!" }
            p { "You are here for the first time, so a receiver sent you to this page instead of the front page. It returned " code { "Outcome::redirect(\"/hello\")" } ", and the token was stored as usual." }
            a.button.lead #go-on href="/" { "See what ran" }
        }
    };
    Page {
        title: "Hello",
        signed_in: true,
        flashes: &flashes,
        content,
    }
    .into_response()
}
