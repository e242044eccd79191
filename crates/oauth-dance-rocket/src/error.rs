//! Errors of the dance as Rocket's responses.

use oauth_dance::ApiError;
use oauth_dance::leaf::{self, PageError};
use rocket::Request;
use rocket::http::Status;
use rocket::request::Outcome;
use rocket::response::{self, Responder};

use crate::asked::Asked;
use crate::convert;
use crate::local::Local;

/// The status of a response that the fairing replaces by that of a login.
///
/// Rocket keeps the status of an error that a guard returns, and nothing else of it. No standard has this status, so
/// pages of the application have others. It does not leave the server: the visit that needs a login is closed by the
/// fairing that has opened it.
pub(crate) const LOGIN_REQUIRED: Status = Status { code: 490 };

leaf::page_error! {
    /// An error of the dance that a handler may return, and the error of the request guards.
    ///
    /// [`ApiError::LoginRequired`] leads the browser to the login, as [`fairing`](crate::fairing()) says. For any other
    /// error Rocket calls the catcher of the application for its status, and there is one event in the log:
    /// [`PageError`] has the table.
    ///
    /// ```
    /// use oauth_dance_rocket::{Error, Visit};
    ///
    /// #[rocket::get("/repositories")]
    /// async fn repositories(visit: Visit) -> Result<Vec<u8>, Error> {
    ///     let response = visit.api("github")?.get("/user/repos").await?;
    ///     Ok(response.body().to_vec())
    /// }
    /// ```
    ///
    /// An error type of the application's own that holds this one derives its response:
    ///
    /// ```
    /// use oauth_dance_rocket::Error;
    ///
    /// #[derive(rocket::Responder)]
    /// enum PageError {
    ///     Dance(Error),
    ///     #[response(status = 507)]
    ///     Full(&'static str),
    /// }
    /// ```
    ///
    /// The variant has no `status`: one of the application's own would take the place of the login.
    pub struct Error;
}

/// What a developer should look at.
const CHECK: &str = "whether `.attach(oauth_dance_rocket::fairing(&dances))` is called, after the fairings that call \
                     request guards";

impl Error {
    pub(crate) fn no_visit(request: &Request<'_>) -> Self {
        PageError::no_visit(Asked::of(request).for_the_log(), CHECK).into()
    }

    /// The error of a guard: a handler that takes an `Option` drops it.
    pub(crate) fn of_guard(error: ApiError, request: &Request<'_>) -> Self {
        PageError::of_extractor(Asked::of(request).for_the_log(), error).into()
    }

    /// The outcome of a guard. Another route of a lower rank is not tried, because it may not ask for a login.
    pub(crate) fn outcome<T>(self, request: &Request<'_>) -> Outcome<T, Self> {
        if self.0.is_login_required() {
            self.carry(LOGIN_REQUIRED, request);
            return Outcome::Error((LOGIN_REQUIRED, self));
        }
        Outcome::Error((convert::status(self.0.status()), self))
    }

    fn carry(&self, status: Status, request: &Request<'_>) {
        let (head, _) = self.0.response().into_parts();
        Local::of(request).carry(status, head);
    }
}

impl<'r> Responder<'r, 'static> for Error {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        if !self.0.is_login_required() {
            self.0.tell(Asked::of(request).for_the_log());
            let status = convert::status(self.0.status());
            self.carry(status, request);
            return Err(status);
        }
        if Local::of(request).opened().is_none() {
            return Ok(convert::response(self.0.response()));
        }
        self.carry(LOGIN_REQUIRED, request);
        // No catcher, which would drop the cookies of the page.
        response::Response::build().status(LOGIN_REQUIRED).ok()
    }
}
