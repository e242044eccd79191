//! Extractors: the visit, the API client of a browser that is signed in, flash messages.

use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use oauth_dance::{ApiClient, ApiError, DanceName, Flash, UserId};

use crate::error::{Error, LayerMissing};

/// actix-web runs a request on one thread, so the futures of extractors need not be `Send`.
type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// The browser's visit: the signed-in owner of each dance, API clients, flash messages.
///
/// Needs [`visits`](crate::visits()).
#[derive(Debug, Clone)]
pub struct Visit(pub oauth_dance::Visit);

impl Visit {
    fn of(request: &HttpRequest) -> Result<Self, LayerMissing> {
        let visit = request.extensions().get().cloned();
        visit.map(Self).ok_or_else(|| LayerMissing::of(request))
    }
}

impl FromRequest for Visit {
    type Error = LayerMissing;
    type Future = Ready<Result<Self, LayerMissing>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
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
        let request = request.clone();
        Box::pin(async move {
            let Visit(visit) = Visit::of(&request)?;
            let user = visit.require_user_as().await;
            user.map(Self)
                .map_err(|error| Error::of_extractor(error, &request))
        })
    }
}

/// The flash messages for this page. Extracting them removes them, so that each is shown once.
///
/// Needs [`visits`](crate::visits()).
#[derive(Debug, Clone)]
pub struct Flashes(pub Vec<Flash>);

impl FromRequest for Flashes {
    type Error = LayerMissing;
    type Future = Ready<Result<Self, LayerMissing>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Visit::of(request).map(|Visit(visit)| Self(visit.take_flashes())))
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

impl<N: DanceName + 'static> FromRequest for Api<N> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Visit(visit) = Visit::of(&request)?;
            let api = with_token(&visit).await;
            api.map_err(|error| Error::of_extractor(error, &request))
        })
    }
}

async fn with_token<N: DanceName>(visit: &oauth_dance::Visit) -> Result<Api<N>, ApiError> {
    let client = visit.api(N::NAME)?;
    let token = client.token().await?;
    let name = PhantomData;
    Ok(Api {
        client,
        token,
        name,
    })
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
        let request = request.clone();
        Box::pin(async move {
            let Visit(visit) = Visit::of(&request)?;
            let user = visit.user_as().await;
            user.map(|user| Self(user.map(SignedIn)))
                .map_err(|error| Error::of_extractor(error, &request))
        })
    }
}

impl<N: DanceName + 'static> FromRequest for Maybe<Api<N>> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let api = Api::from_request(request, payload);
        Box::pin(async move {
            match api.await {
                Ok(api) => Ok(Self(Some(api))),
                Err(error) if error.is_login_required() => Ok(Self(None)),
                Err(error) => Err(error),
            }
        })
    }
}
