//! The dance's own responses: redirects, error pages, and the headers that all of them carry.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use url::Url;

use super::page::default_page;
use crate::dance::Dance;
use crate::dance::site::Site;
use crate::values::error_page::{Ended, ErrorPage, PageReason};
use crate::values::flash::Flash;
use crate::values::login_error::{LoginError, RejectReason};
use crate::values::outcome::{Reply, ReplyKind};

/// Redirects with 303, so that a POST never becomes another POST (RFC 9700 §4.12), to an absolute
/// location.
pub(crate) fn redirect(to: &Url) -> Response<Bytes> {
    redirect_to(to.as_str())
}

/// Returns the URL with a fragment, which may be empty. Without one, the browser carries on that of the page it
/// comes from, such as the `#_=_` that Facebook adds to a callback (RFC 9110 §10.2.2).
pub(crate) fn with_fragment(mut url: Url) -> Url {
    if url.fragment().is_none() {
        url.set_fragment(Some(""));
    }
    url
}

/// Redirects to an absolute location, byte for byte.
pub(crate) fn redirect_to(to: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::try_from(to).expect("a URL is visible ASCII");
    response.headers_mut().insert(LOCATION, location);
    response
}

/// Makes a receiver's reply. `Location` is always absolute: a relative one may be read as another host.
///
/// A path is one of the application, below its public prefix.
pub(crate) fn reply(reply: Reply, site: &Site) -> Response<Bytes> {
    match reply.0 {
        ReplyKind::Response(response) => response,
        ReplyKind::Redirect(location) => match site.resolve(&location) {
            Ok(url) => redirect(&with_fragment(url)),
            Err(_) => bare(StatusCode::INTERNAL_SERVER_ERROR),
        },
    }
}

/// Answers with a page of the dance's own, or with the application's page in its place.
pub(crate) fn page(site: &Site, page: &ErrorPage<'_>) -> Response<Bytes> {
    let of_application = site.pages.as_ref().and_then(|pages| pages(page));
    let mut response = of_application.unwrap_or_else(|| default_page(page));
    if response.status() == StatusCode::OK {
        *response.status_mut() = page.status;
    }
    response
}

/// Answers that the dance has no such page.
pub(crate) fn not_found(site: &Site) -> Response<Bytes> {
    let status = StatusCode::NOT_FOUND;
    page(
        site,
        &ErrorPage::new(PageReason::NotFound, status, &site.home),
    )
}

/// Answers a request whose body could not be read.
pub(crate) fn unreadable(site: &Site, status: StatusCode) -> Response<Bytes> {
    page(
        site,
        &ErrorPage::new(PageReason::Unreadable, status, &site.home),
    )
}

/// Answers that the page exists, but not for this method.
pub(crate) fn method_not_allowed(site: &Site, allowed: &'static str) -> Response<Bytes> {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let reason = PageReason::MethodNotAllowed;
    let mut response = page(site, &ErrorPage::new(reason, status, &site.home));
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// Answers a request from another site that only the application's own pages may send.
pub(crate) fn cross_site(site: &Site) -> Response<Bytes> {
    let status = StatusCode::FORBIDDEN;
    page(
        site,
        &ErrorPage::new(PageReason::CrossSite, status, &site.home),
    )
}

/// Answers a browser that fetches ahead, with an empty response: a code works once, and only for the
/// user.
pub(crate) fn prefetch() -> Response<Bytes> {
    bare(StatusCode::NO_CONTENT)
}

/// Answers a callback that belongs to no login of this browser.
pub(crate) fn rejected(dance: &Dance, reason: RejectReason, is_signed_in: bool) -> Response<Bytes> {
    let (site, status) = (dance.site(), StatusCode::BAD_REQUEST);
    if is_signed_in {
        let reason = PageReason::SignedInAlready(reason);
        return page(site, &ErrorPage::new(reason, status, &site.home));
    }
    let error = ErrorPage::new(PageReason::Rejected(reason), status, &site.home);
    page(site, &error.or_login(dance.login_url().clone()))
}

/// Answers for a login that failed, if no receiver did.
pub(crate) fn failed(
    dance: &Dance,
    error: &LoginError,
    status: StatusCode,
    flashes: Vec<Flash>,
) -> Response<Bytes> {
    let site = dance.site();
    let error = ErrorPage::new(PageReason::Failed(error), status, &site.home);
    let error = error.or_login(dance.login_url().clone());
    page(site, &error.with_flashes(flashes))
}

/// Answers that the browser is signed out, and that a part of the sign-out has failed.
pub(crate) fn not_forgotten(
    dance: &Dance,
    error: &LoginError,
    flashes: Vec<Flash>,
) -> Response<Bytes> {
    let site = dance.site();
    let status = error.status().unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let error = ErrorPage::new(PageReason::NotForgotten(error), status, &site.home);
    let error = error.or_login(dance.login_url().clone());
    page(site, &error.with_flashes(flashes))
}

/// Answers with a status and nothing else.
pub(crate) fn bare(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// Answers a page that needs a login with a redirect there.
pub(crate) fn to_login(login_url: &Url) -> Response<Bytes> {
    let mut response = redirect(login_url);
    protect(&mut response);
    response
}

/// Answers a script that needs a login: it cannot follow a person's browser to the provider.
pub(crate) fn login_for_script(dance: &Dance) -> Response<Bytes> {
    let body = serde_json::json!({
        "error": "login_required",
        "dance": dance.name(),
        "login_url": dance.login_url().as_str(),
    });
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let challenge = format!("OAuth realm=\"{}\"", dance.name());
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    protect(&mut response);
    response
}

/// Answers a page that needs a login, after a login that came to nothing.
pub(crate) fn login_came_to_nothing(
    dance: &Dance,
    login_url: Url,
    ended: Ended,
    flashes: Vec<Flash>,
) -> Response<Bytes> {
    let site = dance.site();
    let reason = PageReason::LoginRequired(ended);
    let error = ErrorPage::new(reason, StatusCode::FORBIDDEN, &site.home).or_login(login_url);
    let mut response = page(site, &error.with_flashes(flashes));
    protect(&mut response);
    response
}

/// Sets the headers that every response of the dance carries, a receiver's reply included. The address of
/// a callback holds a code, so no cache may keep it and no next page may learn it.
pub(crate) fn protect(response: &mut Response<Bytes>) {
    const PROTECTION: [(HeaderName, HeaderValue); 3] = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    for (name, value) in PROTECTION {
        response.headers_mut().insert(name, value);
    }
}
