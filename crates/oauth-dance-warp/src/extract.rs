//! Filters that extract: the visit, the API client of a browser that is signed in, flash messages.

use http::Method;
use http::request::Parts;
use oauth_dance::leaf::Api;
use oauth_dance::{ApiError, DanceName, Flash, UserId, Visit};
use warp::path::FullPath;
use warp::reject::Rejection;
use warp::{Filter, ext, path};

use crate::current::Current;
use crate::error::Error;

/// Extracts the browser's visit: the signed-in owner of each dance, API clients, flash messages.
///
/// Needs [`service`](crate::service()). Without it the filter rejects, and the log says which call to add.
///
/// A test of a filter may do without: `warp::test::request().extension(dances.visit(&parts))`.
pub fn visit() -> impl Filter<Extract = (Visit,), Error = Rejection> + Copy + Send + Sync + 'static
{
    warp::method()
        .and(path::full())
        .and(ext::optional())
        .and_then(of_request)
}

async fn of_request(
    method: Method,
    path: FullPath,
    visit: Option<Visit>,
) -> Result<Visit, Rejection> {
    visit.ok_or_else(|| Error::no_visit(&method, &path).into())
}

/// Extracts the request without its body, its extensions included: for calls that take it, such as
/// [`Visit::sign_out`].
///
/// Needs [`service`](crate::service()).
///
/// ```
/// use oauth_dance::Visit;
/// use oauth_dance_warp::{Error, parts, visit};
/// use warp::Filter;
/// use warp::http::request::Parts;
///
/// async fn sign_out(visit: Visit, request: Parts) -> Result<&'static str, Error> {
///     visit.sign_out(&request).await?;
///     Ok("Good-bye.")
/// }
///
/// let page = warp::path!("sign-out").and(visit()).and(parts()).then(sign_out);
/// ```
pub fn parts() -> impl Filter<Extract = (Parts,), Error = Rejection> + Copy + Send + Sync + 'static
{
    warp::method().and(path::full()).and_then(current)
}

async fn current(method: Method, path: FullPath) -> Result<Parts, Rejection> {
    Current::parts().ok_or_else(|| Error::no_visit(&method, &path).into())
}

fn reject(error: ApiError) -> Rejection {
    Error::from(error).into()
}

/// Extracts the application's user that this browser is signed in as: the one that a receiver has passed to
/// [`Authorized::sign_in`](oauth_dance::Authorized::sign_in).
///
/// If the browser is not signed in as a user, this filter redirects it to the login of the first dance, and the browser
/// comes back afterwards. With [`maybe_signed_in`] the handler runs and gets `None` instead. If a login has ended
/// without a user, the response is a small page with the status 403, as [`service`](crate::service()) says. A user whose
/// identifier is not a `T` is answered with 500, and the log says so: the receiver has signed in something else. If the
/// session store fails, the response is 503.
///
/// `T` is any [`UserId`]: a type that implements [`FromStr`](std::str::FromStr), a type of the application's own
/// included.
///
/// The path comes before it. Otherwise it asks for a login on every path that no filter before it has taken.
///
/// Needs [`service`](crate::service()).
///
/// ```
/// use oauth_dance_warp::signed_in;
/// use warp::Filter;
///
/// let page = warp::path!("hello")
///     .and(signed_in::<i64>())
///     .map(|user| format!("Hello, user {user}!"));
/// ```
///
/// A type without `FromStr` is refused where the filter names it:
///
/// ```compile_fail
/// struct Member(i64);
///
/// let page = oauth_dance_warp::signed_in::<Member>();
/// ```
pub fn signed_in<T: UserId + Send + 'static>()
-> impl Filter<Extract = (T,), Error = Rejection> + Copy + Send + Sync + 'static {
    visit().and_then(|visit: Visit| async move { visit.require_user_as().await.map_err(reject) })
}

/// Extracts the same as [`signed_in`], or `None` if the browser is not signed in. An error stays an error.
///
/// ```
/// use oauth_dance_warp::maybe_signed_in;
/// use warp::Filter;
///
/// let home = warp::path::end()
///     .and(maybe_signed_in::<i64>())
///     .map(|user| match user {
///         Some(user) => format!("Hello, user {user}!"),
///         None => "Hello, stranger!".to_owned(),
///     });
/// ```
pub fn maybe_signed_in<T: UserId + Send + 'static>()
-> impl Filter<Extract = (Option<T>,), Error = Rejection> + Copy + Send + Sync + 'static {
    visit().and_then(|visit: Visit| async move { visit.user_as().await.map_err(reject) })
}

/// Extracts the flash messages for this page. Extracting them removes them, so that each is shown once: put it last,
/// because a filter after it may reject the request.
///
/// Needs [`service`](crate::service()).
pub fn flashes()
-> impl Filter<Extract = (Vec<Flash>,), Error = Rejection> + Copy + Send + Sync + 'static {
    visit().map(|visit: Visit| visit.take_flashes())
}

/// Extracts the provider's API with the token of the signed-in user.
///
/// If the browser is not signed in, or its token has expired and cannot be refreshed, this filter redirects the browser
/// to the login, and the browser comes back afterwards. With [`maybe_api`] the handler runs and gets `None` instead. If
/// the last login of the browser came to nothing, the response is a small page with the status 403, as
/// [`service`](crate::service()) says. A script gets 401 and JSON.
///
/// The path comes before it. Otherwise it asks for a login on every path that no filter before it has taken.
///
/// Needs [`service`](crate::service()).
///
/// ```
/// use oauth_dance::providers;
/// use oauth_dance_warp::{Api, Error, api};
/// use warp::Filter;
///
/// async fn welcome(github: Api<providers::GitHub>) -> Result<String, Error> {
///     let user: serde_json::Value = github.get("/user").await?.json()?;
///     Ok(format!("Hello, {}!", user["login"].as_str().unwrap_or("you")))
/// }
///
/// let page = warp::path!("welcome").and(api()).then(welcome);
/// ```
///
/// A dance whose name is not that of a provider has a [`DanceName`] of the application's.
pub fn api<N: DanceName + 'static>()
-> impl Filter<Extract = (Api<N>,), Error = Rejection> + Copy + Send + Sync + 'static {
    visit().and_then(|visit: Visit| async move { Api::of(&visit).await.map_err(reject) })
}

/// Extracts the same as [`api`], or `None` if the browser has to sign in first. An error stays an error.
pub fn maybe_api<N: DanceName + 'static>()
-> impl Filter<Extract = (Option<Api<N>>,), Error = Rejection> + Copy + Send + Sync + 'static {
    visit().and_then(|visit: Visit| async move { Api::of_signed_in(&visit).await.map_err(reject) })
}
