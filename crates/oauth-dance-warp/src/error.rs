//! Errors of the dance as rejections and replies of warp.

use std::fmt;

use http::{Method, Uri};
use oauth_dance::leaf::{self, Asked, PageError};
use warp::path::FullPath;
use warp::reject::{self, Reject, Rejection};
use warp::reply::{Reply, Response};

use crate::current::Current;

leaf::page_error! {
    /// An error of the dance that a handler may return, and what the filters of this crate reject with.
    ///
    /// As a response, [`ApiError::LoginRequired`](oauth_dance::ApiError::LoginRequired) leads the browser to the login, as [`service`](crate::service()) says.
    /// Any other error is its status with an empty body, and one event in the log: [`PageError`] has the table.
    ///
    /// It is a [`Reply`], for handlers of `then`:
    ///
    /// ```
    /// use oauth_dance::Visit;
    /// use oauth_dance_warp::Error;
    ///
    /// async fn repositories(visit: Visit) -> Result<String, Error> {
    ///     let response = visit.api("github")?.get("/user/repos").await?;
    ///     Ok(String::from_utf8_lossy(response.body()).into_owned())
    /// }
    /// # use warp::Filter as _;
    /// # let _ = warp::path!("repositories").and(oauth_dance_warp::visit()).then(repositories);
    /// ```
    ///
    /// It becomes a [`Rejection`] by `?`, for handlers of `and_then`:
    ///
    /// ```
    /// use oauth_dance::Visit;
    /// use oauth_dance_warp::Error;
    /// use warp::Rejection;
    ///
    /// async fn repositories(visit: Visit) -> Result<String, Rejection> {
    ///     let api = visit.api("github").map_err(Error::from)?;
    ///     let response = api.get("/user/repos").await.map_err(Error::from)?;
    ///     Ok(String::from_utf8_lossy(response.body()).into_owned())
    /// }
    /// # use warp::Filter as _;
    /// # let _ = warp::path!("repositories").and(oauth_dance_warp::visit()).and_then(repositories);
    /// ```
    pub struct Error;
}

/// What a developer should look at.
const CHECK: &str =
    "whether `oauth_dance_warp::service(filter, &dances)` is what the server serves";

impl Error {
    pub(crate) fn no_visit(method: &Method, path: &FullPath) -> Self {
        // The log names the path alone.
        let uri: Uri = path.as_str().parse().unwrap_or_default();
        PageError::no_visit(Asked::new(method, &uri), CHECK).into()
    }

    /// Returns the error that a filter of this crate, or a handler, has rejected the request with.
    ///
    /// ```
    /// use oauth_dance_warp::Error;
    /// use warp::Rejection;
    /// use warp::http::StatusCode;
    /// use warp::reply::{Reply, with_status};
    ///
    /// /// A page of the application's own for errors of the dance. `service` puts the login in its place if one is needed.
    /// async fn sorry(rejection: Rejection) -> Result<impl Reply, Rejection> {
    ///     match Error::of(&rejection) {
    ///         Some(_) => Ok(with_status("Our mistake.", StatusCode::INTERNAL_SERVER_ERROR)),
    ///         None => Err(rejection),
    ///     }
    /// }
    /// # use warp::Filter as _;
    /// # let _ = oauth_dance_warp::visit().map(|_| "").recover(sorry);
    /// ```
    #[must_use]
    pub fn of(rejection: &Rejection) -> Option<&Self> {
        rejection.find().map(|Rejected(error)| error)
    }
}

impl Reply for Error {
    fn into_response(self) -> Response {
        self.0.response().into_response()
    }
}

/// Leaves the event of the error in the log, because a `recover` of the application may drop the rejection. A login
/// that is needed leaves none.
impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Current::rejects_with(&error.0);
        reject::custom(Rejected(error))
    }
}

/// The error inside of a rejection.
struct Rejected(Error);

impl Reject for Rejected {}

/// warp shows this text to the visitor, if the filter is served without [`service`](crate::service()).
impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("see the log of the server")
    }
}

/// Makes the response of an [`Error`] that a filter has rejected with. Every other rejection stays one.
///
/// [`service`](crate::service()) does this last. An application whose own `recover` makes a page of every rejection
/// calls this one before: `filter.recover(oauth_dance_warp::recover).recover(own)`. An error of the dance then keeps
/// its status and its empty body.
///
/// # Errors
///
/// The rejection, if it holds no [`Error`].
pub async fn recover(rejection: Rejection) -> Result<Response, Rejection> {
    match Error::of(&rejection) {
        Some(error) => Ok(error.clone().into_response()),
        None => Err(rejection),
    }
}
