//! The interface for the authors of leaf crates: adapters for frameworks, HTTP clients, stores.
//!
//! An adapter does four things:
//!
//! - It routes [`paths`] to [`Dances::handle`], with bodies of at most [`MAX_BODY_BYTES`], unless
//!   [`wrong_method`] has a response.
//! - It opens a [`Visit`] for every request.
//! - It turns errors into the response of a [`PageError`].
//! - It calls [`close`] on every response, which is the last to change it.
//!
//! An application that serves plain `http` types without an adapter can do with [`login_required`], [`failed`],
//! [`not_signed_out`] and [`finish`], which the other functions are made of.

use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, Method, Response, StatusCode};

use crate::api::error::{ApiError, LoginRequired};
use crate::api::{close, failed_page};
use crate::dances::Dances;
use crate::driver::respond;
use crate::values::sign_out_error::SignOutError;
use crate::visit::Visit;

#[doc(inline)]
pub use crate::__page_error as page_error;
pub use crate::api::page_error::PageError;
pub use crate::api::signed_in::Api;
pub use crate::values::asked::Asked;
pub use crate::values::loopback::is_loopback;

/// The longest request body that an adapter reads, in bytes. An adapter answers a longer one with
/// [`unreadable`] and 413.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The longest that an adapter waits for a request body.
pub const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// Returns the response to a request for one of the [`paths`] whose method the page does not take, or `None`
/// if it takes the method. An adapter asks before it reads a body.
#[must_use]
pub fn wrong_method(dances: &Dances, method: &Method, path: &str) -> Option<Response<Bytes>> {
    let mut response = dances.wrong_method(method, path)?;
    respond::protect(&mut response);
    Some(response)
}

/// Returns the response to a page that needs a login: what an adapter makes of
/// [`LoginRequired`].
///
/// - A script gets 401 with JSON and the URL of the login. It cannot follow a browser to the provider, and it
///   begins no login. A script is a request with `Sec-Fetch-Dest: empty`, another `Sec-Fetch-Mode` than
///   `navigate`, `X-Requested-With`, or an `Accept` without `text/html`.
/// - If the last login of this browser came to nothing in the last ten minutes, a small page (403) says what
///   happened, shows the flash messages that wait, and offers the login. So no failed login goes round in a
///   loop.
/// - Otherwise the browser is sent to the login (303). If the page was asked for by GET, the browser returns
///   to it afterwards.
pub async fn login_required(visit: &Visit, required: &LoginRequired) -> Response<Bytes> {
    visit.login_required(required).await
}

/// Returns the response to a page that failed with `error`, and leaves one event in the log: what an adapter makes
/// of every [`ApiError`] that is not [`ApiError::LoginRequired`].
///
/// The status is [`ApiError::status`], and the body is empty: the text of an error may name what the application
/// keeps to itself. The event has it, and says what the adapter knows of the request.
///
/// [`ApiError::LoginRequired`] becomes a redirect to the login and leaves no event. An adapter that knows the visit
/// uses [`login_required`] for it, which brings the browser back to the page.
#[must_use]
pub fn failed(asked: Asked<'_>, error: &ApiError) -> Response<Bytes> {
    failed_page::failed(asked, error)
}

/// Returns the response to a page that has called [`Visit::sign_out`], if the sign-out was refused or a part of it
/// failed, and leaves one event in the log. The status is [`SignOutError::status`], and the body is empty.
#[must_use]
pub fn not_signed_out(asked: Asked<'_>, error: &SignOutError) -> Response<Bytes> {
    failed_page::not_signed_out(asked, error)
}

/// Returns the paths that an adapter routes to [`Dances::handle`], for any method: three for each dance.
pub fn paths(dances: &Dances) -> impl Iterator<Item = String> {
    dances.paths()
}

/// Returns the response to a request whose body could not be read for [`Dances::handle`].
///
/// `status` is 413 if the body was longer than [`MAX_BODY_BYTES`], 408 if it took longer than
/// [`BODY_DEADLINE`], and 400 if it broke off.
#[must_use]
pub fn unreadable(dances: &Dances, status: StatusCode) -> Response<Bytes> {
    let mut response = respond::unreadable(dances.site(), status);
    respond::protect(&mut response);
    response
}

/// Appends the cookies of the visit to the headers of the response: refreshed tokens, and the flash
/// messages that still wait.
///
/// Headers that the response has already stay, with one exception: a response that sets a cookie of the
/// dance is for one browser, so its `Cache-Control` becomes `no-store`. If the response depends on who is
/// signed in, or if it shows messages, `Vary: Cookie` is added.
///
/// A task that uses the visit's API clients after this call has no response for cookies. If tokens are
/// kept in cookies, they are not refreshed any more, because the browser would be left with a spent
/// refresh token. Calls work while the token lives. Then they fail with
/// [`ApiError::VisitFinished`].
pub fn finish(visit: &Visit, headers: &mut HeaderMap) {
    visit.finish(headers);
}

/// Closes the visit on the response of its page. An adapter calls it once for every response, pages of a dance and
/// errors of the framework included.
///
/// - If the response was made of a [`PageError`] that requires a login, the response of [`login_required`] takes its
///   place, and the body of that is returned. Headers that the page has set stay, such as the cookie of a session
///   layer. Those that speak of the page's body, and of its caching, go.
/// - If it was made of another [`PageError`], and the event of that is not in the log, `asked` completes it.
/// - [`finish`] appends the cookies of the visit.
pub async fn close(visit: &Visit, asked: Asked<'_>, page: &mut Parts) -> Option<Bytes> {
    close::close(visit, asked, page).await
}
