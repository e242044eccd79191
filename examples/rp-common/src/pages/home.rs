//! `GET /`: who is signed in, flash messages, links.

use bytes::Bytes;
use http::{Response, StatusCode};
use oauth_dance::{ApiError, Dance, Flash, Visit};

use super::{client, respond};

pub(crate) async fn home(dance: &Dance, visit: &Visit) -> Response<Bytes> {
    let flashes: String = visit.take_flashes().iter().map(flash).collect();
    let (status, signed_in, who) = match client(dance, visit).identity().await {
        Ok(identity) => {
            let who = identity.map_or_else(
                || "Signed in.".to_owned(),
                |identity| {
                    let (name, subject) = (identity.display_name(), identity.subject());
                    format!(
                        "Signed in as <strong>{}</strong> (<code>{}</code>).",
                        escaped(name),
                        escaped(subject)
                    )
                },
            );
            (StatusCode::OK, true, who)
        }
        Err(ApiError::LoginRequired(_)) => (StatusCode::OK, false, "Not signed in.".to_owned()),
        // A store that is down does not mean that nobody is signed in, but nobody can tell who.
        Err(error) => (error.status(), false, escaped(&error.to_string())),
    };
    let name = escaped(dance.display_name());
    let action = if signed_in {
        let url = escaped(dance.logout_url().path());
        format!(
            "<form id=\"logout\" method=\"post\" action=\"{url}\"><button>Sign out</button></form>"
        )
    } else {
        let url = escaped(dance.login_url().path());
        format!("<p><a id=\"login\" href=\"{url}\">Sign in with {name}</a></p>")
    };
    respond::html(
        status,
        format!(
            "<!doctype html>\n\
             <html lang=\"en\">\n\
             <head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>Relying party</title></head>\n\
             <body data-signed-in=\"{signed_in}\">\n\
             <h1>Relying party</h1>\n\
             <ul id=\"flashes\">{flashes}</ul>\n\
             <p id=\"who\">{who}</p>\n\
             {action}\n\
             <ul>\n\
             <li><a href=\"/me\">What is known of me</a></li>\n\
             <li><a href=\"/api?path=/\">Call the provider's API</a></li>\n\
             <li><a href=\"/signals\">Which receivers ran</a></li>\n\
             </ul>\n\
             </body>\n\
             </html>\n"
        ),
    )
}

fn flash(flash: &Flash) -> String {
    format!(
        "<li data-category=\"{}\">{}</li>",
        escaped(flash.category()),
        escaped(flash.text())
    )
}

/// Text for an element or a quoted attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            escaped("<a href='x' title=\"&\">"),
            "&lt;a href=&#39;x&#39; title=&quot;&amp;&quot;&gt;"
        );
    }
}
