//! `oauth-dance` for [Rocket](rocket): routes, a fairing, and request guards.
//!
//! ```no_run
//! use oauth_dance::{Dances, Key, providers};
//! use oauth_dance_rocket::{Api, Error, fairing, routes};
//! use oauth_dance_reqwest::ReqwestClient;
//!
//! # #[rocket::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dances = Dances::builder("http://127.0.0.1:8000", Key::from_env("OAUTH_DANCE_KEY")?)
//!     .client(ReqwestClient::new()?)
//!     .with(providers::github().redirect_to("/welcome"))
//!     .build()?;
//! let app = rocket::build()
//!     .mount("/", rocket::routes![welcome])
//!     .mount("/", routes(&dances)) // GET /login/github, POST /logout/github, …
//!     .attach(fairing(&dances));
//! app.launch().await?;
//! # Ok(())
//! # }
//!
//! /// Sends a browser that is not signed in to the login, and back here afterwards.
//! #[rocket::get("/welcome")]
//! async fn welcome(github: Api<providers::GitHub>) -> Result<String, Error> {
//!     let user: serde_json::Value = github.get("/user").await?.json()?;
//!     Ok(format!("Hello, {}!", user["login"].as_str().unwrap_or("you")))
//! }
//! ```
//!
//! - [`routes`] adds the dances' own pages.
//! - [`fairing`] opens a [`Visit`] for every request and puts what the visit has for the browser, such as
//!   refreshed tokens, on the response. Cookies that the application sets stay. Attach it last.
//!
//! # Request guards
//!
//! | argument of a handler | the handler gets |
//! |---|---|
//! | [`Api<providers::GitHub>`](Api) | the provider's API as the signed-in user; other browsers are sent to the login |
//! | [`Maybe<Api<providers::GitHub>>`](Maybe) | the same, or `None` |
//! | [`SignedIn<UserId>`](SignedIn) | the application's user; other browsers are sent to the login |
//! | [`Visit`] | the whole visit: the owner of each dance, API clients by name, flash messages |
//! | [`Flashes`] | the messages for this page, once |
//!
//! `Option<Api<…>>` and `Option<SignedIn<…>>` work too. Rocket makes `None` of every error of a guard, and
//! the handler then takes a store that is down for a browser that is not signed in. [`Maybe`] tells the two apart.
//!
//! A guard that asks for a login does not forward: a route of a lower rank is not tried. Rocket does not launch an
//! application whose routes have these guards and that lacks the fairing.
//!
//! A guard of the application's own that asks one of these hands its outcome on, so that the browser comes to the login:
//!
//! ```
//! use oauth_dance_rocket::{Error, SignedIn};
//! use rocket::http::Status;
//! use rocket::outcome::{Outcome, try_outcome};
//! use rocket::request::{self, FromRequest, Request};
//!
//! struct Admin(i64);
//!
//! #[rocket::async_trait]
//! impl<'r> FromRequest<'r> for Admin {
//!     type Error = Error;
//!
//!     async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Error> {
//!         match try_outcome!(request.guard::<SignedIn<i64>>().await) {
//!             SignedIn(user @ 1) => Outcome::Success(Self(user)),
//!             _ => Outcome::Forward(Status::Forbidden),
//!         }
//!     }
//! }
//! ```
//!
//! # Catchers
//!
//! The application's catchers make the pages of errors, such as 503 for a store that is down. The redirect to a
//! login is not theirs: a cookie that the handler has set stays on it. Rocket drops the cookies of a page that a
//! catcher replaces.
//!
//! # Receivers and the request
//!
//! [`share`] gives receivers a value of a request, and [`Routes::handed_over`] calls a hook with what a receiver has
//! handed over. The recipe for a session of the application's own is there.
//!
//! # What Rocket does before any fairing
//!
//! - Rocket gives a POST another method if its form begins with the field `_method`. The pages of the dances and the
//!   visit go by the method that the browser has sent.
//! - It waits for the first 14 bytes of every request body, without a deadline. The limits of the dances count from there.
//!   Rocket takes an error in these bytes for the end of the body. The pages of the dances refuse such a body.
//! - Header lines that are not UTF-8 are missing in the request, a line of cookies with one such byte included. The
//!   dance's responses can have none either.
//! - A request with a method that Rocket does not know is answered with 400.
//!
//! # More
//!
//! The [guide](oauth_dance::guide) has a page for
//! [users and their sessions](oauth_dance::guide::sessions), [proxies](oauth_dance::guide::proxies),
//! [tests](oauth_dance::guide::testing), [failures and logs](oauth_dance::guide::failures),
//! [JSON clients](oauth_dance::guide::json_clients), [background jobs](oauth_dance::guide::background_jobs)
//! and [production](oauth_dance::guide::production). Its examples are on axum.

mod asked;
mod convert;
mod error;
mod extract;
mod local;
mod route;
mod values;
mod visit;

pub use self::error::Error;
pub use self::extract::{Api, Flashes, Maybe, SignedIn, Visit};
pub use self::route::{Routes, routes};
pub use self::values::share;
pub use self::visit::{VisitFairing, fairing};
pub use oauth_dance::DanceName;

/// The example of this crate's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
