//! A page for people who are signed in: others are sent to the login, and come back.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::html;
use oauth_dance_axum::{Api, DanceName, Error, Flashes};
use serde::Deserialize;

use super::api::TOKEN_UNKNOWN;
use super::layout::Page;
use crate::dev_provider;

/// The development provider, as a type for the extractor.
pub(crate) struct Dev;

impl DanceName for Dev {
    const NAME: &'static str = dev_provider::NAME;
}

#[derive(Deserialize)]
struct Notes {
    notes: Vec<String>,
}

/// `GET /notes`. The extractor is all it takes to ask for a login.
pub(crate) async fn show(dev: Api<Dev>, Flashes(flashes): Flashes) -> Result<Response, Error> {
    let answer = dev.client().get("/notes").await?;
    let title = match answer.status() {
        StatusCode::OK => "Your notes",
        StatusCode::FORBIDDEN => "You did not share your notes",
        _ => TOKEN_UNKNOWN,
    };
    let content = html! {
        h1 { (title) }
        @match answer.status() {
            StatusCode::OK => {
                ul.notes { @for note in answer.json::<Notes>()?.notes { li.card { (note) } } }
            }
            StatusCode::FORBIDDEN => p { "You did not allow this site to read your notes." }
            _ => p {
                "The development provider forgets everything when it stops. "
                a #again href={ "/login/" (dev_provider::NAME) "?next=/notes" } { "Sign in again" }
            }
        }
        p { a href="/" { "Back to the front page" } }
    };
    let page = Page {
        title,
        signed_in: true,
        flashes: &flashes,
        content,
    };
    Ok(page.into_response())
}
