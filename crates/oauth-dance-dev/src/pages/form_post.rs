//! The page that posts the answer to the application (OAuth 2.0 Form Post Response Mode).

use http::StatusCode;
use maud::{PreEscaped, html};

use super::layout::{SUBMIT, page};
use crate::answer::Answer;
use crate::request::Parameters;

/// The answer as a form. Scripts post it at once; a person without scripts posts it with a click.
pub(crate) fn form_post(redirect_uri: &str, answer: &Parameters) -> Answer {
    let content = html! {
        h1 { "Back to the application" }
        p { "If nothing happens by itself, continue by hand." }
        form method="post" action=(redirect_uri) #response {
            @for (name, value) in answer {
                input type="hidden" name=(name) value=(value);
            }
            div.buttons { button.lead #continue type="submit" { "Continue" } }
        }
        script { (PreEscaped(SUBMIT)) }
    };
    page(
        StatusCode::OK,
        "form-post",
        "You are going back to the application",
        &content,
    )
}
