//! Errors of the dance as salvo responses.

use oauth_dance::ApiError;
use oauth_dance::leaf::{self, PageError};
use salvo_core::writing::Scribe;
use salvo_core::{Request, Response};

use crate::convert::Asked;

leaf::page_error! {
    /// An error of the dance that a handler may return, and the error of the extractors.
    ///
    /// As a response, [`ApiError::LoginRequired`] leads the browser to the login, as [`visits`](crate::visits()) says.
    /// Any other error is its status without a body, which salvo's catcher makes a page of, and one event in the log:
    /// [`PageError`] has the table.
    ///
    /// ```
    /// use oauth_dance_salvo::{Error, Visit};
    /// use salvo_core::prelude::*;
    ///
    /// #[handler]
    /// async fn repositories(visit: Visit) -> Result<String, Error> {
    ///     let response = visit.api("github")?.get("/user/repos").await?;
    ///     Ok(String::from_utf8_lossy(response.body()).into_owned())
    /// }
    /// ```
    ///
    /// An error type of the application's own that holds this one renders it:
    ///
    /// ```
    /// use oauth_dance_salvo::Error;
    /// use salvo_core::prelude::*;
    ///
    /// enum PageError {
    ///     Dance(Error),
    ///     Full,
    /// }
    ///
    /// impl Scribe for PageError {
    ///     fn render(self, res: &mut Response) {
    ///         match self {
    ///             Self::Dance(error) => error.render(res),
    ///             Self::Full => res.render(StatusError::insufficient_storage()),
    ///         }
    ///     }
    /// }
    /// ```
    pub struct Error;
}

/// What a developer should look at.
const CHECK: &str = "whether `.hoop(oauth_dance_salvo::visits(&dances))` is called on the `Service`, or on a `Router` above this route";

impl Error {
    pub(crate) fn no_visit(request: &Request) -> Self {
        PageError::no_visit(Asked::of(request).for_the_log(), CHECK).into()
    }

    /// The error of an extractor: a handler that calls `extract` may drop it.
    pub(crate) fn of_extractor(error: ApiError, request: &Request) -> Self {
        PageError::of_extractor(Asked::of(request).for_the_log(), error).into()
    }
}

impl Scribe for Error {
    fn render(self, page: &mut Response) {
        let (parts, _) = self.0.response().into_parts();
        page.status_code(parts.status);
        page.headers.extend(parts.headers);
        page.extensions.extend(parts.extensions);
        page.take_body();
    }
}
