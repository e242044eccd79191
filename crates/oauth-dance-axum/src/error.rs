//! Errors of the dance as axum responses.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use oauth_dance::leaf::{self, PageError};

use crate::visit::asked;

leaf::page_error! {
    /// An error of the dance that a handler may return, and the rejection of the extractors.
    ///
    /// As a response, [`ApiError::LoginRequired`](oauth_dance::ApiError::LoginRequired) leads the browser to the login,
    /// as [`layer`](crate::layer()) says. Any other error is its status with an empty body, and one event in the log:
    /// [`PageError`] has the table.
    ///
    /// ```
    /// use oauth_dance_axum::{Error, Visit};
    ///
    /// async fn repositories(Visit(visit): Visit) -> Result<String, Error> {
    ///     let response = visit.api("github")?.get("/user/repos").await?;
    ///     Ok(String::from_utf8_lossy(response.body()).into_owned())
    /// }
    /// ```
    pub struct Error;
}

/// What a developer should look at.
const CHECK: &str = "whether `oauth_dance_axum::mount` is called after this route was added, or `.layer(oauth_dance_axum::layer(&dances))` is around it";

impl Error {
    pub(crate) fn no_visit(parts: &Parts) -> Self {
        PageError::no_visit(asked(parts).for_the_log(), CHECK).into()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.0.response().map(Body::from)
    }
}
