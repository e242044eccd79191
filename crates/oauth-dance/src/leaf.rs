//! The interface for the authors of leaf crates: adapters for frameworks, HTTP clients, stores.
//!
//! An adapter does four things:
//!
//! - It routes [`paths`] to [`Dances::handle`], with bodies of at most [`MAX_BODY_BYTES`].
//! - It opens a [`Visit`] for every other request.
//! - It calls [`finish`] on the response.
//! - It turns [`LoginRequired`](crate::LoginRequired) into a redirect to the login.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};

use crate::dances::Dances;
use crate::driver::respond;
use crate::visit::Visit;

pub use crate::values::loopback::is_loopback;

/// The longest request body that an adapter reads, in bytes. An adapter answers a longer one with
/// [`unreadable`] and 413.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Returns the paths that an adapter routes to [`Dances::handle`], for any method: three for each dance.
pub fn paths(dances: &Dances) -> impl Iterator<Item = String> {
    dances.paths()
}

/// Returns the response to a request whose body could not be read for [`Dances::handle`].
///
/// `status` is 413 if the body was longer than [`MAX_BODY_BYTES`], and 400 if it broke off.
#[must_use]
pub fn unreadable(status: StatusCode) -> Response<Bytes> {
    let mut response = respond::unreadable(status);
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
/// [`ApiError::VisitFinished`](crate::ApiError::VisitFinished).
pub fn finish(visit: &Visit, headers: &mut HeaderMap) {
    visit.finish(headers);
}
