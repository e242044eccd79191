//! The pages of the application.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use lambda_http::Request;
use oauth_dance::Identity;
use oauth_dance_tower::{Error, visit};

/// A page of the application. `lambda_http` takes every body of `http_body`.
pub type Page = Response<Full<Bytes>>;

pub(crate) async fn page(request: Request) -> Result<Page, Error> {
    match request.uri().path() {
        "/" => home(&request),
        "/welcome" => welcome(&request).await,
        _ => Ok(not_found()),
    }
}

fn home(request: &Request) -> Result<Page, Error> {
    let visit = visit(request)?;
    let logins = visit.dances().iter().map(|dance| {
        // The URL has the stage, if there is one.
        format!(
            "<a href=\"{}\">{}</a>",
            dance.login_url(),
            dance.display_name()
        )
    });
    let mut page = Response::new(logins.collect::<String>().into());
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    page.headers_mut().insert(CONTENT_TYPE, html);
    Ok(page)
}

/// Sends a browser that is not signed in to the login, and back here afterwards.
async fn welcome(request: &Request) -> Result<Page, Error> {
    let person = visit(request)?.api("github")?.identity().await?;
    let name = person.as_ref().map_or("you", Identity::display_name);
    Ok(Response::new(format!("Hello, {name}!").into()))
}

fn not_found() -> Page {
    let mut page = Page::default();
    *page.status_mut() = StatusCode::NOT_FOUND;
    page
}
