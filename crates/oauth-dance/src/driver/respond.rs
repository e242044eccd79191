//! The dance's own responses: redirects, error pages, and the headers that all of them carry.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, HeaderName, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use url::Url;

use super::page::Page;
use crate::values::login_error::{LoginError, RejectReason};
use crate::values::outcome::{Reply, ReplyKind};

/// Redirects with 303, so that a POST never becomes another POST (RFC 9700 §4.12), to an absolute
/// location.
pub(crate) fn redirect(to: &Url) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::try_from(to.as_str()).expect("a URL is visible ASCII");
    response.headers_mut().insert(LOCATION, location);
    response
}

/// Makes a receiver's reply. `Location` is always absolute: a relative one may be read as another host.
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

/// Answers that the dance has no such page.
pub(crate) fn not_found() -> Response<Bytes> {
    const PAGE: Page = Page {
        title: "This page does not exist",
        text: "There is nothing at this address. Go to the home page and try from there.",
    };
    PAGE.respond(StatusCode::NOT_FOUND, None)
}

/// Answers a request whose body could not be read.
pub(crate) fn unreadable(status: StatusCode) -> Response<Bytes> {
    const PAGE: Page = Page {
        title: "This request could not be read",
        text: "The request was too long, or it broke off. Go back and try again.",
    };
    PAGE.respond(status, None)
}

/// Answers that the page exists, but not for this method.
pub(crate) fn method_not_allowed(allowed: &'static str) -> Response<Bytes> {
    const PAGE: Page = Page {
        title: "This address cannot be used like this",
        text: "The page that sent you here asked in a way that this address does not answer to.",
    };
    let mut response = PAGE.respond(StatusCode::METHOD_NOT_ALLOWED, None);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// Answers a request from another site that only the application's own pages may send.
pub(crate) fn cross_site() -> Response<Bytes> {
    const PAGE: Page = Page {
        title: "This request came from another site",
        text: "To sign out, use the button on a page of this site.",
    };
    PAGE.respond(StatusCode::FORBIDDEN, None)
}

/// Answers a browser that fetches ahead, with an empty response: a code works once, and only for the
/// user.
pub(crate) fn prefetch() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Answers a callback that belongs to no login of this browser.
pub(crate) fn rejected(reason: RejectReason, login_url: &Url) -> Response<Bytes> {
    let page = match reason {
        RejectReason::Malformed | RejectReason::NoState => Page {
            title: "This is not a complete sign-in",
            text: "The address that brought you here is damaged or cut off. Please sign in again.",
        },
        RejectReason::NoPendingLogin => Page {
            title: "This sign-in does not belong to this browser",
            text: "It was begun in another browser, or it is finished already. Please sign in again.",
        },
        RejectReason::GivenUp => Page {
            title: "This sign-in has given way to later ones",
            text: "This browser has begun many others since then. Please sign in again.",
        },
        RejectReason::Expired => Page {
            title: "This sign-in took too long",
            text: "It was begun too long ago to be finished. Please sign in again.",
        },
        RejectReason::OtherDance => Page {
            title: "This sign-in was begun with another provider",
            text: "It cannot be finished here. Please sign in again.",
        },
    };
    page.respond(StatusCode::BAD_REQUEST, Some(login_url))
}

/// Answers for a login that failed, if no receiver did.
pub(crate) fn failed(error: &LoginError, status: StatusCode, login_url: &Url) -> Response<Bytes> {
    let page = match error {
        LoginError::Provider(_) => Page {
            title: "The provider refused the sign-in",
            text: "You are not signed in. You can try again.",
        },
        LoginError::MalformedCallback | LoginError::IssuerMismatch => Page {
            title: "The provider sent you back with something we cannot use",
            text: "You are not signed in. Please try again.",
        },
        LoginError::ProviderAnswer(_) | LoginError::ProviderUnreachable => Page {
            title: "The provider could not confirm the sign-in",
            text: "You are not signed in. Please try again in a while.",
        },
        LoginError::ProviderTimeout => Page {
            title: "The provider took too long to confirm the sign-in",
            text: "You are not signed in. Please try again in a while.",
        },
        LoginError::StoreRefused
        | LoginError::StoreUnavailable
        | LoginError::PendingTooLarge
        | LoginError::ReceiverFailed { .. }
        | LoginError::ReceiverTimeout { .. }
        | LoginError::NoEntropy => Page {
            title: "We could not finish the sign-in",
            text: "Something went wrong on our side. Please try again in a while.",
        },
    };
    page.respond(status, Some(login_url))
}

/// Answers that the browser is signed out, and that a part of the sign-out has failed.
pub(crate) fn not_forgotten(error: &LoginError, login_url: &Url) -> Response<Bytes> {
    const PAGE: Page = Page {
        title: "You are signed out, but not completely",
        text: "This browser is signed out. A part of your sign-in could not be ended, because something \
               on our side does not answer. To end it, sign in and out again in a while.",
    };
    let status = error.status().unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    PAGE.respond(status, Some(login_url))
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
