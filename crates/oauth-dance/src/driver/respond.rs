//! The dance's own responses: redirects, small error pages, and the headers all of them carry.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use url::Url;

use crate::values::login_error::{LoginError, RejectReason};
use crate::values::outcome::{Reply, ReplyKind};

/// 303, so that a POST never becomes another POST (RFC 9700 §4.12), with an absolute location.
pub(crate) fn redirect(to: &Url) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::try_from(to.as_str()).expect("a URL is visible ASCII");
    response.headers_mut().insert(LOCATION, location);
    response
}

/// A receiver's reply. `Location` is always absolute: a relative one may be read as another host.
pub(crate) fn reply(reply: Reply, origin: &Url) -> Response<Bytes> {
    match reply.0 {
        ReplyKind::Response(response) => response,
        ReplyKind::Redirect(location) => match origin.join(&location) {
            Ok(url) => redirect(&url),
            Err(_) => {
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        },
    }
}

/// No such page of the dance.
pub(crate) fn not_found() -> Response<Bytes> {
    page(StatusCode::NOT_FOUND, "There is nothing here.", None)
}

/// A body that could not be read.
pub(crate) fn unreadable(status: StatusCode) -> Response<Bytes> {
    page(status, "This request could not be read.", None)
}

/// The page exists, but not for this method.
pub(crate) fn method_not_allowed(allowed: &'static str) -> Response<Bytes> {
    let mut response = page(
        StatusCode::METHOD_NOT_ALLOWED,
        "This address does not answer to that method.",
        None,
    );
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// A request from another site, to something that only our own pages may ask for.
pub(crate) fn cross_site() -> Response<Bytes> {
    page(
        StatusCode::FORBIDDEN,
        "This request came from another site.",
        None,
    )
}

/// A browser that fetches ahead gets nothing: a code works once, and only for a person who came.
pub(crate) fn prefetch() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// A callback that belongs to no login of this browser.
pub(crate) fn rejected(reason: RejectReason, login_url: &Url) -> Response<Bytes> {
    let text = match reason {
        RejectReason::Malformed | RejectReason::NoState => "This is not a complete sign-in.",
        RejectReason::NoPendingLogin => {
            "This sign-in was not begun in this browser, or it is finished already."
        }
        RejectReason::Expired => "This sign-in was begun too long ago.",
        RejectReason::OtherDance => "This sign-in was begun with another provider.",
    };
    page(StatusCode::BAD_REQUEST, text, Some(login_url))
}

/// A login that failed, where nobody answered.
pub(crate) fn failed(failure: &LoginError, status: StatusCode, login_url: &Url) -> Response<Bytes> {
    let text = match failure {
        LoginError::Provider(_) => "The provider refused the sign-in.",
        LoginError::MalformedCallback | LoginError::IssuerMismatch => {
            "The provider sent you back with something we cannot use."
        }
        LoginError::ProviderAnswer(_) | LoginError::ProviderUnreachable => {
            "The provider could not confirm the sign-in."
        }
        LoginError::ProviderTimeout => "The provider took too long to confirm the sign-in.",
        LoginError::StoreRefused
        | LoginError::StoreUnavailable
        | LoginError::PendingTooLarge
        | LoginError::ReceiverFailed { .. }
        | LoginError::ReceiverTimeout { .. }
        | LoginError::NoEntropy => "We could not finish the sign-in.",
    };
    page(status, text, Some(login_url))
}

/// A page of fixed text: nothing of a request or a provider ever gets here.
fn page(status: StatusCode, text: &'static str, try_again: Option<&Url>) -> Response<Bytes> {
    let link = try_again
        .map(|url| format!("<p><a href=\"{}\">Sign in again</a></p>", url.path()))
        .unwrap_or_default();
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Sign-in</title>\
         <h1>Sign-in</h1><p>{text}</p>{link}</html>"
    );
    let mut response = Response::new(Bytes::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    response
}

/// The headers that every response of the dance carries, a receiver's included: the address of a
/// callback holds a code, so no cache keeps it and no next page learns it.
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
