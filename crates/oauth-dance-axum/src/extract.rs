//! Extractors: the visit, the API client of a browser that is signed in, flash messages.

use std::fmt;
use std::ops::Deref;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use oauth_dance::{DanceName, Flash, UserId, leaf};

use crate::error::Error;

/// The browser's visit: the signed-in owner of each dance, API clients, flash messages.
///
/// Needs [`layer`](crate::layer()).
#[derive(Debug, Clone)]
pub struct Visit(pub oauth_dance::Visit);

impl Visit {
    fn of(parts: &Parts) -> Result<oauth_dance::Visit, Error> {
        let visit = parts.extensions.get().cloned();
        visit.ok_or_else(|| Error::no_visit(parts))
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Self::of(parts).map(Self)
    }
}

/// The application's user that this browser is signed in as: the one that a receiver has passed to
/// [`Authorized::sign_in`](oauth_dance::Authorized::sign_in).
///
/// If the browser is not signed in as a user, this extractor redirects it to the login of the first dance,
/// and the browser comes back afterwards. With `Option<SignedIn<…>>` the handler runs and gets `None`
/// instead. If a login has ended without a user, the response is a small page with the status 403, as
/// [`layer`](crate::layer()) says. A user whose identifier is not a `T` is answered with 500, and the log says so:
/// the receiver has signed in something else. If the session store fails, the response is 503.
///
/// `T` is any [`UserId`]: a type that implements [`FromStr`](std::str::FromStr), a type of the application's own
/// included.
///
/// Needs [`layer`](crate::layer()).
///
/// ```
/// use oauth_dance_axum::SignedIn;
///
/// async fn page(SignedIn(user): SignedIn<i64>) -> String {
///     format!("Hello, user {user}!")
/// }
/// ```
///
/// A type without `FromStr` is refused where the handler names it:
///
/// ```compile_fail
/// use oauth_dance_axum::SignedIn;
///
/// struct Member(i64);
///
/// async fn page(SignedIn(user): SignedIn<Member>) {}
/// ```
// The bound stands here, so that the compiler does not merely say that `page` is not a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn<T: UserId>(pub T);

impl<T: UserId, S: Sync> FromRequestParts<S> for SignedIn<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(Visit::of(parts)?.require_user_as().await?))
    }
}

impl<T: UserId, S: Sync> OptionalFromRequestParts<S> for SignedIn<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Error> {
        Ok(Visit::of(parts)?.user_as().await?.map(Self))
    }
}

/// The flash messages for this page. Extracting them removes them, so that each is shown once.
///
/// Needs [`layer`](crate::layer()).
#[derive(Debug, Clone)]
pub struct Flashes(pub Vec<Flash>);

impl<S: Sync> FromRequestParts<S> for Flashes {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(Visit::of(parts)?.take_flashes()))
    }
}

/// The provider's API with the token of the signed-in user.
///
/// If the browser is not signed in, or its token has expired and cannot be refreshed, this extractor
/// redirects the browser to the login, and the browser comes back afterwards. With `Option<Api<…>>` the
/// handler runs and gets `None` instead. If the last login of the browser came to nothing, the response is a small
/// page with the status 403, as [`layer`](crate::layer()) says. A script gets 401 and JSON.
///
/// Needs [`layer`](crate::layer()).
///
/// ```
/// use oauth_dance::providers;
/// use oauth_dance_axum::{Api, Error};
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

impl<N: DanceName, S: Sync> FromRequestParts<S> for Api<N> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(leaf::Api::of(&Visit::of(parts)?).await?))
    }
}

impl<N: DanceName, S: Sync> OptionalFromRequestParts<S> for Api<N> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Error> {
        let api = leaf::Api::of_signed_in(&Visit::of(parts)?).await?;
        Ok(api.map(Self))
    }
}
