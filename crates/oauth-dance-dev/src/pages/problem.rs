//! The pages on which a browser stops: a sign-in that cannot go on, an address without a page.

use http::StatusCode;
use maud::html;

use super::layout::page;
use crate::addresses::Place;
use crate::answer::Answer;
use crate::provider::Inner;

/// What a person can do about a problem.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Advice {
    /// The sign-in in this browser is over, or was never there.
    StartAgain,
    /// The application and the provider disagree.
    CheckTheSetUp,
}

/// What is wrong, when it must not be told to the application.
pub(crate) fn problem(provider: &Inner, problem: &str, advice: Advice) -> Answer {
    let content = html! {
        h1 { "This sign-in cannot go on" }
        p.problem #problem { (problem) }
        @match advice {
            Advice::StartAgain => {
                p { "Go back to the application and start again." }
            }
            Advice::CheckTheSetUp => {
                p {
                    "If this is your application, compare its settings with what is registered here: the client "
                    "identifier, and the redirect URI letter by letter."
                }
            }
        }
        p.soft {
            "You were not sent back to an application, because it is not certain which one asked."
        }
        p { a href=(provider.addresses.path(Place::Home)) { "What is registered here" } }
    };
    page(
        StatusCode::BAD_REQUEST,
        "problem",
        "This sign-in cannot go on",
        &content,
    )
}

/// The provider has no page at this address.
pub(crate) fn not_found(provider: &Inner) -> Answer {
    let content = html! {
        h1 { "This page does not exist" }
        p.problem #problem { "The development provider has nothing at this address." }
        p { a href=(provider.addresses.path(Place::Home)) { "What the provider has" } }
    };
    page(
        StatusCode::NOT_FOUND,
        "problem",
        "This page does not exist",
        &content,
    )
}
