//! Errors of the dance as responses.

use bytes::Bytes;
use http::Response;
use oauth_dance::leaf::{self, PageError};

use crate::asked::Asked;

leaf::page_error! {
    /// An error of the dance that a handler may return.
    ///
    /// As a response, [`ApiError::LoginRequired`](oauth_dance::ApiError::LoginRequired) leads the browser to the login, as [`layer`](crate::layer()) says.
    /// Any other error is its status with an empty body, and one event in the log: [`PageError`] has the table.
    ///
    /// [`service_fn`](crate::service_fn()) makes the response by itself. Other services call
    /// [`into_response`](Self::into_response), or `Response::from`.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use oauth_dance_tower::{Error, visit};
    ///
    /// async fn repositories(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Error> {
    ///     let response = visit(&request)?.api("github")?.get("/user/repos").await?;
    ///     Ok(response.into_response().map(Full::new))
    /// }
    /// ```
    pub struct Error;
}

/// What a developer should look at.
const CHECK: &str = "whether `oauth_dance_tower::mount` or `oauth_dance_tower::layer(&dances)` is around the service";

impl Error {
    pub(crate) fn no_visit(asked: &Asked) -> Self {
        Self(PageError::no_visit(asked.for_the_log(), CHECK))
    }

    /// Makes the response. Its event is left in the log by [`layer`](crate::layer()), which knows the request, or when
    /// the response is dropped.
    #[must_use]
    pub fn into_response<B: From<Bytes>>(self) -> Response<B> {
        self.0.response().map(B::from)
    }
}

impl<B: From<Bytes>> From<Error> for Response<B> {
    fn from(error: Error) -> Self {
        error.into_response()
    }
}
