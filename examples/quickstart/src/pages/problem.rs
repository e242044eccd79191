//! The page for everything that went wrong: what happened, in plain words, and a way onward.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use maud::html;
use oauth_dance::{Dance, Dances};

use super::layout::Page;

/// What went wrong.
pub(super) struct Problem {
    pub(super) status: StatusCode,
    /// Also the title of the page.
    pub(super) happened: &'static str,
    pub(super) advice: &'static str,
    /// Where to sign in again, if that helps.
    pub(super) sign_in: Option<String>,
}

/// Marks a response that explains itself.
#[derive(Clone, Copy)]
struct Explained;

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let page = Page {
            title: self.happened,
            signed_in: false,
            flashes: &[],
            content: html! {
                section.problem {
                    h1 { (self.happened) }
                    p { (self.advice) }
                    @if let Some(path) = &self.sign_in {
                        a.button.lead #again href=(path) { "Sign in again" }
                    }
                    a.button #home href="/" { "Go to the front page" }
                }
            },
        };
        let mut response = (self.status, page).into_response();
        response.extensions_mut().insert(Explained);
        response
    }
}

/// Gives every error response that is not a page of this site a page of this site.
///
/// The dances answer with small pages of their own, axum and `Error` with a status and at most a line of
/// text. Status and headers stay as they are, cookies among them.
pub(crate) async fn explain(
    State(dances): State<Dances>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.extensions().get::<Explained>().is_some() {
        return response;
    }
    let dance = dances.iter().find(|dance| is_of(dance, &path));
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if dance.is_none() && is_page {
        // The dance says that the last login came to nothing, which it knows better.
        return response;
    }
    let (page, body) = problem(status, dance).into_response().into_parts();
    let (mut head, _) = response.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    head.headers.remove(CONTENT_ENCODING);
    for (name, value) in &page.headers {
        head.headers.insert(name, value.clone());
    }
    Response::from_parts(head, body)
}

/// Whether this is the path of a login with `dance`, of its callback or of its logout.
fn is_of(dance: &Dance, path: &str) -> bool {
    [dance.login_url(), dance.logout_url(), dance.redirect_uri()]
        .iter()
        .any(|url| url.path() == path)
}

/// What an error status means, at a path of a dance or at another one.
fn problem(status: StatusCode, dance: Option<&Dance>) -> Problem {
    let of_a_login = dance.is_some();
    let (happened, advice) = match status {
        StatusCode::BAD_REQUEST if of_a_login => (
            "This sign-in was not finished",
            "It was begun in another browser, it took too long, it is finished already, or the provider's answer was not complete. Sign in again to start over.",
        ),
        StatusCode::BAD_REQUEST => (
            "This address is not complete",
            "A part of it is missing or cannot be read.",
        ),
        StatusCode::UNAUTHORIZED => (
            "You have to sign in first",
            "This page is for people who are signed in.",
        ),
        StatusCode::FORBIDDEN => (
            "This request came from another site",
            "You are signed in and out only when you ask for it on this site.",
        ),
        StatusCode::NOT_FOUND => (
            "There is no page at this address",
            "Look for a typing mistake, or start from the front page.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "This address cannot be opened like that",
            "It takes the forms and links of this site.",
        ),
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT if of_a_login => (
            "The provider did not confirm the sign-in",
            "You were not signed in. It is not your fault; try again in a while.",
        ),
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => (
            "The provider did not answer",
            "It is not your fault; try again in a while.",
        ),
        status if status.is_client_error() => (
            "The site cannot use this request",
            "Start again from the front page.",
        ),
        _ if of_a_login => (
            "The site could not finish the sign-in",
            "You were not signed in. It is not your fault; try again in a while.",
        ),
        _ => (
            "Something went wrong on this site",
            "It is not your fault; try again in a while.",
        ),
    };
    let again = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::FORBIDDEN => None,
        _ => dance.map(|dance| dance.login_url().path().to_owned()),
    };
    Problem {
        status,
        happened,
        advice,
        sign_in: again,
    }
}
