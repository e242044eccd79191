//! Request guards: the visit, the API client of a browser that is signed in, flash messages.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use oauth_dance::{ApiError, DanceName, Flash, SignOutError, UserId, leaf};
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest};
use rocket::{Ignite, Request, Rocket, Sentinel};

use crate::error::Error;
use crate::local::{Local, Opened};
use crate::visit::is_missing;

/// The browser's visit: the signed-in owner of each dance, API clients, flash messages.
///
/// It derefs to the [`Visit`](oauth_dance::Visit) of the core. Needs [`fairing`](crate::fairing()).
///
/// ```
/// use oauth_dance_rocket::{Error, Visit};
///
/// #[rocket::get("/")]
/// async fn home(visit: Visit) -> Result<String, Error> {
///     let owner = visit.owner("github").await?;
///     Ok(format!("signed in: {}", owner.is_some()))
/// }
/// ```
#[derive(Clone)]
pub struct Visit(Arc<Opened>);

impl Visit {
    fn of(request: &Request<'_>) -> Result<Self, Error> {
        let opened = Local::of(request).opened();
        opened.map(Self).ok_or_else(|| Error::no_visit(request))
    }

    /// Signs this browser out of all dances: for a logout page of the application's own.
    ///
    /// This is [`Visit::sign_out`](oauth_dance::Visit::sign_out) with the request of this visit. It refuses a request
    /// of another site, and GET. The method is the one that the browser has sent: a field `_method` of a form
    /// changes the route and not this.
    ///
    /// ```
    /// use oauth_dance_rocket::{Error, Visit};
    /// use rocket::response::Redirect;
    ///
    /// #[rocket::post("/goodbye")]
    /// async fn goodbye(visit: Visit) -> Result<Redirect, Error> {
    ///     visit.sign_out().await?;
    ///     Ok(Redirect::to("/"))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`SignOutError::CrossSite`] and [`SignOutError::SafeMethod`] if the request is refused. Nothing has changed.
    /// - [`SignOutError::Incomplete`] if a part of it failed. The browser is signed out nevertheless.
    pub async fn sign_out(&self) -> Result<(), SignOutError> {
        self.0.visit.sign_out(&self.0.request).await
    }
}

impl Deref for Visit {
    type Target = oauth_dance::Visit;

    fn deref(&self) -> &oauth_dance::Visit {
        &self.0.visit
    }
}

// The request has the browser's cookies, which are for no log.
impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Visit").field(&self.0.visit).finish()
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Visit {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Error> {
        guard(request, async |visit| Ok(visit)).await
    }
}

/// Returns what `ask` asks the visit of the request.
async fn guard<T, Asking>(
    request: &Request<'_>,
    ask: impl FnOnce(Visit) -> Asking,
) -> request::Outcome<T, Error>
where
    Asking: Future<Output = Result<T, ApiError>>,
{
    let visit = match Visit::of(request) {
        Ok(visit) => visit,
        Err(error) => return error.outcome(request),
    };
    match ask(visit).await {
        Ok(asked) => Outcome::Success(asked),
        Err(error) => Error::of_guard(error, request).outcome(request),
    }
}

/// The application's user that this browser is signed in as: the one that a receiver has passed to
/// [`Authorized::sign_in`](oauth_dance::Authorized::sign_in).
///
/// If the browser is not signed in as a user, this guard redirects it to the login of the first dance,
/// and the browser comes back afterwards. With [`Maybe<SignedIn<…>>`](Maybe) the handler runs and gets `None`
/// instead. If a login has ended without a user, the response is a small page with the status 403, as
/// [`fairing`](crate::fairing()) says. A user whose identifier is not a `T` is answered with 500, and the log says so:
/// the receiver has signed in something else. If the session store fails, the response is 503.
///
/// `T` is any [`UserId`]: a type that implements [`FromStr`](std::str::FromStr), a type of the application's own
/// included. The guard derefs to it.
///
/// Needs [`fairing`](crate::fairing()).
///
/// ```
/// use oauth_dance_rocket::SignedIn;
///
/// #[rocket::get("/")]
/// fn page(user: SignedIn<i64>) -> String {
///     format!("Hello, user {}!", user.0)
/// }
/// ```
///
/// A type without `FromStr` is refused where the handler names it:
///
/// ```compile_fail
/// use oauth_dance_rocket::SignedIn;
///
/// struct Member(i64);
///
/// #[rocket::get("/")]
/// fn page(user: SignedIn<Member>) {}
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn<T: UserId>(pub T);

