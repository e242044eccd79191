//! `oauth-dance` for [salvo](https://docs.rs/salvo): routes, middleware, and extractors.
//!
//! ```no_run
//! use oauth_dance::{Dances, Key, providers};
//! use oauth_dance_reqwest::ReqwestClient;
//! use oauth_dance_salvo::{Api, Error, routes, visits};
//! use salvo_core::prelude::*;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let dances = Dances::builder("http://127.0.0.1:3000", Key::from_env("OAUTH_DANCE_KEY")?)
//!     .client(ReqwestClient::new()?)
//!     .with(providers::github().redirect_to("/welcome"))
//!     .build()?;
//! let router = Router::with_path("welcome").get(welcome);
//! let router = Router::new().push(router).push(routes(&dances)); // GET /login/github, …
//! let service = Service::new(router).hoop(visits(&dances));
//! Server::new(TcpListener::new("127.0.0.1:3000").bind().await).serve(service).await;
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
//! - [`routes`] is a [`Router`](salvo_core::Router) of the dances' own pages.
//! - [`visits`] opens a [`Visit`] for every request and puts what the visit has for the browser, such as
//!   refreshed tokens, on the response. Cookies that the application sets stay. Added to the
//!   [`Service`](salvo_core::Service), it reaches every page, also those of the catcher.
//!
//! # Prefixes
//!
//! [`mount_at`](oauth_dance::DancesBuilder::mount_at) puts a prefix before the paths of the dances, such as
//! `/auth/login/github`. [`routes`] compares whole paths. It may therefore be pushed to the root, or to a router
//! whose path is that of `mount_at` or the beginning of it. Below another router the dances' pages are not found.
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
//! salvo's `#[handler]` takes an argument by its name and not by a pattern. Each of them derefs to what it holds.
//!
//! # Receivers and the request
//!
//! A receiver reads what a hoop outside of the dances has put into the extensions of the request:
//! `login.extension::<T>()`, where `login` is [`Authorized`](oauth_dance::Authorized),
//! [`LoggedIn`](oauth_dance::LoggedIn) or another payload. What it hands over by `login.hand_over(value)` is among the
//! extensions of the response. The values of a [`Depot`](salvo_core::Depot) are for handlers alone.
//!
//! So a hoop signs the user into a session of `salvo-session`, which is in the depot. The user gets another session, and
//! the one before it is deleted, so that a session that was planted before the login is worth nothing after it.
//! `Session::regenerate` does not do: the session keeps its values, and a `MemoryStore` shares them with the session of
//! the old identifier, which is then signed in as well. The store keeps sessions on the server: a copy of a session in a
//! cookie cannot be deleted. The session's cookie is `SameSite::Lax`: a browser that comes back from the provider sends
//! no `Strict` cookie.
//!
//! ```
//! use oauth_dance::{Dance, LoggedIn, OAUTH_LOGGED_IN, receiver};
//! use salvo_core::prelude::*;
//! use salvo_session::{MemoryStore, Session, SessionDepotExt as _, SessionHandler, SessionStore as _};
//!
//! /// Who has signed in.
//! #[derive(Clone)]
//! struct Newcomer(String);
//!
//! #[receiver(OAUTH_LOGGED_IN)]
//! fn welcome(_: &Dance, login: &LoggedIn) -> Result<(), oauth_dance::Missing> {
//!     let name = login.require_identity()?.display_name();
//!     login.hand_over(Newcomer(name.to_owned()));
//!     Ok(())
//! }
//!
//! struct BeginSession(MemoryStore);
//!
//! #[handler]
//! impl BeginSession {
//!     async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
//!         ctrl.call_next(req, depot, res).await;
//!         let newcomer = res.extensions.remove();
//!         let (Some(Newcomer(name)), Some(before)) = (newcomer, depot.session().cloned()) else { return };
//!         let mut session = Session::new();
//!         if let Some(end) = before.expiry() {
//!             session.set_expiry(*end);
//!         }
//!         // Values that a visitor keeps, such as a cart, are copied from `before` here, each by its name.
//!         if session.insert("user", name).is_ok() && self.0.destroy_session(before).await.is_ok() {
//!             depot.set_session(session);
//!         } else {
//!             res.render(StatusError::internal_server_error());
//!         }
//!     }
//! }
//!
//! fn service(router: Router, dances: &oauth_dance::Dances, secret: &[u8]) -> Service {
//!     let store = MemoryStore::new();
//!     let sessions = SessionHandler::builder(store.clone(), secret)
//!         .same_site_policy(salvo_core::http::cookie::SameSite::Lax)
//!         .build()
//!         .expect("a secret of at least 64 bytes");
//!     // The session comes first: it is opened before the others, and closed after them.
//!     Service::new(router).hoop(sessions).hoop(BeginSession(store)).hoop(oauth_dance_salvo::visits(dances))
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
mod route;
mod visit;

pub use self::error::Error;
pub use self::extract::{Api, Flashes, Maybe, Parts, SignedIn, Visit};
pub use self::route::routes;
pub use self::visit::{Visits, visits};
pub use oauth_dance::DanceName;

/// The example of this crate's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
