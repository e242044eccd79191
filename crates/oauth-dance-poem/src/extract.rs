//! Extractors: the visit, the API client of a browser that is signed in, flash messages.

use std::fmt;
use std::ops::Deref;

use oauth_dance::{ApiError, DanceName, Flash, UserId, leaf};
use poem::{FromRequest, Request, RequestBody};

use crate::convert;
use crate::error::Error;

/// The browser's visit: the signed-in owner of each dance, API clients, flash messages.
///
/// Needs [`visits`](crate::visits()).
#[derive(Debug, Clone)]
pub struct Visit(pub oauth_dance::Visit);

impl Visit {
    fn of(request: &Request) -> Result<oauth_dance::Visit, Error> {
        let visit = request.data().cloned();
        visit.ok_or_else(|| Error::no_visit(request))
    }
}

impl<'a> FromRequest<'a> for Visit {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(Self::of(request)?))
    }
}

/// The head of the request as `http` has it, with the whole URI that the browser has asked for:
/// [`Visit::sign_out`](oauth_dance::Visit::sign_out) asks where the request comes from.
///
/// ```
/// # use poem::handler;
/// use oauth_dance_poem::{Error, Parts, Visit};
///
/// /// For `post(sign_out)`.
/// #[handler]
/// async fn sign_out(Visit(visit): Visit, Parts(request): Parts) -> Result<&'static str, Error> {
///     visit.sign_out(&request).await?;
///     Ok("Good bye!")
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Parts(pub http::request::Parts);

impl<'a> FromRequest<'a> for Parts {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(convert::head(request)))
    }
}

/// Makes the error of an extractor of what the visit has said.
fn extracted<T>(asked: Result<T, ApiError>, request: &Request) -> poem::Result<T> {
    Ok(asked.map_err(|error| Error::of_extractor(error, request))?)
}

/// The application's user that this browser is signed in as: the one that a receiver has passed to
/// [`Authorized::sign_in`](oauth_dance::Authorized::sign_in).
///
/// If the browser is not signed in as a user, this extractor redirects it to the login of the first dance,
/// and the browser comes back afterwards. With [`Maybe<SignedIn<…>>`](Maybe) the handler runs and gets `None`
/// instead. If a login has ended without a user, the response is a small page with the status 403, as
/// [`visits`](crate::visits()) says. A user whose identifier is not a `T` is answered with 500, and the log says so:
/// the receiver has signed in something else. If the session store fails, the response is 503.
///
/// `T` is any [`UserId`]: a type that implements [`FromStr`](std::str::FromStr), a type of the application's own
/// included.
///
/// Needs [`visits`](crate::visits()).
///
/// ```
/// # use poem::handler;
/// use oauth_dance_poem::SignedIn;
///
/// #[handler]
/// async fn page(SignedIn(user): SignedIn<i64>) -> String {
///     format!("Hello, user {user}!")
/// }
/// ```
///
/// A type without `FromStr` is refused where the handler names it:
///
/// ```compile_fail
/// # use poem::handler;
/// use oauth_dance_poem::SignedIn;
///
/// struct Member(i64);
///
/// #[handler]
/// async fn page(SignedIn(user): SignedIn<Member>) {}
/// ```
// The bound stands here, so that the compiler does not merely say that `page` is not a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn<T: UserId>(pub T);

impl<'a, T: UserId + Send> FromRequest<'a> for SignedIn<T> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let user = Visit::of(request)?.require_user_as().await;
        extracted(user.map(Self), request)
    }
}

/// The flash messages for this page. Extracting them removes them, so that each is shown once.
///
/// Needs [`visits`](crate::visits()).
#[derive(Debug, Clone)]
pub struct Flashes(pub Vec<Flash>);

impl<'a> FromRequest<'a> for Flashes {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(Visit::of(request)?.take_flashes()))
    }
}

/// The provider's API with the token of the signed-in user.
///
/// If the browser is not signed in, or its token has expired and cannot be refreshed, this extractor
/// redirects the browser to the login, and the browser comes back afterwards. With [`Maybe<Api<…>>`](Maybe) the
/// handler runs and gets `None` instead. If the last login of the browser came to nothing, the response is a small
/// page with the status 403, as [`visits`](crate::visits()) says. A script gets 401 and JSON.
///
/// Needs [`visits`](crate::visits()).
///
/// ```
/// use oauth_dance::providers;
/// # use poem::handler;
/// use oauth_dance_poem::{Api, Error};
///
/// #[handler]
/// async fn welcome(github: Api<providers::GitHub>) -> Result<String, Error> {
///     let user: serde_json::Value = github.get("/user").await?.json()?;
///     Ok(format!("Hello, {}!", user["login"].as_str().unwrap_or("you")))
/// }
/// ```
///
/// A dance whose name is not that of a provider has a [`DanceName`] of the application's.
pub struct Api<N>(pub leaf::Api<N>);

impl<N> Deref for Api<N> {
    type Target = leaf::Api<N>;

    fn deref(&self) -> &leaf::Api<N> {
        &self.0
    }
}

impl<N> fmt::Debug for Api<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Api").field(&self.0).finish()
    }
}

impl<'a, N: DanceName> FromRequest<'a> for Api<N> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let api = leaf::Api::of(&Visit::of(request)?).await;
        extracted(api.map(Self), request)
    }
}

/// [`Api`] or [`SignedIn`], or `None` if the browser is not signed in.
///
/// If a store fails, or if [`visits`](crate::visits()) is missing, the response is the error. An `Option` would be
/// `None` there, because poem makes `None` of every error of an extractor.
///
/// ```
/// # use poem::handler;
/// use oauth_dance_poem::{Maybe, SignedIn};
///
/// #[handler]
/// async fn home(Maybe(user): Maybe<SignedIn<i64>>) -> String {
///     match user {
///         Some(SignedIn(user)) => format!("Hello, user {user}!"),
///         None => "Hello, stranger!".to_owned(),
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maybe<T>(pub Option<T>);

impl<'a, T: UserId + Send> FromRequest<'a> for Maybe<SignedIn<T>> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let user = Visit::of(request)?.user_as().await;
        extracted(user.map(|user| Self(user.map(SignedIn))), request)
    }
}

impl<'a, N: DanceName> FromRequest<'a> for Maybe<Api<N>> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let api = leaf::Api::of_signed_in(&Visit::of(request)?).await;
        extracted(api.map(|api| Self(api.map(Api))), request)
    }
}