impl<T: UserId> Deref for SignedIn<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r, T: UserId> FromRequest<'r> for SignedIn<T> {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Error> {
        guard(request, async |visit| {
            visit.require_user_as().await.map(Self)
        })
        .await
    }
}

/// The flash messages for this page. The guard removes them, so that each is shown once. It derefs to a slice of them.
///
/// Needs [`fairing`](crate::fairing()).
#[derive(Debug, Clone)]
pub struct Flashes(pub Vec<Flash>);

impl Deref for Flashes {
    type Target = [Flash];

    fn deref(&self) -> &[Flash] {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Flashes {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Error> {
        guard(request, async |visit| Ok(Self(visit.take_flashes()))).await
    }
}

/// The provider's API with the token of the signed-in user.
///
/// If the browser is not signed in, or its token has expired and cannot be refreshed, this guard
/// redirects the browser to the login, and the browser comes back afterwards. With [`Maybe<Api<…>>`](Maybe) the
/// handler runs and gets `None` instead. If the last login of the browser came to nothing, the response is a small
/// page with the status 403, as [`fairing`](crate::fairing()) says. A script gets 401 and JSON.
///
/// Needs [`fairing`](crate::fairing()).
///
/// ```
/// use oauth_dance::providers;
/// use oauth_dance_rocket::{Api, Error};
///
/// #[rocket::get("/welcome")]
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

#[rocket::async_trait]
impl<'r, N: DanceName> FromRequest<'r> for Api<N> {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Error> {
        guard(request, async |visit| leaf::Api::of(&visit).await.map(Self)).await
    }
}

/// [`Api`] or [`SignedIn`], or `None` if the browser is not signed in. It derefs to the `Option`.
///
/// If a store fails, the response is the error. An `Option` would be `None` there, because Rocket makes `None` of every
/// error of a guard.
///
/// ```
/// use oauth_dance_rocket::{Maybe, SignedIn};
///
/// #[rocket::get("/")]
/// fn home(user: Maybe<SignedIn<i64>>) -> String {
///     match user.0 {
///         Some(user) => format!("Hello, user {}!", user.0),
///         None => "Hello, stranger!".to_owned(),
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maybe<T>(pub Option<T>);

impl<T> Deref for Maybe<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r, T: UserId> FromRequest<'r> for Maybe<SignedIn<T>> {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Error> {
        guard(request, async |visit| {
            Ok(Self(visit.user_as().await?.map(SignedIn)))
        })
        .await
    }
}

#[rocket::async_trait]
impl<'r, N: DanceName> FromRequest<'r> for Maybe<Api<N>> {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Error> {
        guard(request, async |visit| {
            Ok(Self(leaf::Api::of_signed_in(&visit).await?.map(Api)))
        })
        .await
    }
}

/// Rocket does not launch an application whose routes have these guards and that lacks the fairing.
macro_rules! needs_the_fairing {
    ($([$($parameters:tt)*] $Guard:ty, $name:literal;)*) => {$(
        impl<$($parameters)*> Sentinel for $Guard {
            fn abort(rocket: &Rocket<Ignite>) -> bool {
                is_missing($name, rocket)
            }
        }
    )*};
}

needs_the_fairing! {
    [] Visit, "Visit";
    [] Flashes, "Flashes";
    [N] Api<N>, "Api";
    [T: UserId] SignedIn<T>, "SignedIn";
    [T] Maybe<T>, "Maybe";
}
