//! Errors of the dance as poem responses.

use oauth_dance::leaf::{self, PageError};
use oauth_dance::{ApiError, LoginRequired, SignOutError, StoreError};
use poem::{Body, IntoResponse, PathPattern, Request, Response};

use crate::convert::{self, Asked};

leaf::page_error! {
    /// An error of the dance that a handler may return, and the error of the extractors.
    ///
    /// As a response, [`ApiError::LoginRequired`] leads the browser to the login, as [`visits`](crate::visits()) says.
    /// Any other error is its status with an empty body, and one event in the log: [`PageError`] has the table.
    ///
    /// ```
    /// use oauth_dance_poem::{Error, Visit};
    /// use poem::handler;
    ///
    /// #[handler]
    /// async fn repositories(Visit(visit): Visit) -> Result<String, Error> {
    ///     let response = visit.api("github")?.get("/user/repos").await?;
    ///     Ok(String::from_utf8_lossy(response.body()).into_owned())
    /// }
    /// ```
    ///
    /// As a [`poem::Error`] it is the [`data`](poem::Error::data) of that, for `catch_all_error`: [`visits`](crate::visits())
    /// has an example. Where [`poem::error::InternalServerError`] or its like has wrapped it, or an error that it
    /// is made of, [`visits`](crate::visits()) unwraps that: poem would show its text to the visitor.
    ///
    /// An error type of the application's own that holds this one becomes the [`poem::Error`] of this one, by `From`.
    /// A `ResponseError` would lose what [`visits`](crate::visits()) reads:
    ///
    /// ```
    /// use oauth_dance_poem::Error;
    /// use poem::http::StatusCode;
    ///
    /// enum PageError {
    ///     Dance(Error),
    ///     Full,
    /// }
    ///
    /// impl From<PageError> for poem::Error {
    ///     fn from(error: PageError) -> Self {
    ///         match error {
    ///             PageError::Dance(error) => error.into(),
    ///             PageError::Full => StatusCode::INSUFFICIENT_STORAGE.into(),
    ///         }
    ///     }
    /// }
    /// ```
    pub struct Error;
}

/// What a developer should look at.
const CHECK: &str = "whether `oauth_dance_poem::mount`, or `.with(oauth_dance_poem::visits(&dances))`, is called on the endpoint that has this route";

impl Error {
    pub(crate) fn no_visit(request: &Request) -> Self {
        PageError::no_visit(Asked::of(request).for_the_log(), CHECK).into()
    }

    /// The error of an extractor: a handler that takes an `Option` drops it.
    pub(crate) fn of_extractor(error: ApiError, request: &Request) -> Self {
        PageError::of_extractor(Asked::of(request).for_the_log(), error).into()
    }

    /// The error that becomes this page. The error of the dance that the page was made of is its data.
    pub(crate) fn of_page(page: Response) -> poem::Error {
        let of_a_dance = page.data::<Self>().cloned();
        let mut error = convert::error(page);
        if let Some(of_a_dance) = of_a_dance {
            error.set_data(of_a_dance);
        }
        error
    }

    /// Makes an error that is wrapped, as by [`poem::error::InternalServerError`], the error that it is.
    pub(crate) fn unwrapped(error: poem::Error) -> poem::Error {
        let route = error.data::<PathPattern>().cloned();
        let of_a_dance = error
            .downcast::<Self>()
            .or_else(|other| other.downcast::<ApiError>().map(Self::from))
            .or_else(|other| other.downcast::<LoginRequired>().map(Self::from))
            .or_else(|other| other.downcast::<StoreError>().map(Self::from))
            .or_else(|other| other.downcast::<SignOutError>().map(Self::from));
        let of_a_dance = match of_a_dance {
            Ok(of_a_dance) => of_a_dance,
            Err(other) => return other,
        };
        let mut error = poem::Error::from(of_a_dance);
        if let Some(route) = route {
            error.set_data(route);
        }
        error
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = convert::response(self.0.response().map(Body::from));
        response.set_data(self);
        response
    }
}

impl From<Error> for poem::Error {
    fn from(error: Error) -> Self {
        Error::of_page(error.into_response())
    }
}
