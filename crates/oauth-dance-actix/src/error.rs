//! Errors of the dance as actix-web responses.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use oauth_dance::ApiError;
use oauth_dance::leaf::{self, PageError};

use crate::convert::{self, Asked};

leaf::page_error! {
    /// An error of the dance that a handler may return, and the error of the extractors.
    ///
    /// As a response, [`ApiError::LoginRequired`] leads the browser to the login, as [`visits`](crate::visits()) says.
    /// Any other error is its status with an empty body, and one event in the log: [`PageError`] has the table.
    ///
    /// ```
    /// use oauth_dance_actix::{Error, Visit};
    ///
    /// async fn repositories(Visit(visit): Visit) -> Result<String, Error> {
    ///     let response = visit.api("github")?.get("/user/repos").await?;
    ///     Ok(String::from_utf8_lossy(response.body()).into_owned())
    /// }
    /// ```
    ///
    /// An error type of the application's own that holds this one returns the response of this one. By default
    /// actix-web would show the text of the error to the visitor:
    ///
    /// ```
    /// use actix_web::{HttpResponse, ResponseError};
    /// use oauth_dance_actix::Error;
    ///
    /// #[derive(Debug)]
    /// enum PageError {
    ///     Dance(Error),
    ///     Full,
    /// }
    ///
    /// impl std::fmt::Display for PageError {
    ///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    ///         write!(f, "{self:?}")
    ///     }
    /// }
    ///
    /// impl ResponseError for PageError {
    ///     fn error_response(&self) -> HttpResponse {
    ///         match self {
    ///             Self::Dance(error) => error.error_response(),
    ///             Self::Full => HttpResponse::InsufficientStorage().finish(),
    ///         }
    ///     }
    /// }
    /// ```
    pub struct Error;
}

/// What a developer should look at.
const CHECK: &str =
    "whether `.wrap(oauth_dance_actix::visits(&dances))` is called on the `App` of this route";

impl Error {
    pub(crate) fn no_visit(request: &HttpRequest) -> Self {
        PageError::no_visit(Asked::of(request).for_the_log(), CHECK).into()
    }

    /// The error of an extractor: a handler that takes an `Option` drops it.
    pub(crate) fn of_extractor(error: ApiError, request: &HttpRequest) -> Self {
        PageError::of_extractor(Asked::of(request).for_the_log(), error).into()
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        convert::status(self.0.status())
    }

    fn error_response(&self) -> HttpResponse {
        convert::response(self.0.response())
    }
}
