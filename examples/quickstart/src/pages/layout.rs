//! The frame of every page: head, header, flash messages.

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use maud::{DOCTYPE, Markup, html};
use oauth_dance::Flash;

use super::problem::Problem;

/// Everything comes from the site itself. No `form-action`: browsers apply it to redirects as well.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page, before it has a frame.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) signed_in: bool,
    pub(super) flashes: &'a [Flash],
    pub(super) content: Markup,
}

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        let markup = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " · Quickstart" }
                    link rel="icon" href="/mark.svg" type="image/svg+xml";
                    link rel="stylesheet" href="/style.css";
                    script src="/import.js" defer {}
                }
                body data-signed-in=(self.signed_in) {
                    header {
                        a.wordmark href="/" {
                            img src="/mark.svg" alt="" width="28" height="28";
                            "Quickstart"
                        }
                        span.soft { "oauth-dance, running on your machine" }
                    }
                    main {
                        (flash_messages(self.flashes))
                        (self.content)
                    }
                }
            }
        };
        let headers = [
            (CONTENT_SECURITY_POLICY, POLICY),
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "same-origin"),
        ];
        (headers, Html(markup.into_string())).into_response()
    }
}

fn flash_messages(flashes: &[Flash]) -> Markup {
    html! {
        @for flash in flashes {
            // A person who does not see the colour hears which sort of message it is.
            @let role = if flash.category() == "error" { "alert" } else { "status" };
            p.flash data-category=(flash.category()) role=(role) { (flash.text()) }
        }
    }
}

/// The site failed: a page without details, which go to the terminal.
pub(crate) struct Trouble;

impl<E: std::error::Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        eprintln!("a page could not be shown: {error}");
        Self
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        Problem {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            happened: "Something went wrong on this site",
            advice: "The terminal in which the quickstart runs says what it was.",
            sign_in: None,
        }
        .into_response()
    }
}
