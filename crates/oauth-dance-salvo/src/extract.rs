//! Extractors: the visit, the API client of a browser that is signed in, flash messages.

#![expect(
    refining_impl_trait_reachable,
    reason = "the error of the extractors has a name"
)]

use std::fmt;
use std::ops::Deref;

use oauth_dance::{ApiError, DanceName, Flash, UserId, leaf};
use salvo_core::extract::Metadata;
use salvo_core::{Depot, Extractible, Request};

use crate::convert;
use crate::error::Error;

/// The browser's visit: the signed-in owner of each dance, API clients, flash messages.
///
/// Needs [`visits`](crate::visits()).
#[derive(Debug, Clone)]
pub struct Visit(pub oauth_dance::Visit);

impl Visit {
    fn of(request: &Request) -> Result<oauth_dance::Visit, Error> {
        let visit = request.extensions().get().cloned();
        visit.ok_or_else(|| Error::no_visit(request))
    }
}

impl Deref for Visit {
    type Target = oauth_dance::Visit;

    fn deref(&self) -> &oauth_dance::Visit {
        &self.0
    }
}

impl<'ex> Extractible<'ex> for Visit {
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    async fn extract(request: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Error> {
        Self::of(request).map(Self)
    }
}

/// The head of the request as `http` has it: [`Visit::sign_out`](oauth_dance::Visit::sign_out) asks where the request comes
/// from.
///
/// ```
/// use oauth_dance_salvo::{Error, Parts, Visit};
/// use salvo_core::prelude::*;
///
/// /// For `.post(sign_out)`.
/// #[handler]
/// async fn sign_out(visit: Visit, request: Parts) -> Result<&'static str, Error> {
///     visit.sign_out(&request).await?;
///     Ok("Good bye!")
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Parts(pub http::request::Parts);

impl Deref for Parts {
    type Target = http::request::Parts;

    fn deref(&self) -> &http::request::Parts {
        &self.0
    }
}

impl<'ex> Extractible<'ex> for Parts {
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    async fn extract(request: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Error> {
        Ok(Self(convert::head(request)))
    }
}

/// What salvo's description of an API says of the extractors: they read none of the request's parameters.
static METADATA: Metadata = Metadata::new("");

/// Makes the error of an extractor of what the visit has said.
fn extracted<T>(asked: Result<T, ApiError>, request: &Request) -> Result<T, Error> {
    asked.map_err(|error| Error::of_extractor(error, request))
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
/// use oauth_dance_salvo::SignedIn;
/// use salvo_core::prelude::*;
///
/// #[handler]
/// async fn page(user: SignedIn<i64>) -> String {
///     format!("Hello, user {}!", *user)
/// }
/// ```
///
/// A type without `FromStr` is refused where the handler names it:
///
/// ```compile_fail
/// use oauth_dance_salvo::SignedIn;
/// use salvo_core::prelude::*;
///
/// struct Member(i64);
///
/// #[handler]
/// async fn page(user: SignedIn<Member>) {}
/// ```
// The bound stands here, so that the compiler does not merely say that `page` is not a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn<T: UserId>(pub T);

impl<T: UserId> Deref for SignedIn<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'ex, T: UserId + Send> Extractible<'ex> for SignedIn<T> {
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    async fn extract(request: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Error> {
        let user = Visit::of(request)?.require_user_as().await;
        extracted(user.map(Self), request)
    }
}

/// The flash messages for this page. Extracting them removes them, so that each is shown once.
///
/// Needs [`visits`](crate::visits()).
#[derive(Debug, Clone)]
pub struct Flashes(pub Vec<Flash>);

impl Deref for Flashes {
    type Target = [Flash];

    fn deref(&self) -> &[Flash] {
        &self.0
    }
}

impl<'ex> Extractible<'ex> for Flashes {
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    async fn extract(request: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Error> {
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
/// use oauth_dance_salvo::{Api, Error};
/// use salvo_core::prelude::*;
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

impl<'ex, N: DanceName> Extractible<'ex> for Api<N> {
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    async fn extract(request: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Error> {
        let api = leaf::Api::of(&Visit::of(request)?).await;
        extracted(api.map(Self), request)
    }
}

/// [`Api`] or [`SignedIn`], or `None` if the browser is not signed in.
///
/// If a store fails, or if [`visits`](crate::visits()) is missing, the response is the error.
///
/// ```
/// use oauth_dance_salvo::{Maybe, SignedIn};
/// use salvo_core::prelude::*;
///
/// #[handler]
/// async fn home(user: Maybe<SignedIn<i64>>) -> String {
///     match user.0 {
///         Some(SignedIn(user)) => format!("Hello, user {user}!"),
///         None => "Hello, stranger!".to_owned(),
///     }
/// }
/// ```
///
/// An `Option` is refused where the handler names it. salvo has it for parameters, and makes `None` of every error:
///
/// ```compile_fail
/// use oauth_dance_salvo::SignedIn;
/// use salvo_core::prelude::*;
///
/// #[handler]
/// async fn home(user: Option<SignedIn<i64>>) {}
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maybe<T>(pub Option<T>);

impl<T> Deref for Maybe<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<'ex, T: UserId + Send> Extractible<'ex> for Maybe<SignedIn<T>> {
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    async fn extract(request: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Error> {
        let user = Visit::of(request)?.user_as().await;
        extracted(user.map(|user| Self(user.map(SignedIn))), request)
    }
}

impl<'ex, N: DanceName> Extractible<'ex> for Maybe<Api<N>> {
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    async fn extract(request: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Error> {
        let api = leaf::Api::of_signed_in(&Visit::of(request)?).await;
        extracted(api.map(|api| Self(api.map(Api))), request)
    }
}
