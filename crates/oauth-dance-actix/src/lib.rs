//! `oauth-dance` for [actix-web](actix_web): routes, middleware, and extractors.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use oauth_dance::{Dances, Key, providers};
//! use oauth_dance_actix::{Api, Error, routes, visits};
//! use oauth_dance_reqwest::ReqwestClient;
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dances = Dances::builder("http://127.0.0.1:3000", Key::from_env("OAUTH_DANCE_KEY")?)
//!     .client(ReqwestClient::new()?)
//!     .with(providers::github().redirect_to("/welcome"))
//!     .build()?;
//! let app = move || App::new()
//!     .configure(routes(&dances)) // GET /login/github, POST /logout/github, …
//!     .wrap(visits(&dances))
//!     .route("/welcome", web::get().to(welcome));
//! HttpServer::new(app).bind("127.0.0.1:3000")?.run().await?;
//! # Ok(())
//! # }
//!
//! /// Sends a browser that is not signed in to the login, and back here afterwards.
//! async fn welcome(github: Api<providers::GitHub>) -> Result<String, Error> {
//!     let user: serde_json::Value = github.get("/user").await?.json()?;
//!     Ok(format!("Hello, {}!", user["login"].as_str().unwrap_or("you")))
//! }
//! ```
//!
//! The dances are made once, outside of the closure: actix-web calls the closure once for each of its threads.
//!
//! - [`routes`] adds the dances' own pages.
//! - [`visits`] opens a [`Visit`] for every request and puts what the visit has for the browser, such as
//!   refreshed tokens, on the response. Cookies that the application sets stay.
//!
//! # Prefixes
//!
//! [`mount_at`](oauth_dance::DancesBuilder::mount_at) puts a prefix before the paths of the dances, such as
//! `/auth/login/github`. [`routes`] compares whole paths. It may therefore stand on the `App`, or in a
//! `web::scope` whose prefix is that of `mount_at` or the beginning of it. In another scope the dances' pages are
//! not found.
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
//! `Option<Api<…>>` and `Option<SignedIn<…>>` work too. actix-web makes `None` of every error of an extractor, and
//! the handler then takes a store that is down for a browser that is not signed in. [`Maybe`] tells the two apart.
//!
//! # Receivers and the request
//!
//! The extensions of an actix-web request are for one thread, and receivers run on any. [`share`] gives receivers
//! a value of a request, and [`handed_over`] takes what a receiver has handed over. The recipe for a session of the
//! application's own is there.
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
mod values;
mod visit;

pub use self::error::Error;
pub use self::extract::{Api, Flashes, Maybe, Parts, SignedIn, Visit};
pub use self::route::routes;
pub use self::values::{handed_over, share};
pub use self::visit::{Visits, VisitsService, visits};
pub use oauth_dance::DanceName;

/// The example of this crate's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
