//! The last word of a visit on the response of its page.

use bytes::Bytes;
use http::header::{ETAG, EXPIRES, LAST_MODIFIED, SET_COOKIE, VARY};
use http::response::Parts;
use http::{HeaderName, Response};

use crate::api::error::LoginRequired;
use crate::api::page_error::Untold;
use crate::values::asked::Asked;
use crate::visit::Visit;

/// Closes the visit: [`leaf::close`](crate::leaf::close).
pub(crate) async fn close(visit: &Visit, asked: Asked<'_>, page: &mut Parts) -> Option<Bytes> {
    if let Some(untold) = page.extensions.remove::<Untold>() {
        untold.tell(asked);
    }
    let mut body = None;
    if let Some(required) = page.extensions.remove::<LoginRequired>() {
        let login = visit.login_required(&required).await;
        body = Some(take_the_place(page, login));
    }
    visit.finish(&mut page.headers);
    body
}

/// Turns the head of a page into that of `login`, whose body it returns. The headers of the page stay: a session layer
/// has set its cookie there. Those that speak of the page's body, and of its caching, go.
fn take_the_place(page: &mut Parts, login: Response<Bytes>) -> Bytes {
    let (login, body) = login.into_parts();
    let replaced: Vec<_> = page
        .headers
        .keys()
        .filter(|name| is_of_the_body(name) || login.headers.contains_key(*name))
        .filter(|name| ![SET_COOKIE, VARY].contains(name))
        .cloned()
        .collect();
    for name in replaced {
        page.headers.remove(name);
    }
    for (name, value) in &login.headers {
        page.headers.append(name, value.clone());
    }
    page.status = login.status;
    body
}

fn is_of_the_body(name: &HeaderName) -> bool {
    let text = name.as_str();
    text.starts_with("content-")
        || text.ends_with("cache-control")
        || text == "surrogate-control"
        || [ETAG, EXPIRES, LAST_MODIFIED].contains(name)
}
