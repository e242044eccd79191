//! Extractors: the visit, the API client of a browser that is signed in, flash messages.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use oauth_dance::{ApiError, DanceName, Flash, UserId, leaf};

use crate::convert;
use crate::error::Error;

/// actix-web runs a request on one thread, so the futures of extractors need not be `Send`.
type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// The browser's visit: the signed-in owner of each dance, API clients, flash messages.
///
/// Needs [`visits`](crate::visits()).
#[derive(Debug, Clone)]
pub struct Visit(pub oauth_dance::Visit);

impl Visit {
    fn of(request: &HttpRequest) -> Result<oauth_dance::Visit, Error> {
        let visit = request.extensions().get().cloned();
        visit.ok_or_else(|| Error::no_visit(request))
    }
}

impl FromRequest for Visit {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).map(Self))
    }
}

/// The head of the request as `http` 1 has it: [`Visit::sign_out`](oauth_dance::Visit::sign_out) asks where the request
/// comes from.
///
/// ```
/// use oauth_dance_actix::{Error, Parts, Visit};
///
/// /// For `web::post().to(sign_out)`.
/// async fn sign_out(Visit(visit): Visit, Parts(request): Parts) -> Result<&'static str, Error> {
///     visit.sign_out(&request).await?;
///     Ok("Good bye!")
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Parts(pub http::request::Parts);

impl FromRequest for Parts {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(convert::parts(request))))
    }
}

/// Extracts what `ask` asks the visit of the request.
fn extract<T, Asking>(
    request: &HttpRequest,
    ask: impl FnOnce(oauth_dance::Visit) -> Asking + 'static,
) -> Extracting<T>
where
    Asking: Future<Output = Result<T, ApiError>>,
{
    let request = request.clone();
    Box::pin(async move {
        let asked = ask(Visit::of(&request)?).await;
        asked.map_err(|error| Error::of_extractor(error, &request))
    })
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
/// use oauth_dance_actix::SignedIn;
///
/// async fn page(SignedIn(user): SignedIn<i64>) -> String {
///     format!("Hello, user {user}!")
/// }
/// ```
///
/// A type without `FromStr` is refused where the handler names it:
///
/// ```compile_fail
/// use oauth_dance_actix::SignedIn;
///
/// struct Member(i64);
///
/// async fn page(SignedIn(user): SignedIn<Member>) {}
/// ```
// The bound stands here, so that the compiler does not merely say that `page` is not a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn<T: UserId>(pub T);

impl<T: UserId + 'static> FromRequest for SignedIn<T> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request, async |visit| {
            visit.require_user_as().await.map(Self)
        })
    }
}

/// The flash messages for this page. Extracting them removes them, so that each is shown once.
///
/// Needs [`visits`](crate::visits()).
#[derive(Debug, Clone)]
pub struct Flashes(pub Vec<Flash>);

impl FromRequest for Flashes {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Visit::of(request).map(|visit| Self(visit.take_flashes())))
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
/// use oauth_dance_actix::{Api, Error};
///
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

impl<N: DanceName + 'static> FromRequest for Api<N> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request, async |visit| leaf::Api::of(&visit).await.map(Self))
    }
}

/// [`Api`] or [`SignedIn`], or `None` if the browser is not signed in.
///
/// If a store fails, or if [`visits`](crate::visits()) is missing, the response is the error. An `Option` would be
/// `None` there, because actix-web makes `None` of every error of an extractor.
///
/// ```
/// use oauth_dance_actix::{Maybe, SignedIn};
///
/// async fn home(Maybe(user): Maybe<SignedIn<i64>>) -> String {
///     match user {
///         Some(SignedIn(user)) => format!("Hello, user {user}!"),
///         None => "Hello, stranger!".to_owned(),
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maybe<T>(pub Option<T>);

impl<T: UserId + 'static> FromRequest for Maybe<SignedIn<T>> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request, async |visit| {
            Ok(Self(visit.user_as().await?.map(SignedIn)))
        })
    }
}

impl<N: DanceName + 'static> FromRequest for Maybe<Api<N>> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request, async |visit| {
            Ok(Self(leaf::Api::of_signed_in(&visit).await?.map(Api)))
        })
    }
}
