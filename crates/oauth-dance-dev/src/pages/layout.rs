//! What all pages have in common: the frame, the looks, and what the browser may load.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue, X_FRAME_OPTIONS};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::answer::{Answer, answer, plain};
use crate::secret::fingerprint;

const STYLE: &str = include_str!("style.css");

/// Posts the form of the page that leads back to the application.
pub(crate) const SUBMIT: &str = "document.getElementById('response').submit();";

/// A page called `name`. Its title says in plain words what has happened.
pub(crate) fn page(status: StatusCode, name: &str, title: &str, content: &Markup) -> Answer {
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · development identity provider" }
                style { (PreEscaped(STYLE)) }
            }
            body data-page=(name) {
                main {
                    p.label {
                        strong { "Development identity provider." }
                        " For trying things out: use no real password here."
                    }
                    (content)
                }
            }
        }
    };
    // No `form-action`: browsers apply it to the redirect that follows a form as well, and that
    // redirect leads to the application.
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; frame-ancestors 'none'",
        source(STYLE),
        source(SUBMIT),
    );
    let Ok(policy) = HeaderValue::try_from(policy) else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "The page has no policy.");
    };
    let mut answer = answer(status, "text/html; charset=utf-8", html.into_string());
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    answer
}

/// The hash that allows this text, and no other, in the page.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(fingerprint(text)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::STYLE;

    /// The colours of one of the two looks, by name: each has three parts between 0 and 1.
    fn colours(block: &str) -> HashMap<&str, [f64; 3]> {
        let declarations = block.split(['{', ';', '}']);
        declarations
            .filter_map(|declaration| declaration.trim().strip_prefix("--")?.split_once(": #"))
            .map(|(name, hex)| {
                assert_eq!(hex.len(), 6, "{name}");
                let part = |at: usize| {
                    let part = u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
                    f64::from(part) / 255.0
                };
                (name, [part(0), part(2), part(4)])
            })
            .collect()
    }

    /// The relative luminance of WCAG 2.2.
    fn luminance(colour: [f64; 3]) -> f64 {
        let [red, green, blue] = colour.map(|part| {
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn the_colours_are_readable_in_the_light_and_in_the_dark() {
        let (light, dark) = STYLE.split_once("@media").expect("two looks");
        for (look, block) in [("light", light), ("dark", dark)] {
            let colours = colours(block);
            let pairs = [
                ("ink", "paper", 4.5),
                ("soft", "paper", 4.5),
                ("lead", "paper", 4.5),
                ("on-lead", "lead", 4.5),
                ("warn", "warn-paper", 4.5),
                ("ink", "wall", 4.5),
                // What is no text: the edges of fields and buttons, and the mark of a problem.
                ("edge", "paper", 3.0),
                ("problem", "paper", 3.0),
            ];
            for (front, back, least) in pairs {
                let found = contrast(colours[front], colours[back]);
                assert!(found >= least, "{look}: {front} on {back} is {found:.2}");
            }
        }
    }
}
