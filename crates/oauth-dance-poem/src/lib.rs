//! `oauth-dance` for [poem]: routes, middleware, and extractors.
//!
//! ```no_run
//! use oauth_dance::{Dances, Key, providers};
//! use oauth_dance_poem::{Api, Error, mount};
//! use oauth_dance_reqwest::ReqwestClient;
//! use poem::{Route, Server, get, handler, listener::TcpListener};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let dances = Dances::builder("http://127.0.0.1:3000", Key::from_env("OAUTH_DANCE_KEY")?)
//!     .client(ReqwestClient::new()?)
//!     .with(providers::github().redirect_to("/welcome"))
//!     .build()?;
//! let app = mount(Route::new().at("/welcome", get(welcome)), &dances); // GET /login/github, …
//! Server::new(TcpListener::bind("127.0.0.1:3000")).run(app).await?;
//! # Ok(())
//! # }
//!
//! /// Sends a browser that is not signed in to the login, and back here afterwards.
//! #[handler]
//! async fn welcome(github: Api<providers::GitHub>) -> Result<String, Error> {
//!     let user: serde_json::Value = github.get("/user").await?.json()?;
//!     Ok(format!("Hello, {}!", user["login"].as_str().unwrap_or("you")))
//! }
//! ```
//!
//! [`mount`] adds routes and middleware in one call. For applications that compose:
//!
//! - [`routes`] adds the dances' own pages to a [`Route`](poem::Route).
//! - [`visits`] opens a [`Visit`] for every request and puts what the visit has for the browser, such as
//!   refreshed tokens, on the response. Cookies that the application sets stay.
//!
//! # Prefixes
//!
//! [`mount_at`](oauth_dance::DancesBuilder::mount_at) puts a prefix before the paths of the dances, such as
//! `/auth/login/github`. The pages compare the whole path that the browser has asked for. Inside of
//! [`nest`](poem::Route::nest) they are not found, unless the paths come out the same. Add the routes outside of it.
//!
//! # Extractors
//!
//! | argument of a handler | the handler gets |
//! |---|---|
//! | [`Api<providers::GitHub>`](Api) | the provider's API as the signed-in user; other browsers are sent to the login |
//! | [`Maybe<Api<providers::GitHub>>`](Maybe) | the same, or `None` |
//! | [`SignedIn<UserId>`](SignedIn) | the application's user; other browsers are sent to the login |
//! | [`Visit`] | the whole visit: the owner of each dance, API clients by name, flash messages |
//! | [`Flashes`] | the messages for this page, once |
//! | [`Parts`] | the head of the request, which [`Visit::sign_out`](oauth_dance::Visit::sign_out) asks for |
//!
//! `Option<Api<…>>` and `Option<SignedIn<…>>` work too. poem makes `None` of every error of an extractor, and
//! the handler then takes a store that is down for a browser that is not signed in. [`Maybe`] tells the two apart.
//!
//! # Receivers and the request
//!
//! A receiver reads what middleware outside of the dances has put into the request by
//! [`set_data`](poem::Request::set_data): `login.extension::<T>()`, where `login` is
//! [`Authorized`](oauth_dance::Authorized), [`LoggedIn`](oauth_dance::LoggedIn) or another payload. What it hands over
//! by `login.hand_over(value)` is the [`data`](poem::Response::data) of the response.
//!
//! So a receiver signs the user into a session of poem's own. The session gets a new identifier first, so that a
//! session that was planted before the login is worth nothing after it. Its cookie is `SameSite::Lax`: a browser that
//! comes back from the provider sends no `Strict` cookie.
//!
//! ```
//! use oauth_dance::{Dance, LoggedIn, OAUTH_LOGGED_IN, receiver};
//! use poem::session::{CookieConfig, MemoryStorage, ServerSession, Session};
//! use poem::web::cookie::SameSite;
//! use poem::{Endpoint, EndpointExt as _, Route};
//!
//! type Failure = Box<dyn std::error::Error + Send + Sync>;
//!
//! #[receiver(OAUTH_LOGGED_IN)]
//! fn begin_session(_: &Dance, login: &LoggedIn) -> Result<(), Failure> {
//!     let session: &Session = login.extension()?;
//!     session.renew();
//!     session.set("user", login.require_identity()?.display_name());
//!     Ok(())
//! }
//!
//! fn app(routes: Route, dances: &oauth_dance::Dances) -> impl Endpoint + use<> {
//!     let cookie = CookieConfig::default().same_site(SameSite::Lax);
//!     // The session comes last: the middleware that is added last is called first.
//!     oauth_dance_poem::mount(routes, dances).with(ServerSession::new(cookie, MemoryStorage::new()))
//! }
//! ```
//!
//! # More
//!
//! The [guide](oauth_dance::guide) has a page for
//! [users and their sessions](oauth_dance::guide::sessions), [proxies](oauth_dance::guide::proxies),
//! [tests](oauth_dance::guide::testing), [failures and logs](oauth_dance::guide::failures),
//! [JSON clients](oauth_dance::guide::json_clients), [background jobs](oauth_dance::guide::background_jobs)
//! and [production](oauth_dance::guide::production). Its examples are on axum.

mod convert;
mod error;
mod extract;
mod mount;
mod route;
mod visit;

pub use self::error::Error;
pub use self::extract::{Api, Flashes, Maybe, Parts, SignedIn, Visit};
pub use self::mount::mount;
pub use self::route::routes;
pub use self::visit::{Visits, VisitsEndpoint, visits};
pub use oauth_dance::DanceName;

/// The example of this crate's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
