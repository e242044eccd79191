//! `oauth-dance` for [warp]: routes, filters, errors as rejections and replies.
//!
//! ```no_run
//! # use hyper_util::rt::{TokioExecutor, TokioIo};
//! # use hyper_util::server::conn::auto;
//! # use hyper_util::service::TowerToHyperService;
//! # use oauth_dance::providers;
//! # use oauth_dance_warp::{Api, Error, api, routes, service};
//! # use tokio::net::TcpListener;
//! # use warp::Filter;
//! # async fn example(dances: oauth_dance::Dances) -> std::io::Result<()> {
//! let pages = warp::path!("welcome").and(api()).then(welcome);
//! let app = service(routes(&dances).or(pages), &dances); // GET /login/github, POST /logout/github, …
//! let listener = TcpListener::bind("127.0.0.1:3000").await?;
//! loop {
//!     let (stream, _) = listener.accept().await?;
//!     let app = TowerToHyperService::new(app.clone());
//!     let server = auto::Builder::new(TokioExecutor::new());
//!     tokio::spawn(async move { server.serve_connection_with_upgrades(TokioIo::new(stream), app).await });
//! }
//! # }
//!
//! /// Sends a browser that is not signed in to the login, and back here afterwards.
//! async fn welcome(github: Api<providers::GitHub>) -> Result<String, Error> {
//!     let user: serde_json::Value = github.get("/user").await?.json()?;
//!     Ok(format!("Hello, {}!", user["login"].as_str().unwrap_or("you")))
//! }
//! ```
//!
//! - [`routes`] is a filter of the dances' own pages.
//! - [`service`] takes the place of [`warp::service`]. It opens a visit for every request and puts what the visit has for
//!   the browser, such as refreshed tokens, on the response, also on that of a rejection. Cookies that the application
//!   sets stay.
//!
//! The filters of this crate work inside of [`service`] alone, and `warp::serve` serves filters without it: a page then
//! answers 500, and the log says which call to add. [`service`] has more on serving.
//!
//! # Filters
//!
//! | filter | the handler gets |
//! |---|---|
//! | [`api::<providers::GitHub>()`](api()) | the provider's [`Api`] as the signed-in user; other browsers are sent to the login |
//! | [`maybe_api::<providers::GitHub>()`](maybe_api) | the same, or `None` |
//! | [`signed_in::<UserId>()`](signed_in) | the application's user; other browsers are sent to the login |
//! | [`maybe_signed_in::<UserId>()`](maybe_signed_in) | the same, or `None` |
//! | [`visit()`](visit()) | the whole [`Visit`](oauth_dance::Visit): the owner of each dance, API clients by name, flash messages |
//! | [`flashes()`](flashes) | the messages for this page, once |
//! | [`parts()`](parts) | the request without its body |
//!
//! The path comes first, as with every filter of warp that rejects: `warp::path!("welcome").and(api())`.
//!
//! # Receivers and the request
//!
//! Receivers read what is among the extensions of the request, by `login.extension::<T>()`. Filters of warp cannot add to
//! them. Layers of tower around [`App`] can, and filters read the same values by [`warp::ext::get`]. Values of the whole
//! application are given once, by [`DancesBuilder::state`](oauth_dance::DancesBuilder::state). What a receiver hands over
//! comes out of [`routes`].
//!
//! # A session of the application's own
//!
//! warp has no sessions. Those of `tower-sessions` go around the service, so that receivers and filters read them. The
//! receiver gives the session a new identifier first, so that a session that was planted before the login is worth
//! nothing after it. Its cookie is `SameSite::Lax`: a browser that comes back from the provider sends no `Strict` cookie.
//!
//! ```
//! use oauth_dance::{Dance, Dances, LoggedIn, OAUTH_LOGGED_IN, receiver};
//! use oauth_dance_warp::{App, routes, service};
//! use tower_layer::Layer as _;
//! use tower_sessions::cookie::SameSite;
//! use tower_sessions::{MemoryStore, Session, SessionManagerLayer};
//! use warp::Filter;
//!
//! #[receiver(OAUTH_LOGGED_IN)]
//! async fn begin_session(
//!     _: &Dance,
//!     login: &LoggedIn,
//! ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//!     let session: &Session = login.extension()?;
//!     session.cycle_id().await?;
//!     session.insert("user", login.require_identity()?.display_name()).await?;
//!     Ok(())
//! }
//!
//! async fn account(session: Session) -> String {
//!     let user: Option<String> = session.get("user").await.unwrap_or_default();
//!     format!("Hello, {}!", user.as_deref().unwrap_or("stranger"))
//! }
//!
//! # fn example(dances: Dances) {
//! let pages = warp::path!("account").and(warp::ext::get()).then(account);
//! let app: App = service(routes(&dances).or(pages), &dances);
//! let sessions = SessionManagerLayer::new(MemoryStore::default()).with_same_site(SameSite::Lax);
//! let app = sessions.layer(app);
//! # }
//! ```
//!
//! # More
//!
//! The [guide](oauth_dance::guide) has a page for
//! [users and their sessions](oauth_dance::guide::sessions), [proxies](oauth_dance::guide::proxies),
//! [tests](oauth_dance::guide::testing), [failures and logs](oauth_dance::guide::failures),
//! [JSON clients](oauth_dance::guide::json_clients), [background jobs](oauth_dance::guide::background_jobs)
//! and [production](oauth_dance::guide::production). Its examples are on axum.

mod current;
mod error;
mod extract;
mod route;
mod visit;

pub use self::error::{Error, recover};
pub use self::extract::{api, flashes, maybe_api, maybe_signed_in, parts, signed_in, visit};
pub use self::route::routes;
pub use self::visit::{App, service};
pub use oauth_dance::DanceName;
pub use oauth_dance::leaf::Api;

/// The example of this crate's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
