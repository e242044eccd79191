//! Extractors: the visit, the API client of a browser that is signed in, flash messages.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::body::Body;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use oauth_dance::{ApiClient, ApiError, DanceName, Flash, UserId, leaf};
use oauth_dance_tower::Asked;

use crate::error::Error;
use crate::visit::asked;

/// The browser's visit: the signed-in owner of each dance, API clients, flash messages.
///
/// Needs [`layer`](crate::layer()).
#[derive(Debug, Clone)]
pub struct Visit(pub oauth_dance::Visit);

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = LayerMissing;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, LayerMissing> {
        parts
            .extensions
            .get::<oauth_dance::Visit>()
            .cloned()
            .map(Self)
            .ok_or_else(|| LayerMissing(asked(parts)))
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
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Visit(visit) = Visit::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let user = visit.require_user_as().await.map(Self);
        user.map_err(|error| Error::from(error).into_response())
    }
}

impl<T: UserId, S: Sync> OptionalFromRequestParts<S> for SignedIn<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Response> {
        let Visit(visit) = Visit::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let user = visit.user_as().await.map(|user| user.map(Self));
        user.map_err(|error| Error::from(error).into_response())
    }
}

/// The flash messages for this page. Extracting them removes them, so that each is shown once.
///
/// Needs [`layer`](crate::layer()).
#[derive(Debug, Clone)]
pub struct Flashes(pub Vec<Flash>);

impl<S: Sync> FromRequestParts<S> for Flashes {
    type Rejection = LayerMissing;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, LayerMissing> {
        let Visit(visit) = Visit::from_request_parts(parts, state).await?;
        Ok(Self(visit.take_flashes()))
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
pub struct Api<N> {
    client: ApiClient,
    token: oauth_dance::Token,
    name: PhantomData<fn() -> N>,
}

impl<N> Api<N> {
    /// Returns the API client, to be kept longer than the request.
    #[must_use]
    pub fn client(&self) -> &ApiClient {
        &self.client
    }

    /// Returns the token. It was refreshed for this request if it had expired.
    #[must_use]
    pub fn token(&self) -> &oauth_dance::Token {
        &self.token
    }
}

impl<N> Deref for Api<N> {
    type Target = ApiClient;

    fn deref(&self) -> &ApiClient {
        &self.client
    }
}

impl<N> fmt::Debug for Api<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl<N: DanceName, S: Sync> FromRequestParts<S> for Api<N> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        extract(parts, state)
            .await?
            .map_err(|error| Error::from(error).into_response())
    }
}

impl<N: DanceName, S: Sync> OptionalFromRequestParts<S> for Api<N> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Response> {
        match extract(parts, state).await? {
            Ok(api) => Ok(Some(api)),
            Err(ApiError::LoginRequired(_)) => Ok(None),
            // A store that is down does not mean that the browser is signed out.
            Err(error) => Err(Error::from(error).into_response()),
        }
    }
}

async fn extract<N: DanceName, S: Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<Result<Api<N>, ApiError>, Response> {
    let Visit(visit) = Visit::from_request_parts(parts, state)
        .await
        .map_err(IntoResponse::into_response)?;
    let client = match visit.api(N::NAME) {
        Ok(client) => client,
        Err(error) => return Ok(Err(error)),
    };
    Ok(client.token().await.map(|token| Api {
        client,
        token,
        name: PhantomData,
    }))
}

/// The rejection of an extractor that is used without [`layer`](crate::layer()). As a response it is a bare 500, and
/// the text is in the log.
#[derive(Debug, Clone)]
pub struct LayerMissing(Asked);

/// What a developer should look at.
const CHECK: &str = "whether `oauth_dance_axum::mount` is called after this route was added, or `.layer(oauth_dance_axum::layer(&dances))` is around it";

impl fmt::Display for LayerMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an extractor of oauth-dance-axum has no visit: check {CHECK}"
        )
    }
}

impl std::error::Error for LayerMissing {}

impl IntoResponse for LayerMissing {
    fn into_response(self) -> Response {
        leaf::no_visit(self.0.for_the_log(), CHECK).map(Body::from)
    }
}
