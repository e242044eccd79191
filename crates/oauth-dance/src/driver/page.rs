//! The small pages of the dance: fixed texts, readable on a phone and in the dark.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderValue, Response};
use once_cell::sync::Lazy;
use sha2::{Digest as _, Sha256};
use url::Position;

use crate::values::error_page::{Ended, ErrorPage, PageReason};
use crate::values::login_error::{LoginError, RejectReason};
use crate::values::no_answer::ClientErrorKind;

/// System fonts, and colours for light and dark.
const STYLE: &str = ":root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}\
body{margin:0;padding:3rem 1.25rem;color:light-dark(#1b1b1f,#e4e2e6);background:light-dark(#fff,#1b1b1f)}\
main{max-width:34rem;margin:auto;overflow-wrap:break-word}\
h1{font-size:1.5rem;line-height:1.25}\
a{color:light-dark(#0b57d0,#a8c7fa)}\
nav{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem}";

/// The pages load nothing and run nothing. The one style sheet is allowed by its hash.
static POLICY: Lazy<HeaderValue> = Lazy::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("base64 is visible ASCII")
});

/// What happened, in plain words, and what it means for the user.
type Words = (&'static str, &'static str);

/// Makes the dance's own page.
pub(super) fn default_page(page: &ErrorPage<'_>) -> Response<Bytes> {
    let (title, text) = words(page.reason);
    let flashes: String = page
        .flashes
        .iter()
        .map(|flash| format!("<p role=\"status\">{}</p>", escaped(flash.text())))
        .collect();
    let again = page
        .login_url()
        .map(|url| {
            let location = &url[Position::BeforePath..];
            format!("<a href=\"{}\">Sign in again</a>", escaped(location))
        })
        .unwrap_or_default();
    let home = page.home.path();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{flashes}<p>{text}</p>\
         <nav aria-label=\"Go on\">{again}<a href=\"{home}\">Home</a></nav></main></body></html>"
    );
    let mut response = Response::new(Bytes::from(html));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}

/// Escapes a text for an element or a quoted attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn words(reason: PageReason<'_>) -> Words {
    match reason {
        PageReason::LoginRequired(ended) => login_required(ended),
        PageReason::Rejected(reason) => rejected(reason),
        PageReason::SignedInAlready(_) => (
            "You are signed in already",
            "This sign-in was finished before, perhaps in another tab. You can go on.",
        ),
        PageReason::Failed(error) => failed(error),
        PageReason::NotForgotten(_) => (
            "You are signed out, but not completely",
            "This browser is signed out. A part of your sign-in could not be ended, because something \
             on our side does not answer. To end it, sign in and out again in a while.",
        ),
        PageReason::NotFound => (
            "This page does not exist",
            "There is nothing at this address. Go to the home page and try from there.",
        ),
        PageReason::MethodNotAllowed => (
            "This address cannot be used like this",
            "The page that sent you here asked in a way that this address does not answer to.",
        ),
        PageReason::CrossSite => (
            "This request came from another site",
            "To sign out, use the button on a page of this site.",
        ),
        PageReason::Unreadable => (
            "This request could not be read",
            "The request was too long, or it broke off. Go back and try again.",
        ),
    }
}

fn login_required(ended: Ended) -> Words {
    match ended {
        Ended::Denied => (
            "You are not signed in",
            "You did not agree at the provider, so the sign-in was ended. This page is for users who are \
             signed in.",
        ),
        Ended::NotAccepted => (
            "You are not signed in",
            "This site did not accept the sign-in. This page is for users who are signed in.",
        ),
        Ended::Failed => (
            "You are not signed in",
            "The sign-in did not work. This page is for users who are signed in.",
        ),
        Ended::GaveWay => (
            "A later sign-in has taken the place of this one",
            "Your browser has no room for all your sign-ins with this site at once. To go on with this page, \
             sign in again.",
        ),
        Ended::Useless => (
            "The sign-in did not help",
            "You have just signed in, and this page still cannot use it. Perhaps your browser keeps no \
             cookies of this site, or the provider gave a permission that has ended already.",
        ),
        Ended::NoUser => (
            "You have no account here yet",
            "The sign-in worked, but this site has opened no account for you. If you have an account here, \
             sign in again with the one at the provider that belongs to it.",
        ),
    }
}

fn rejected(reason: RejectReason) -> Words {
    match reason {
        RejectReason::Malformed | RejectReason::NoState => (
            "This is not a complete sign-in",
            "The address that brought you here is damaged or cut off. Please sign in again.",
        ),
        RejectReason::NoPendingLogin => (
            "This sign-in does not belong to this browser",
            "It was begun in another browser, or it is finished already. Please sign in again.",
        ),
        RejectReason::GivenUp => (
            "This sign-in has given way to later ones",
            "This browser has begun many others since then. Please sign in again.",
        ),
        RejectReason::Expired => (
            "This sign-in took too long",
            "It was begun too long ago to be finished. Please sign in again.",
        ),
        RejectReason::OtherDance => (
            "This sign-in was begun with another provider",
            "It cannot be finished here. Please sign in again.",
        ),
    }
}

fn failed(error: &LoginError) -> Words {
    match error {
        LoginError::Provider(_) => (
            "The provider refused the sign-in",
            "You are not signed in. You can try again.",
        ),
        LoginError::MalformedCallback | LoginError::IssuerMismatch => (
            "The provider sent you back with something we cannot use",
            "You are not signed in. Please try again.",
        ),
        LoginError::NoAnswer(ClientErrorKind::Timeout) => (
            "The provider took too long to confirm the sign-in",
            "You are not signed in. Please try again in a while.",
        ),
        LoginError::ProviderAnswer(_) | LoginError::NoAnswer(_) => (
            "The provider could not confirm the sign-in",
            "You are not signed in. Please try again in a while.",
        ),
        LoginError::StoreRefused
        | LoginError::StoreUnavailable
        | LoginError::PendingTooLarge
        | LoginError::ReceiverFailed { .. }
        | LoginError::ReceiverTimeout { .. }
        | LoginError::NoEntropy => (
            "We could not finish the sign-in",
            "Something went wrong on our side. Please try again in a while.",
        ),
    }
}
