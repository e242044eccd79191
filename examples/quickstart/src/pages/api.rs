//! What the provider's API answers to a call with the stored token.

use std::time::Instant;

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::html;
use oauth_dance::ApiError;
use oauth_dance_axum::{Error, Flashes, Visit};
use serde::Deserialize;

use super::layout::Page;

/// What a 401 from the provider means.
pub(super) const TOKEN_UNKNOWN: &str = "The provider does not know the token any more";

#[derive(Deserialize)]
pub(crate) struct Call {
    path: String,
}

/// `GET /api/{dance}?path=…`. The token goes to the provider's API and nowhere else, whatever the path
/// says.
pub(crate) async fn show(
    Visit(visit): Visit,
    Flashes(flashes): Flashes,
    Path(name): Path<String>,
    Query(call): Query<Call>,
) -> Result<Response, Error> {
    let Ok(api) = visit.api(&name) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let began = Instant::now();
    let (title, status, body) = match api.get(&call.path).await {
        Ok(answer) => {
            let title = match answer.status() {
                StatusCode::UNAUTHORIZED => TOKEN_UNKNOWN,
                _ => "An answer of the API",
            };
            (title, answer.status().to_string(), pretty(answer.body()))
        }
        Err(error @ ApiError::LoginRequired(_)) => return Err(error.into()),
        Err(error) => (
            "The API was not called",
            "No answer".to_owned(),
            error.to_string(),
        ),
    };
    let took = began.elapsed().as_millis();
    let content = html! {
        h1 { "GET " (call.path) }
        p { strong #status { (status) } span.soft { " from " (api.dance().display_name()) ", after " (took) " ms" } }
        pre #answer { (body) }
        @if title == TOKEN_UNKNOWN {
            p { (TOKEN_UNKNOWN) ": the development provider forgets everything when it stops. "
                a #again href=(api.dance().login_url().path()) { "Sign in again" } }
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

/// JSON with its lines broken, anything else as it came.
fn pretty(body: &[u8]) -> String {
    serde_json::from_slice::<serde_json::Value>(body)
        .and_then(|json| serde_json::to_string_pretty(&json))
        .unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned())
}
